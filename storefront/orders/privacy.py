"""Erase an order's personal data: after the retention period, or when its owner asks for it.

What accounting needs stays: number, lines, amounts, dates, and the payments with the gateway's
numbers. Nothing that is still being settled is touched. `docs/privacy.md` has the policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select, update

from payment_engine import Actor, PaymentState
from payment_engine import Payment as EnginePayment
from payment_engine.row_queue import FAILED, Tally, process_due
from payment_engine.states import FINAL
from storefront.core import availability
from storefront.core.clock import SKEW
from storefront.core.database import db, end_reading, transaction
from storefront.core.services import Services
from storefront.orders import history, notes, order_words
from storefront.orders import models as orders
from storefront.orders.models import Order
from storefront.orders.payments import Discrepancy, Payment
from storefront.orders.states import OrderState

OPEN = tuple(state for state in PaymentState if state not in FINAL)  # an index finds these
NEXT_TRY = timedelta(hours=1)  # after an order whose data could not be erased

PERSONAL: Mapping[str, str | None] = {  # columns of an order, and what they hold once it is erased
    "full_name": "",
    "mobile": "",
    "address": "",
    "postal_code": "",
    "province": None,
    "city": None,
    "email": None,
    "national_code": None,
    "note": None,
}


class Outcome(StrEnum):
    """What became of an attempt to erase: done, or why the data is kept."""

    ERASED = "erased"
    ERASED_BEFORE = "erased_before"
    NOT_ENDED = "not_ended"  # it can be paid, or a payment of it is open or in review
    NOT_SENT = "not_sent"  # paid: the parcel needs its address
    DISCREPANCY = "discrepancy"  # the ledgers differ about a payment of it: somebody looks into it


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """How long personal data is kept: ``unpaid`` from placing an order, ``paid`` from paying it."""

    unpaid: timedelta
    paid: timedelta

    def ends_at(self, order: Order) -> datetime:
        """Return when the worker erases an order's personal data, if it is settled by then."""
        return order.paid_at + self.paid if order.paid_at else order.created_at + self.unpaid


def policy_from(config: Mapping[str, Any]) -> RetentionPolicy:
    """Return the policy that an application's checked settings describe."""
    unpaid, paid = (config[f"ERASE_{kind}_AFTER_DAYS"] for kind in ("UNPAID", "PAID"))
    return RetentionPolicy(timedelta(days=unpaid), timedelta(days=paid))


def held_about(mobile: str) -> Sequence[Order]:
    """Return the orders placed with a mobile number (``09`` and nine digits), oldest first."""
    query = select(Order).where(Order.mobile == mobile).order_by(Order.created_at, Order.id)
    return db.session.scalars(query).all()


def erase_due(services: Services, policy: RetentionPolicy) -> Tally:
    """Erase what has been kept long enough; count orders by what became of them.

    Each order is a transaction of its own. One that cannot be erased is tried again after
    :data:`NEXT_TRY`.
    """
    return process_due(_KeptLongEnough(services, policy), services.steady)


class _KeptLongEnough:
    """The settled orders whose retention period is over, as a queue."""

    name = "erasure"

    def __init__(self, services: Services, policy: RetentionPolicy) -> None:
        self._services, self._policy = services, policy

    def claim(self) -> int | None:
        now = self._services.clock()
        with transaction():
            for query in _due(now, self._policy):
                order_id = db.session.scalar(query.limit(1).with_for_update(skip_locked=True))
                if order_id is not None:
                    put_off = update(Order).where(Order.id == order_id)
                    db.session.connection().execute(put_off.values(erasure_tried_at=now))
                    return order_id
        return None

    def process(self, order_id: int) -> str:
        number = db.session.scalars(select(Order.number).where(Order.id == order_id)).one()
        end_reading()
        return f"orders_{erase(self._services, number, actor=Actor.WORKER)}"

    def set_aside(self, _order_id: int, _error: Exception) -> str:
        db.session.rollback()  # the claim has put it off already
        return FAILED

    def is_temporary(self, error: Exception) -> bool:
        return availability.is_temporary(error)


def _due(now: datetime, policy: RetentionPolicy) -> tuple[Select[int], Select[int]]:
    # Not "in its two ends": SQLite would take an index of all that ever expired.
    unpaid = (Order.paid_at.is_(None), Order.state != OrderState.PLACED)
    return (
        _settled(now, Order.created_at < now - policy.unpaid, *unpaid).order_by(Order.created_at),
        _settled(now, Order.paid_at < now - policy.paid).order_by(Order.paid_at),
    )


def _settled(now: datetime, *conditions: ColumnElement[bool]) -> Select[int]:
    """Leave out what is kept and what was just tried, so that neither is claimed each time."""
    tried_at = Order.erasure_tried_at
    may_be_tried = or_(tried_at.is_(None), tried_at < now - NEXT_TRY, tried_at > now + SKEW)
    of_it = Payment.order_key == Order.number
    is_open = exists().where(of_it, Payment.state.in_(OPEN))
    query = select(Order.id).where(Order.erased_at.is_(None), *conditions, may_be_tried)
    return query.where(~is_open, ~exists().where(of_it, _is_disputed(Payment.id)))


def _is_disputed(payment_id: Any) -> ColumnElement[bool]:
    return exists().where(Discrepancy.payment_id == payment_id, Discrepancy.closed_at.is_(None))


def erase(services: Services, number: str, *, actor: Actor) -> Outcome:
    """Empty an order's personal data for good, unless something about it is not settled.

    An operator erases for somebody who asks, perhaps before the parcel was sent: then it is kept.
    """
    now = services.clock()
    with services.engine.locked(number) as locked:
        order = orders.locked(number)
        outcome = _outcome(order, locked.payments, actor)
        if outcome is Outcome.ERASED:
            for column, empty in PERSONAL.items():
                setattr(order, column, empty)
            order_words.forget(order.id)
            notes.erase(order)
            locked.erase_cards()
            order.erased_at = now
            history.write("personal_data_erased", order, at=now, actor=actor)
    return outcome


def _outcome(order: Order, payments: Sequence[EnginePayment], actor: Actor) -> Outcome:
    """Return ERASED if nothing stands against erasing, else what does."""
    if order.erased_at is not None:
        return Outcome.ERASED_BEFORE
    if order.state is OrderState.PLACED or not all(payment.is_final for payment in payments):
        return Outcome.NOT_ENDED
    if order.state is OrderState.PAID and actor is Actor.OPERATOR:
        return Outcome.NOT_SENT
    ids = [payment.id for payment in payments]
    if db.session.scalar(select(exists().where(Payment.id.in_(ids), _is_disputed(Payment.id)))):
        return Outcome.DISCREPANCY
    return Outcome.ERASED
