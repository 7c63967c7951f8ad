"""What a run of chaos shows: a table with a column for each database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from drills import faults

if TYPE_CHECKING:
    from drills.chaos import Outcome

COLUMN = 26
Line = tuple[str, str]


def as_table(outcomes: Mapping[str, Outcome]) -> str:
    """Every figure, a row each; a broken promise is marked."""
    columns = [dict(_lines(outcome)) for outcome in outcomes.values()]
    names = list(dict.fromkeys(name for column in columns for name in column))
    width = max(map(len, names))
    head = " " * width + "".join(f"{name:>{COLUMN}}" for name in outcomes)
    return "\n".join([head, *(_row(name, width, columns) for name in names)])


def _row(name: str, width: int, columns: Iterable[Mapping[str, str]]) -> str:
    return name.ljust(width) + "".join(f"{column.get(name, '0'):>{COLUMN}}" for column in columns)


def _lines(outcome: Outcome) -> Iterator[Line]:
    books, verdict = outcome.books, outcome.verdict
    yield "shoppers' visits", str(outcome.visits)
    yield from _counted("orders", Counter(row["state"] for row in books.orders))
    yield from _counted("payments", Counter(row["state"] for row in books.ours))
    yield from _counted("kills", outcome.kills)
    yield "faults", faults.share(outcome.statistics)
    yield from _counted("faults", faults.by_kind(outcome.statistics), total=False)
    yield from _counted("money went home", verdict.home)
    yield "seconds until all was at rest", f"{outcome.drained_in:.0f}"
    yield "tracebacks in the logs", str(outcome.tracebacks)
    yield "these must all be 0:", ""
    for promise, rows in verdict.wrong.items():
        yield f"  {promise}", f"{len(rows)}{' <<<' if rows else ''}"


def _counted(what: str, counts: Mapping[str, int], *, total: bool = True) -> Iterator[Line]:
    if total:
        yield what, str(sum(counts.values()))
    for name, count in sorted(counts.items()):
        yield f"  {what}: {name}", str(count)
