"""Say which orders must not be sent, and why, so that nobody sends goods for money that may go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from enum import StrEnum

from sqlalchemy import select

from payment_engine import PaymentState
from payment_engine.refund import COUNTS
from storefront.core.database import db
from storefront.orders.models import Order
from storefront.orders.payments import Discrepancy, Payment, Refund
from storefront.orders.states import OrderState


class Hold(StrEnum):
    """List why an order must not be sent, the first that is true of it."""

    NOT_PAID = "not_paid"
    REFUNDED = "refunded"  #: all of its money has gone back to the payer
    DISPUTED = "disputed"  #: a person must decide about one of its payments, or the ledgers differ
    REFUNDING = "refunding"  #: all of its money is on its way back to the payer


_BY_STATE = {
    OrderState.PLACED: Hold.NOT_PAID,
    OrderState.EXPIRED: Hold.NOT_PAID,
    OrderState.CANCELLED: Hold.NOT_PAID,
    OrderState.REFUNDED: Hold.REFUNDED,
}


def why_held(order: Order) -> Hold | None:
    """Return why an order must not be sent, or None."""
    return holds_of([order]).get(order.number)


def holds_of(orders: Sequence[Order]) -> dict[str, Hold]:
    """Return which of these orders must not be sent, by number; in three queries for them all."""
    paid = {order.number: order for order in orders if order.state not in _BY_STATE}
    disputed, returning = _disputed_among(paid), _returning(paid)
    found = {order.number: hold for order in orders if (hold := _BY_STATE.get(order.state))}
    for number, order in paid.items():
        if number in disputed:
            found[number] = Hold.DISPUTED
        elif returning[number] >= order.amount_rials:
            found[number] = Hold.REFUNDING
    return found


def _disputed_among(numbers: Collection[str]) -> set[str]:
    """Return of which of these orders a payment, or a difference of the ledgers, is undecided."""
    attempts = select(Payment.order_key).where(Payment.order_key.in_(numbers))
    reviewed = attempts.where(Payment.state == PaymentState.NEEDS_REVIEW)
    differing = attempts.join(Discrepancy, Discrepancy.payment_id == Payment.id)
    undecided = differing.where(Discrepancy.closed_at.is_(None))
    return {*db.session.scalars(reviewed), *db.session.scalars(undecided)}


def _returning(numbers: Collection[str]) -> defaultdict[str, int]:
    """Return the Rials of each order that have gone back, or may yet, of what it has kept."""
    refunds = select(Refund.order_key, Refund.state, Refund.amount_rials)
    of_them = refunds.where(Refund.order_key.in_(numbers))
    kept = of_them.join(Payment, Payment.id == Refund.payment_id).where(
        Payment.paid_at.is_not(None)
    )
    found = defaultdict[str, int](int)
    # States are told apart here: SQLite would look one up among all refunds there ever were.
    for number, state, amount_rials in db.session.execute(kept):
        found[number] += amount_rials if state in COUNTS else 0
    return found
