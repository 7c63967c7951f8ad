"""Do our book and the gateway's book agree? Each difference becomes a row, never a log line.

What is not final yet is mended through the same `complete_payment` as ever. What contradicts a
final state waits for a person beside it: nothing final moves, not even for the audit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from storefront.core.database import db, end_reading, transaction
from storefront.orders.history import Actor, JournalEntry
from storefront.payments import differences
from storefront.payments.comparison import Span
from storefront.payments.differences import AuditRun, Closing, Difference
from storefront.payments.findings import tell
from storefront.payments.services import Till
from storefront.payments.two_books import TwoBooks

FIRST_SPAN = timedelta(days=3)  # when nothing was audited before
OVERLAP = timedelta(days=1)  # what was too young to be judged last time, and late changes of mind
EVERY = timedelta(days=1)
CALM = timedelta(minutes=10)  # so long without trouble, and an outage is over
TROUBLE = ("payment_in_doubt", "list_not_read")  # the journal's words for a gateway not understood

Tally = dict[str, int]


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit found. ``differences``: all that are open, and those it mended or closed.

    Not ``complete``: the list, or some payment, could not be read; ``error`` says what.
    """

    span: Span
    complete: bool
    error: str | None
    counts: Tally
    differences: Sequence[Difference]

    @property
    def open_differences(self) -> list[Difference]:
        """Those that wait for a person."""
        return [row for row in self.differences if row.is_open]


def run_once(till: Till, span: Span | None = None) -> Report:
    """Compare both books in a span: by default from where the last complete audit ended, to now.

    May be run by anyone at any time. Never raises for what the gateway does.
    """
    started, follows_on = till.clock(), span is None
    span = span or _next_span(started)
    books = [TwoBooks(till, name, span) for name in till.gateways]
    errors = [error for pair in books if (error := pair.compare())]
    counts = sum((pair.counts for pair in books), Counter[str]())
    found = differences.shown(set().union(*(pair.touched for pair in books)))
    end_reading()
    report = Report(
        span=span,
        complete=not errors,
        error="; ".join(errors) or None,
        counts={**counts, "open": sum(row.is_open for row in found)},
        differences=found,
    )
    _store(till, report, started, follows_on=follows_on)
    return report


def span_between(now: datetime, since: datetime | None, until: datetime | None) -> Span | None:
    """The span that somebody named, up to now at most; None if they named nothing.

    ValueError if it would begin after its end.
    """
    if since is None and until is None:
        return None
    until = min(until or now, now)
    since = since or until - FIRST_SPAN
    if since > until:
        raise ValueError(f"nothing lies between {since.isoformat()} and {until.isoformat()}")
    return Span(since, until)


def _next_span(now: datetime) -> Span:
    last = differences.last_run(complete=True)
    end_reading()
    return Span(min(last.until, now) - OVERLAP if last else now - FIRST_SPAN, now)


def _store(till: Till, report: Report, started: datetime, *, follows_on: bool) -> None:
    with transaction():
        db.session.add(
            AuditRun(
                since=report.span.since,
                until=report.span.until,
                follows_on=follows_on,
                started_at=started,
                finished_at=till.clock(),
                complete=report.complete,
                counts=report.counts,
                error=report.error[:200] if report.error else None,
            )
        )


def run_when_due(till: Till) -> Tally:
    """Audit once a day, again when the last audit could not be finished, and after an outage."""
    last, now = differences.last_run(), till.clock()
    due = last is None or _is_due(last, now)
    end_reading()
    if not due:
        return {}
    report = run_once(till)
    return {**report.counts, "incomplete": int(not report.complete)}


def _is_due(last: AuditRun, now: datetime) -> bool:
    age = now - last.started_at
    if age < timedelta():  # the clock was set back: nobody knows how long ago that was
        return True
    return age >= EVERY or (age >= CALM and (not last.complete or _outage_is_over(last, now)))


def _outage_is_over(last: AuditRun, now: datetime) -> bool:
    """Whether the gateway was in trouble after the last audit began, and is no longer."""
    trouble = (
        select(JournalEntry.at)
        .where(JournalEntry.event.in_(TROUBLE), JournalEntry.at >= last.started_at)
        .order_by(JournalEntry.at.desc())
        .limit(1)
    )
    latest = db.session.scalar(trouble)
    return latest is not None and now - latest >= CALM


def decide(till: Till, difference_id: int, reason: str) -> Difference:
    """A person puts a difference away for a reason. Raises LookupError if none is open there."""
    now = till.clock()
    with transaction():
        row = db.session.get(Difference, difference_id, with_for_update=True)
        if row is None or not row.is_open:
            raise LookupError(difference_id)
        row.close(now, Closing.DECIDED, reason)
        tell(row, now, Actor.MERCHANT, reason=reason)
    return row
