"""Collect what an operator must see: age of doubts, reviews, discrepancies, late jobs.

Nothing here asks a gateway or changes anything. Source of the list: rule 25 of
`docs/correctness.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from payment_engine import PaymentState
from payment_engine.states import FINAL, MONEY_MAY_HAVE_MOVED
from storefront.core.database import db
from storefront.core.services import Services
from storefront.notifications import outbox
from storefront.notifications.outbox import OutboxMessage
from storefront.orders.history import HistoryEntry
from storefront.orders.payments import Discrepancy, Payment, open_discrepancies
from storefront.worker.jobs import JOBS, WorkerRun

# Later than a lost answer is cleared up by itself: the window, an hour of SUCCESS, and the gaps.
OLD_DOUBT = timedelta(hours=2)
LATE_NOTIFICATION = timedelta(minutes=10)
LATE_JOB = timedelta(minutes=5)
LATE_RECONCILIATION = timedelta(minutes=30)  # it checks every ten minutes whether one is due
OPEN = tuple(state for state in PaymentState if state not in FINAL)  # an index finds these
MANY_CALLBACKS = 5  # for one order in a day: somebody is trying
DAY = timedelta(days=1)
SLIP = timedelta(seconds=2)  # two hosts' clocks differ, and a job may end while this is read
WANT_A_PERSON = (
    *("in_review", "discrepancies", "dead_letters"),
    *("many_callbacks", "odd_answers", "contradictions", "left_behind"),
)
MOST_ROWS = 100  # of each list; the numbers that matter are 0 and "some"


@dataclass(frozen=True, slots=True)
class ShopStatus:
    """How the shop is at a moment (UTC).

    ``open_payments`` counts by state, final ones left out; the ages are of the oldest, None if
    there is none, and below zero if the clock was set back since; ``left_behind`` counts open
    payments by gateways that are turned off, about which nobody can ask; ``jobs`` maps a job to how
    long ago its last run ended, None if it never ran; ``breakers`` are those of this very process.
    ``odd_answers`` counts a day's answers of the gateways with fields that made no sense,
    ``contradictions`` those that say otherwise than a payment has ended.
    """

    at: datetime
    open_payments: Mapping[PaymentState, int]
    oldest_doubt: timedelta | None
    in_review: Sequence[Payment]
    discrepancies: Sequence[Discrepancy]
    oldest_notification: timedelta | None
    dead_letters: Sequence[OutboxMessage]
    many_callbacks: Mapping[str, int]
    odd_answers: int
    contradictions: int
    left_behind: Mapping[str, int]
    jobs: Mapping[str, timedelta | None]
    breakers: Mapping[str, str]

    @property
    def alarms(self) -> frozenset[str]:
        """Return the names of the attributes that want a person to look."""
        late = {"oldest_doubt": (self.oldest_doubt, OLD_DOUBT)}
        late |= {"oldest_notification": (self.oldest_notification, LATE_NOTIFICATION)}
        ages = {n for n, (age, most) in late.items() if age is not None and _is_wrong(age, most)}
        found = {name for name in WANT_A_PERSON if getattr(self, name)}
        broken = {"breakers"} if "open" in self.breakers.values() else set()
        return frozenset(ages | found | broken | ({"jobs"} if self.late_jobs else set()))

    @property
    def late_jobs(self) -> frozenset[str]:
        """Return the jobs of the worker whose last run is too long ago, or in the future."""
        return frozenset(
            name for name, age in self.jobs.items() if age is None or _is_wrong(age, _most(name))
        )


def _is_wrong(age: timedelta, most: timedelta) -> bool:
    """Return whether an age is too high, or says nothing because the clock was set back."""
    return not timedelta() <= age <= most


def _most(job: str) -> timedelta:
    return LATE_RECONCILIATION if job == "reconcile" else LATE_JOB


def shop_status(services: Services) -> ShopStatus:
    """Read everything, in queries that an index answers."""
    now = services.clock()
    return ShopStatus(
        at=now,
        open_payments=_open_payments(),
        oldest_doubt=_oldest_doubt(now),
        in_review=_in_review(),
        discrepancies=open_discrepancies(),
        oldest_notification=_oldest_news(now),
        dead_letters=outbox.given_up(),
        many_callbacks=_many_callbacks(now - DAY),
        odd_answers=_count_since(now - DAY, "odd_answer"),
        contradictions=_count_since(now - DAY, "contradiction"),
        left_behind=_left_behind(services),
        jobs={name: _age(now, _last_run(name)) for name in JOBS},
        breakers={
            name: bulkhead.breaker.state
            for name, bulkhead in services.engine.services.bulkheads.items()
        },
    )


def _open_payments() -> dict[PaymentState, int]:
    query = select(Payment.state, func.count()).where(Payment.state.in_(OPEN))
    return dict(db.session.execute(query.group_by(Payment.state)).all())


def _left_behind(services: Services) -> dict[str, int]:
    query = select(Payment.gateway, func.count()).where(Payment.state.in_(OPEN))
    query = query.where(Payment.gateway.not_in(services.engine.gateways)).group_by(Payment.gateway)
    return dict(db.session.execute(query).all())


def _oldest_doubt(now: datetime) -> timedelta | None:
    return _oldest(now, Payment.in_doubt_since, Payment.state.in_(MONEY_MAY_HAVE_MOVED))


def _in_review() -> Sequence[Payment]:
    query = select(Payment).where(Payment.state == PaymentState.NEEDS_REVIEW)
    return db.session.scalars(query.order_by(Payment.id).limit(MOST_ROWS)).all()


def _oldest_news(now: datetime) -> timedelta | None:
    return _oldest(now, OutboxMessage.created_at, OutboxMessage.next_try_at.is_not(None))


def _many_callbacks(since: datetime) -> dict[str, int]:
    """Callbacks by order number, of the orders that saw suspiciously many."""
    many = (
        select(HistoryEntry.order_key, func.count().label("count"))
        .where(HistoryEntry.event == "callback", HistoryEntry.at >= since)
        .group_by(HistoryEntry.order_key)
        .having(func.count() > MANY_CALLBACKS)
        .limit(MOST_ROWS)
    )
    return dict(db.session.execute(many).all())


def _count_since(since: datetime, event: str) -> int:
    query = select(func.count()).select_from(HistoryEntry)
    query = query.where(HistoryEntry.event == event, HistoryEntry.at >= since)
    return db.session.scalar(query) or 0


def _last_run(job: str) -> datetime | None:
    """Return when the run that was written last ended.

    By their times, runs from before the clock was set back would hide the later ones.
    """
    # An expression: by its index SQLite would sort all runs of the job to find the last one.
    query = select(WorkerRun.finished_at).where((WorkerRun.job + "") == job)
    return db.session.scalar(query.order_by(WorkerRun.id.desc()).limit(1))


def _oldest(
    now: datetime,
    moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    those: ColumnElement[bool],
) -> timedelta | None:
    """Return the greatest age, or one below zero if there is any: it would hide behind the rest."""
    first, last = (db.session.scalar(select(f(moment)).where(those)) for f in (func.min, func.max))
    return _age(now, last if last and last > now + SLIP else first)


def _age(now: datetime, moment: datetime | None) -> timedelta | None:
    if moment is None:
        return None
    age = now - moment
    return timedelta() if -SLIP <= age < timedelta() else age
