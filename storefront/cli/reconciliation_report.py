"""Print a reconciliation: a table for a person, JSON for machines; parse a typed moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from payment_engine.bounds import printable
from payment_engine.discrepancies import Discrepancy
from payment_engine.reconciliation import Report
from payment_engine.redaction import redact_text
from storefront.core.database import db
from storefront.orders.payments import Payment

AGREE, DIFFER, INCOMPLETE = range(3)  # exit codes
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # nothing was bought here before; sums stay in range
OLD_WORDS = {"reference": "reference_number", "gateway_payment_id": "order_identifier"}
HEADINGS = ("no.", "discrepancy", "order", "identifier", "we say", "they say", "since", "now")


def exit_code(report: Report) -> int:
    """0: nothing is open; 1: something is; 2: the gateway's ledger could not be read whole."""
    if not report.complete:
        return INCOMPLETE
    return DIFFER if report.open_discrepancies else AGREE


def moment(text: str, *, end_of_day: bool = False) -> datetime:
    """An ISO moment, in UTC unless it names another offset; a date alone is its first instant,
    or its last one. ValueError for anything else, and for what lies before EARLIEST."""
    said = datetime.fromisoformat(text)
    if end_of_day and _is_date(text):
        said += timedelta(days=1, microseconds=-1)
    if said.tzinfo is None:
        said = said.replace(tzinfo=UTC)
    if said < EARLIEST:
        raise ValueError("too early")
    return said.astimezone(UTC)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def as_object(report: Report) -> dict[str, Any]:
    """Return the report for machines. Money is integer Rials, times are UTC."""
    discrepancies = [_as_object(row) for row in report.discrepancies]
    return {
        "from": report.span.since.isoformat(),
        "to": report.span.until.isoformat(),
        "complete": report.complete,
        "error": report.error,
        "counts": report.counts,
        "discrepancies": discrepancies,
        "differences": discrepancies,  # the old name, for one release
    }


def _as_object(row: Discrepancy) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind.value,
        "gateway": row.gateway,
        "order_number": _order_number(row),
        "payment_id": row.payment_id,
        "order_identifier": row.gateway_payment_id,
        "reference_number": row.reference,
        "we_say": _in_old_words(row.ours),
        "they_say": _in_old_words(row.theirs),
        "found_at": row.found_at.isoformat(),
        "last_seen_at": row.last_seen_at.isoformat(),
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "how": row.how.value if row.how else None,
    }


def _in_old_words(side: Mapping[str, Any]) -> dict[str, Any]:
    """Scripts read this report: its words stay while ours change."""
    return {OLD_WORDS.get(name, name): value for name, value in side.items()}


def as_table(report: Report) -> str:
    """Return the report for a person."""
    span = f"from {_minute(report.span.since)} to {_minute(report.span.until)} UTC"
    lines = [f"reconciliation {span}: {_counted(report.counts)}"]
    if report.error:
        lines.append(f"NOT COMPLETE: {printable(report.error)}")
    if report.discrepancies:
        lines += _columns([HEADINGS, *map(_cells, report.discrepancies)])
    elif report.complete:
        lines.append("the ledgers agree")
    return "\n".join(lines)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = [map(str.ljust, row, widths) for row in rows]
    return ["  ".join(cells).rstrip() for cells in padded]


def _cells(row: Discrepancy) -> Sequence[str]:
    """Return the cells of a row, printable: some of their texts are the gateway's."""
    cells = (
        str(row.id),
        row.kind.value,
        _order_number(row) or "-",
        row.gateway_payment_id or "-",
        _said(row.ours),
        _said(row.theirs),
        _minute(row.found_at),
        row.how.value if row.how else "open",
    )
    return tuple(map(printable, cells))


def _order_number(row: Discrepancy) -> str | None:
    payment = db.session.get(Payment, row.payment_id) if row.payment_id else None
    return payment.order_key if payment else None


def _said(side: Mapping[str, Any]) -> str:
    words = [str(side[name]) for name in ("state", "amount_rials", "currency") if name in side]
    return redact_text(" ".join(words)) or "-"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
