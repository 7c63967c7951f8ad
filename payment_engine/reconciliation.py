"""Reconcile the gateways' ledgers with ours; save every discrepancy as a row.

A payment that is not final is completed as usual. What contradicts a final state waits for a
person: reconciliation never moves a payment that is final.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from payment_engine.comparison import Span
from payment_engine.discrepancies import Discrepancy, ReconciliationRun
from payment_engine.events import Event
from payment_engine.ledgers import LedgerComparison
from payment_engine.row_queue import Tally
from payment_engine.services import Services

FIRST_SPAN = timedelta(days=3)  #: when nothing was reconciled before
OVERLAP = timedelta(days=1)  #: what was too young to be judged last time, and late changes
EVERY = timedelta(days=1)
CALM = timedelta(minutes=10)  #: so long without trouble, and an outage is over
TROUBLE = (Event.IN_DOUBT, Event.LIST_NOT_READ)  #: a gateway that was not understood


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what a reconciliation found.

    Attributes:
        span: what was reconciled.
        complete: False if the gateway's list, or some payment, could not be read.
        error: what could not be read, None if it is complete.
        counts: by name: payments met "there" and "here", those "asked" about, those there that are
            "foreign" by the policy's prefix, and discrepancies "found", "mended" and "closed".
        discrepancies: all open ones, and those that this run touched.
    """

    span: Span
    complete: bool
    error: str | None
    counts: Tally
    discrepancies: Sequence[Discrepancy]

    @property
    def open_discrepancies(self) -> list[Discrepancy]:
        """Return those that wait for a person."""
        return [row for row in self.discrepancies if row.is_open]


def run_once(services: Services, span: Span | None = None) -> Report:
    """Compare the ledgers in a span: by default from where the last complete run ended, to now.

    May be run by anyone at any time. Never raises for what a gateway does.
    """
    services.store.check_idle()
    started, follows_on = services.clock(), span is None
    span = span or _next_span(services, started)
    compared = [LedgerComparison(services, name, span) for name in services.gateways]
    errors = [error for each in compared if (error := each.compare())]
    counts = sum((each.counts for each in compared), Counter[str]())
    with services.store.reading() as work:
        found = work.open_discrepancies(set().union(*(each.touched for each in compared)))
    report = Report(
        span=span,
        complete=not errors,
        error="; ".join(errors) or None,
        counts={**counts, "open": sum(row.is_open for row in found)},
        discrepancies=found,
    )
    _keep(services, report, started, follows_on=follows_on)
    return report


def span_between(now: datetime, since: datetime | None, until: datetime | None) -> Span | None:
    """Return the span that somebody named, up to now at most; None if they named nothing.

    Raises ValueError if it would begin after its end.
    """
    if since is None and until is None:
        return None
    until = min(until or now, now)
    since = since or until - FIRST_SPAN
    if since > until:
        raise ValueError(f"nothing lies between {since.isoformat()} and {until.isoformat()}")
    return Span(since, until)


def _next_span(services: Services, now: datetime) -> Span:
    with services.store.reading() as work:
        last = work.last_run(complete=True)
    return Span(min(last.until, now) - OVERLAP if last else now - FIRST_SPAN, now)


def _keep(services: Services, report: Report, started: datetime, *, follows_on: bool) -> None:
    with services.store.transaction() as work:
        work.add_run(
            ReconciliationRun(
                since=report.span.since,
                until=report.span.until,
                follows_on=follows_on,
                started_at=started,
                finished_at=services.clock(),
                complete=report.complete,
                counts=report.counts,
                error=report.error[:200] if report.error else None,
            )
        )


def run_when_due(services: Services) -> Tally:
    """Reconcile once a day, again after a run that was not complete, and after an outage."""
    now = services.clock()
    with services.store.reading() as work:
        last = work.last_run(complete=False)
        trouble_at = work.latest(TROUBLE, last.started_at) if last else None
    if last is not None and not _is_due(last, trouble_at, now):
        return {}
    report = run_once(services)
    return {**report.counts, "incomplete": int(not report.complete)}


def _is_due(last: ReconciliationRun, trouble_at: datetime | None, now: datetime) -> bool:
    age = now - last.started_at
    if age < timedelta():  # the clock was set back: nobody knows how long ago that was
        return True
    outage_is_over = trouble_at is not None and now - trouble_at >= CALM
    return age >= EVERY or (age >= CALM and (not last.complete or outage_is_over))
