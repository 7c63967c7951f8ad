"""Collect what an operator must see: age of doubts, reviews, discrepancies, late jobs.

Nothing here asks a gateway or changes anything. Source of the list: rule 25 of
`docs/correctness.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload, load_only

from payment_engine import PaymentState, RefundState
from payment_engine.refund import ENDED
from payment_engine.row_queue import LISTED_AFTER
from payment_engine.sqlalchemy_tables import HAS_MANY_CALLBACKS
from payment_engine.states import FINAL, MONEY_MAY_HAVE_MOVED
from storefront.catalogue.models import Product
from storefront.core.database import db
from storefront.core.limits import current_limits
from storefront.core.services import Services
from storefront.monitoring import logins
from storefront.monitoring.runs import JOB_NAMES, last_run
from storefront.notifications import outbox
from storefront.notifications.outbox import OutboxMessage
from storefront.notifications.sms_limits import DAYS_TEXTS_USED, LIMIT_REACHED
from storefront.orders.expiry import could_not_expire
from storefront.orders.history import HistoryEntry
from storefront.orders.models import LineKind, Order, OrderLine
from storefront.orders.payments import Discrepancy, Payment, Refund, open_discrepancies
from storefront.orders.states import OrderState

# Later than a lost answer is cleared up by itself: the window, an hour of SUCCESS, and the gaps.
OLD_DOUBT = timedelta(hours=2)
LATE_NOTIFICATION = timedelta(minutes=10)
LATE_JOB = timedelta(minutes=5)
LATE_RECONCILIATION = timedelta(minutes=30)  # one that is due may take many minutes
OPEN = tuple(state for state in PaymentState if state not in FINAL)  # an index finds these
NOT_DONE = tuple(
    state for state in RefundState if state not in ENDED or state is RefundState.FAILED
)
DAY = timedelta(days=1)
# Of one product, unpaid: half of what is not sold, and more than the last pieces of a rare one.
MUCH_HELD_PIECES = 10
SLIP = timedelta(seconds=2)  # two hosts' clocks differ, and a job may end while this is read
WANT_A_PERSON = (
    *("in_review", "discrepancies", "dead_letters", "failing_payments", "failing_orders"),
    *("many_callbacks", "odd_answers", "contradictions", "left_behind"),
    *("much_held", "limits_down", "refunds", "texts_over_cap"),
)
MOST_ROWS = 100  # of each list; the numbers that matter are 0 and "some"


@dataclass(frozen=True, slots=True)
class ShopStatus:
    """How the shop is at a moment (UTC).

    ``open_payments`` counts by state, final ones left out; the ages are of the oldest, None if
    there is none, and below zero if the clock was set back since; ``left_behind`` counts open
    payments by gateways that are turned off, about which nobody can ask; ``jobs`` maps a job to how
    long ago its last run ended, None if it never ran, ``job_errors`` to what was wrong with that
    run, ``job_counts`` to what it counted; ``breakers`` are those of this very process.
    ``failing_payments`` and ``failing_orders`` raise an error at every try.
    ``many_callbacks`` counts those of an order by its number if the last one came within a day.
    ``much_held`` are products of which unpaid orders hold half of what is not sold; ``held_pieces``
    is what they hold of all products. ``failed_logins`` counts wrong passwords and tokens in a day;
    ``limits_down`` is whether this very process cannot count who repeats what.
    ``texts_over_cap`` counts text messages that wait because ``SMS_PER_DAY`` is used up.
    ``refunds`` are those that no worker ends: failed and not replaced, waiting for a person, or not
    sent for long.
    ``odd_answers`` counts a day's answers of the gateways with fields that made no sense,
    ``contradictions`` those that say otherwise than a payment has ended.
    """

    at: datetime
    open_payments: Mapping[PaymentState, int]
    oldest_doubt: timedelta | None
    in_review: Sequence[Payment]
    discrepancies: Sequence[Discrepancy]
    oldest_notification: timedelta | None
    texts_over_cap: int
    dead_letters: Sequence[OutboxMessage]
    many_callbacks: Mapping[str, int]
    odd_answers: int
    contradictions: int
    refunds: Sequence[Refund]
    left_behind: Mapping[str, int]
    failing_payments: Sequence[Payment]
    failing_orders: Sequence[Order]
    jobs: Mapping[str, timedelta | None]
    job_errors: Mapping[str, str]
    job_counts: Mapping[str, Mapping[str, int]]
    breakers: Mapping[str, str]
    much_held: Sequence[Product]
    held_pieces: int
    failed_logins: int
    limits_down: bool

    @property
    def alarms(self) -> frozenset[str]:
        """Return the names of the attributes that want a person to look."""
        late = {"oldest_doubt": (self.oldest_doubt, OLD_DOUBT)}
        late |= {"oldest_notification": (self.oldest_notification, LATE_NOTIFICATION)}
        ages = {n for n, (age, most) in late.items() if age is not None and _is_wrong(age, most)}
        found = {name for name in WANT_A_PERSON if getattr(self, name)}
        broken = {"breakers"} if "open" in self.breakers.values() else set()
        tried = {"failed_logins"} if self.failed_logins >= logins.MANY else set()
        jobs = {"jobs"} if self.late_jobs or self.job_errors else set()
        return frozenset(ages | found | broken | tried | jobs)

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
    now, runs = services.clock(), {name: last_run(name) for name in JOB_NAMES}
    return ShopStatus(
        at=now,
        open_payments=_open_payments(),
        oldest_doubt=_oldest_doubt(now),
        in_review=_in_review(),
        discrepancies=open_discrepancies(),
        oldest_notification=_oldest_news(now),
        texts_over_cap=_texts_over_the_cap(),
        dead_letters=outbox.given_up(),
        many_callbacks=_many_callbacks(now - DAY),
        odd_answers=_count_since(now - DAY, "odd_answer"),
        contradictions=_count_since(now - DAY, "contradiction"),
        refunds=refunds_for_a_person(now),
        left_behind=_left_behind(services),
        failing_payments=_failing_payments(),
        failing_orders=could_not_expire(MOST_ROWS),
        jobs={name: _age(now, run.finished_at if run else None) for name, run in runs.items()},
        job_errors={name: run.trouble for name, run in runs.items() if run and run.trouble},
        job_counts={name: run.counts for name, run in runs.items() if run},
        breakers={
            name: bulkhead.breaker.state
            for name, bulkhead in services.engine.services.bulkheads.items()
        },
        much_held=_much_held(),
        held_pieces=_held_pieces(),
        failed_logins=logins.failed_logins(),
        limits_down=current_limits().is_down,
    )


def refunds_for_a_person(now: datetime) -> Sequence[Refund]:
    """Return refunds that want a person: those that take longer than a day, and failed ones.

    A failed one counts until as much has gone back in another way, or a person has acted since.
    """
    old = Refund.state.not_in(ENDED) & (Refund.requested_at < now - DAY)
    waiting = Refund.state == RefundState.WAITING
    later = aliased(Refund)
    replaced = select(later.id).where(later.payment_id == Refund.payment_id, later.id > Refund.id)
    failed = (Refund.state == RefundState.FAILED) & ~replaced.exists()
    # An index finds the few with these states; it cannot be used for what they are not.
    query = select(Refund).where(Refund.state.in_(NOT_DONE), old | waiting | failed)
    return db.session.scalars(query.order_by(Refund.id).limit(MOST_ROWS)).all()


def _held() -> Select[Any]:
    """Return a query of what unpaid orders hold; an index on their state finds them."""
    lines = select(OrderLine).join(Order, Order.id == OrderLine.order_id)
    return lines.where(Order.state == OrderState.PLACED, OrderLine.kind == LineKind.PRODUCT)


def _held_pieces() -> int:
    return db.session.scalar(_held().with_only_columns(func.sum(OrderLine.quantity))) or 0


def _much_held() -> Sequence[Product]:
    """Return the products of which unpaid orders hold half of what is not sold, and not a few."""
    query = select(Product).where(
        Product.id.in_(_held().with_only_columns(OrderLine.product_id)),
        Product.stock_reserved >= MUCH_HELD_PIECES,
        Product.stock_reserved >= Product.stock_free,
    )
    return db.session.scalars(query.order_by(Product.id).limit(MOST_ROWS)).all()


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
    query = _listed(Payment.reference, Payment.amount_rials, Payment.created_at)
    query = query.where(Payment.state == PaymentState.NEEDS_REVIEW)
    return db.session.scalars(query).all()


def _listed(*shown: InstrumentedAttribute[Any]) -> Select[Payment]:
    """Select payments with what is shown of them and no more: the rest of a row may be damaged."""
    order = joinedload(Payment.order, innerjoin=True).load_only(Order.number, Order.token)
    query = select(Payment).options(load_only(Payment.order_key, *shown), order)
    return query.order_by(Payment.id).limit(MOST_ROWS)


def _oldest_news(now: datetime) -> timedelta | None:
    """Return the age of the oldest message that waits for something else than a limit of ours."""
    limited = func.coalesce(OutboxMessage.last_error, "").startswith(LIMIT_REACHED)
    waits = OutboxMessage.next_try_at.is_not(None) & ~limited
    return _oldest(now, OutboxMessage.created_at, waits)


def _texts_over_the_cap() -> int:
    query = (
        select(func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.next_try_at.is_not(None), OutboxMessage.last_error == DAYS_TEXTS_USED)
    )
    return db.session.scalar(query) or 0


def _many_callbacks(since: datetime) -> dict[str, int]:
    """Return callbacks by order number, the most first, of payments that saw suspiciously many.

    Those of which one came since; an index holds no others.
    """
    # An expression: to group by its index SQLite would read all payments that ever were.
    number, count = (Payment.order_key + "").label("number"), func.sum(Payment.callbacks_seen)
    many = (
        select(number, count)
        .where(text(HAS_MANY_CALLBACKS), Payment.last_callback_at >= since)
        .group_by(number)
        .order_by(count.desc())
        .limit(MOST_ROWS)
    )
    return dict(db.session.execute(many).all())


def _count_since(since: datetime, event: str) -> int:
    query = select(func.count()).select_from(HistoryEntry)
    query = query.where(HistoryEntry.event == event, HistoryEntry.at >= since)
    return db.session.scalar(query) or 0


def _failing_payments() -> Sequence[Payment]:
    """Return open payments for which recovery, or a hook, has failed several times in a row."""
    query = _listed(Payment.failures, Payment.last_failure)
    query = query.where(Payment.state.in_(OPEN), Payment.failures >= LISTED_AFTER)
    return db.session.scalars(query).all()


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
