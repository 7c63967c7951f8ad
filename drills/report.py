"""What a run of chaos shows: tables with a column for each storm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING

from drills import faults
from drills.kill_positions import JOURNEY
from drills.readings import MEANINGS, Period

if TYPE_CHECKING:
    from drills.chaos import Outcome

COLUMN = 28
Line = tuple[str, str]
Outcomes = Mapping[str, "Outcome"]


def as_tables(outcomes: Outcomes) -> str:
    """Every figure, a row each, a broken promise marked; then what kills cut, and the periods."""
    tables = [
        _table("", outcomes, _figures),
        _table("in the middle of which step kills fell", outcomes, _cut),
        _table(f"{' '.join(MEANINGS)}:  orders begun, kills, broken", outcomes, _by_reading),
    ]
    return "\n\n".join(table for table in tables if table)


def _table(head: str, outcomes: Outcomes, lines: Callable[[Outcome], Iterator[Line]]) -> str:
    columns = [dict(lines(outcome)) for outcome in outcomes.values()]
    names = list(dict.fromkeys(name for column in columns for name in column))
    width = max(map(len, [head, *names]))
    first = head.ljust(width) + "".join(f"{name:>{COLUMN}}" for name in outcomes)
    return "\n".join([first, *(_row(name, width, columns) for name in names)]) if names else ""


def _row(name: str, width: int, columns: Sequence[Mapping[str, str]]) -> str:
    return name.ljust(width) + "".join(f"{column.get(name, ''):>{COLUMN}}" for column in columns)


def _figures(outcome: Outcome) -> Iterator[Line]:
    ledgers, verdict = outcome.ledgers, outcome.verdict
    yield "shoppers' visits", str(outcome.visits)
    yield from _counted("orders", Counter(row["state"] for row in ledgers.orders))
    yield from _counted(
        "payments", Counter(f"{row['gateway']}, {row['state']}" for row in ledgers.ours)
    )
    yield from _counted(
        "refunds", Counter(f"{row['method']}, {row['state']}" for row in ledgers.refunds)
    )
    automatic = sum(bool(row["automatic"]) for row in ledgers.refunds)
    yield "  refunds: of what the order could not keep", str(automatic)
    yield from _counted("kills", Counter(kill.victim for kill in outcome.kills))
    yield from _failovers(outcome)
    yield "faults", faults.share(outcome.statistics)
    yield from _counted("faults", faults.by_kind(outcome.statistics), total=False)
    yield from _counted("money was returned", verdict.home)
    yield from _counted("letters", ledgers.letters)
    yield "seconds until all was at rest", f"{outcome.drained_in:.0f}"
    yield "tracebacks in the logs", str(outcome.tracebacks)
    yield "these must all be 0:", ""
    for promise, rows in verdict.wrong.items():
        yield f"  {promise}", f"{len(rows)}{' <<<' if rows else ''}"


def _failovers(outcome: Outcome) -> Iterator[Line]:
    if not outcome.failovers:
        return
    yield from _counted("failovers", Counter(each.how for each in outcome.failovers))
    closed = [each.closed for each in outcome.failovers]
    yield "  seconds until another server took writes", _middle_and_most(closed)
    seconds = [each.seconds for each in outcome.failovers]
    yield "  seconds until commits went through again", _middle_and_most(seconds)
    yield "shown to shoppers: orders, states, payments", str(outcome.shown)


def _middle_and_most(seconds: Sequence[float]) -> str:
    return f"{median(seconds):.0f}, at most {max(seconds):.0f}"


def _counted(what: str, counts: Mapping[str, int], *, total: bool = True) -> Iterator[Line]:
    if total:
        yield what, str(sum(counts.values()))
    for name, count in sorted(counts.items()):
        yield f"  {what}: {name}", str(count)


def _cut(outcome: Outcome) -> Iterator[Line]:
    """How many threads the kills caught between which two steps, in the order of the journey."""
    caught = Counter(step for kill in outcome.kills for step in kill.cut)
    for step in JOURNEY:
        yield f"  {step}", str(caught[step])
    yield "  kills that caught somebody at it", str(sum(bool(kill.cut) for kill in outcome.kills))


def _by_reading(outcome: Outcome) -> Iterator[Line]:
    """An order of several periods was begun in one; what is wrong with it counts in all."""
    if len(outcome.periods) == 1:
        return
    for period in outcome.periods:
        yield (
            "  " + " ".join(map(str, period.reading.values())),
            ", ".join(_of_period(outcome, period)),
        )


def _of_period(outcome: Outcome, period: Period) -> Iterator[str]:
    begun = sum(period.since <= since < period.until for since, _ in outcome.ledgers.lives.values())
    kills = sum(period.since <= kill.at < period.until for kill in outcome.kills)
    things = [thing for rows in outcome.verdict.wrong.values() for thing in rows]
    lives = [life for life in map(outcome.ledgers.life_of, things) if life]
    yield from map(str, (begun, kills, sum(period.overlaps(*life) for life in lives)))
