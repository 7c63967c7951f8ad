"""Expire the orders that nobody paid in time, and release their stock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import SQLColumnExpression, select, update
from sqlalchemy.orm import load_only

from payment_engine import Actor, GatewayUnavailable, PaymentState
from payment_engine import Payment as EnginePayment
from payment_engine.row_queue import FAILED, LISTED_AFTER, Spread, Tally, back_off, process_due
from payment_engine.states import MONEY_MAY_HAVE_MOVED
from storefront.catalogue import stock
from storefront.core import availability
from storefront.core.clock import SKEW
from storefront.core.database import db, end_reading, transaction
from storefront.core.queue import FIRST_PAUSE, LEASE, LONGEST_PAUSE, first_due
from storefront.core.services import Services
from storefront.orders import history, holds
from storefront.orders import models as orders
from storefront.orders.models import Order
from storefront.orders.states import OrderState

KEPT_FOR = timedelta(minutes=5)  # at most, until an order with an open payment is looked at again
MOMENT = timedelta.resolution
KEPT = "kept"
READ_BY_PEOPLE = (Order.number, Order.token, Order.expiry_tries, Order.expiry_error)


def expire_once(services: Services, spread: Spread = map) -> Tally:
    """Expire what is due; an order whose payments are not all over is kept.

    The engine has asked the gateway about them before they are over. A payment that was begun late,
    so that the gateway takes it for longer than the order holds its stock, is asked about here, and
    the stock goes if nothing may have been taken: no such payment is captured afterwards. Whatever
    goes wrong with one order is counted for that order alone.
    """
    counts = process_due(_PastReservation(services), services.steady, spread)
    counts.pop(KEPT, None)
    return counts


def could_not_expire(limit: int) -> list[Order]:
    """Return the unpaid orders that failed to expire several times in a row, oldest first."""
    query = select(Order).options(load_only(*READ_BY_PEOPLE))
    query = query.where(
        Order.state == OrderState.PLACED,
        Order.expiry_tries >= LISTED_AFTER,
        Order.expiry_error.is_not(None),
    )
    return list(db.session.scalars(query.order_by(Order.id).limit(limit)))


class _PastReservation:
    """The unpaid orders whose reservation has ended, as a queue."""

    name = "expiry"

    def __init__(self, services: Services) -> None:
        self._services, self._begun = services, services.clock()
        self._window = services.engine.services.policy.window

    def claim(self) -> int | None:
        now = self._services.clock()
        unpaid = select(Order.id).where(Order.state == OrderState.PLACED)
        with transaction():
            order_id = first_due(
                unpaid.order_by(Order.expiry_check_at, Order.id),
                Order.expiry_check_at,
                Order.expiry_tries,
                self._begun,
                # What `_keep_until` says at most: else it would be claimed again at once, for ever.
                farthest_first=now + self._window + SKEW + MOMENT,
            )
            if order_id is not None:
                _note(order_id, now + LEASE, Order.expiry_tries + 1, Order.expiry_error)
        return order_id

    def process(self, order_id: int) -> str:
        now = self._services.clock()
        number = db.session.scalars(select(Order.number).where(Order.id == order_id)).one()
        end_reading()
        if not self._late_ones_were_asked_about(number):
            return self._put_off(order_id)
        with self._services.engine.locked(number) as locked:
            order = orders.locked(number)
            if order.state is not OrderState.PLACED:
                return KEPT
            keep_until = self._keep_until(order, locked.payments, now)
            if keep_until is not None:
                _note(order_id, keep_until, 0, None)
                return KEPT
            order.move(OrderState.EXPIRED, now)
            stock.release(orders.quantities(order))
            history.write("order_expired", order, at=now, actor=Actor.WORKER)
        return "orders_expired"

    def _late_ones_were_asked_about(self, number: str) -> bool:
        """Ask the gateway once more about the payments that it takes for longer than the hold."""
        attempts = self._services.engine.payments_of(number)
        waiting = [each for each in attempts if each.state is PaymentState.AWAITING_PAYER]
        order = orders.by_number(number) if waiting else None
        end_reading()
        late = [each for each in waiting if order and _outlives(order, each)]
        try:
            for payment in late:
                self._services.engine.complete(payment.id, actor=Actor.WORKER, insist=True)
        except GatewayUnavailable:  # nobody is asked now
            return False
        return True

    def _put_off(self, order_id: int) -> str:
        with transaction():
            _note(order_id, self._services.clock() + FIRST_PAUSE, 0, None)
        return KEPT

    def _keep_until(
        self, order: Order, payments: Sequence[EnginePayment], now: datetime
    ) -> datetime | None:
        if orders.is_reserved(order, now, self._window):
            return order.reserved_until + MOMENT
        open_ones = [payment for payment in payments if not self._is_over(order, payment)]
        due = [payment.next_check_at for payment in open_ones]
        return max(min(*due, now + KEPT_FOR), now + MOMENT) if due else None

    def _is_over(self, order: Order, payment: EnginePayment) -> bool:
        """Return whether a payment keeps the stock no longer: it is final, or outlives the hold.

        The latter only if its money cannot have moved; from now on `may_capture` refuses it.
        """
        if payment.is_final or not _outlives(order, payment):
            return payment.is_final
        moving = payment.state in MONEY_MAY_HAVE_MOVED
        return not (moving or self._services.engine.is_being_opened(payment))

    def set_aside(self, order_id: int, error: Exception) -> str:
        db.session.rollback()
        now = self._services.clock()
        with transaction():
            query = select(Order.expiry_tries).where(Order.id == order_id)
            pause = back_off(db.session.scalars(query).one(), FIRST_PAUSE, LONGEST_PAUSE)
            _note(order_id, now + pause, Order.expiry_tries, type(error).__name__[:100])
        return FAILED

    def is_temporary(self, error: Exception) -> bool:
        return availability.is_temporary(error)


def _outlives(order: Order, payment: EnginePayment) -> bool:
    return holds.outlives(order, payment.created_at, payment.expires_at)


def _note(
    order_id: int,
    check_at: datetime,
    tries: int | SQLColumnExpression[int],
    error: str | SQLColumnExpression[str | None] | None,
) -> None:
    """Write when expiring an order is tried next; its version is that of what people read."""
    values = {"expiry_check_at": check_at, "expiry_tries": tries, "expiry_error": error}
    db.session.connection().execute(update(Order).where(Order.id == order_id).values(values))
