"""The report of a run: Markdown for a person, JSON for programs, a few lines for the terminal."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from tests.conformance.judging import Line, Verdict
from tests.conformance.run import Outcome

HEADS: dict[str, Callable[[Line], bool]] = {
    "Different from the documents": lambda line: line.verdict is Verdict.DIFFERENT,
    "Open points that this gateway reads otherwise": lambda line: _is_otherwise(line),
    "As the documents say": lambda line: line.verdict is Verdict.AGREED,
    "Open points that it reads as expected": lambda line: (
        line.verdict is Verdict.READS and line.usual
    ),
    "Not seen": lambda line: line.verdict is Verdict.NOT_SEEN,
}


def counts(outcome: Outcome) -> dict[str, int]:
    """How many rows have each verdict."""
    counted = Counter(line.verdict for line in outcome.lines)
    return {str(verdict): counted[verdict] for verdict in Verdict}


def summary(outcome: Outcome) -> str:
    """What a person reads at the end of a run."""
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts(outcome).items())
    lines = [f"{told} ({outcome.calls} calls in {outcome.seconds:.0f} seconds)"]
    lines += [
        f"{each.verdict}: {each.section}, {each.row}: {each.detail}"
        for each in outcome.lines
        if each.verdict is Verdict.DIFFERENT or _is_otherwise(each)
    ]
    return "\n".join([*lines, *([outcome.stopped] if outcome.stopped else []), made(outcome)])


def _is_otherwise(line: Line) -> bool:
    return line.verdict is Verdict.READS and not line.usual


def made(outcome: Outcome) -> str:
    """Which orders there are now."""
    if not outcome.created:
        return "No order was made."
    unexpected = "" if outcome.may_order else " although none was to be made"
    listed = ", ".join(outcome.created)
    return f"Unpaid orders that were made{unexpected}, and will expire: {listed}"


def write(outcome: Outcome, stem: Path, at: datetime) -> tuple[Path, Path]:
    """Write both files beside each other; return their paths."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    files = stem.with_name(f"{stem.name}.md"), stem.with_name(f"{stem.name}.json")
    files[0].write_text(as_markdown(outcome, at), "utf-8")
    said = json.dumps(as_object(outcome, at), ensure_ascii=False, indent=1)
    files[1].write_text(f"{said}\n", "utf-8")
    return files


def as_object(outcome: Outcome, at: datetime) -> dict[str, object]:
    """The report for programs."""
    return {
        "gateway": outcome.gateway,
        "base_url": outcome.base_url,
        "at": at.isoformat(timespec="seconds"),
        "orders_allowed": outcome.may_order,
        "calls": outcome.calls,
        "seconds": round(outcome.seconds, 1),
        "stopped": outcome.stopped or None,
        "counts": counts(outcome),
        "created": outcome.created,
        "rows": [asdict(line) for line in outcome.lines],
    }


def as_markdown(outcome: Outcome, at: datetime) -> str:
    """The report for a person: first what differs, last what was not sent."""
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts(outcome).items())
    parts = [
        f"# Conformance of {outcome.gateway} at {plain(outcome.base_url)}",
        f"{at.isoformat(timespec='seconds')}: {outcome.calls} calls in {outcome.seconds:.0f} s."
        f" {'With' if outcome.may_order else 'Without'} leave to make orders.",
        f"{told}.",
        plain(outcome.stopped),
        plain(made(outcome)),
    ]
    for title, belongs in HEADS.items():
        lines = [line for line in outcome.lines if belongs(line)]
        parts += [f"## {title} ({len(lines)})", _table(lines)] if lines else []
    return "\n\n".join([*filter(None, parts), *_not_sent(outcome.lines)]) + "\n"


def _table(lines: Iterable[Line]) -> str:
    rows = [("Section", "Row", "Expected", "What came", "Open point")]
    rows += [("---",) * 5]
    rows += [_cells(line) for line in lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(line: Line) -> tuple[str, str, str, str, str]:
    came = f"reads it as {line.detail}" if line.verdict is Verdict.READS else line.detail
    said = (line.section, line.row, line.expected, came, line.reading)
    first, second, third, fourth, fifth = map(plain, said)
    return first, second, third, fourth, fifth


def _not_sent(lines: Iterable[Line]) -> list[str]:
    left_out = [line for line in lines if line.verdict is Verdict.NOT_SENT]
    if not left_out:
        return []
    reasons = Counter(line.detail for line in left_out)
    told = [f"- {count}: {plain(why)}" for why, count in reasons.most_common()]
    return [f"## Not sent ({len(left_out)})", "\n".join(told), "The JSON file names each row."]


def plain(text: str) -> str:
    """The text as Markdown shows it, whatever a gateway has written: no table, link or HTML."""
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", text.replace("\n", " "))
