"""Move an order, its stock and its notifications in the transaction that moves its payment."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from payment_engine import Hooks, NotPayable, Payment, PaymentState, Refund, Standing
from storefront.catalogue import stock
from storefront.notifications import outbox
from storefront.notifications.outbox import SHOPPERS, Channel, Kind
from storefront.orders import holds
from storefront.orders import models as orders
from storefront.orders.attending import attending
from storefront.orders.models import Order
from storefront.orders.states import ORDER_MOVES, OrderState


class ShopHooks(Hooks):
    """Move orders, stock and outbox. ``channels`` are those on which notifications are sent."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.channels = channels

    def attending(self, payment: Payment) -> AbstractContextManager[None]:
        """Name order and payment in the log, and go on with the trace that the order began."""
        names = payment.order_key, payment.reference
        return attending("attend to a payment", *names, gateway=payment.gateway)

    def on_begin(self, session: Any, payment: Payment) -> None:
        """Raise NotPayable unless the order waits, with enough of its hold left.

        No payment prolongs the hold: else three attempts would keep stock for three windows.
        """
        order = orders.locked(payment.order_key)
        if not holds.takes_new_payment(order, payment.created_at):
            raise NotPayable(payment.order_key, Standing.CLOSED)

    def may_capture(self, session: Any, payment: Payment) -> bool:
        """Capture only for an order that still waits: its stock is reserved then."""
        return orders.locked_state(payment.order_key) is OrderState.PLACED

    def may_reopen(self, session: Any, payment: Payment) -> bool:
        """Reserve the stock of an order that was given up once more, if it can be had."""
        order, now = orders.locked(payment.order_key), payment.ended_at or payment.created_at
        if order.state is OrderState.PLACED:
            return True
        if OrderState.PLACED not in ORDER_MOVES[order.state]:
            return False
        try:
            with session.begin_nested():
                stock.reserve(orders.quantities(order))
        except stock.OutOfStock:
            return False
        order.move(OrderState.PLACED, now)
        return True

    def on_paid(self, session: Any, payment: Payment) -> None:
        """Sell the stock, and tell shopper and merchant."""
        order, now = orders.locked(payment.order_key), _moved_at(payment)
        order.move(OrderState.PAID, now)
        stock.sell(orders.quantities(order))
        self._notify(Kind.ORDER_PAID, order, payment)

    def on_failed(self, session: Any, payment: Payment) -> None:
        """Tell the shopper, unless the order is settled otherwise."""
        order = orders.locked(payment.order_key)
        _may_expire(order, payment)
        self._tell_unpaid(order, payment)

    def on_expired(self, session: Any, payment: Payment) -> None:
        """Tell the shopper; who came back from the gateway may have paid and gets it back.

        Unless it ends within its window and nobody said that it was paid: it was declined.
        """
        order = orders.locked(payment.order_key)
        _may_expire(order, payment)
        is_late = _moved_at(payment) >= payment.expires_at
        if payment.callback_at is not None and (is_late or payment.success_claimed):
            self._notify(Kind.MONEY_RETURNED, order, payment)
        else:
            self._tell_unpaid(order, payment)

    def on_returned(self, session: Any, payment: Payment) -> None:
        """Tell the shopper that the money goes back."""
        order = orders.locked(payment.order_key)
        _may_expire(order, payment)
        self._notify(Kind.MONEY_RETURNED, order, payment)

    def on_refunded(self, session: Any, payment: Payment, refund: Refund) -> None:
        """Count what has gone back of a paid order, and tell shopper and merchant.

        Of what the order could not keep the merchant was told when it was returned.
        """
        order, now = orders.locked(payment.order_key), refund.ended_at
        assert now is not None  # noqa: S101 - it is done
        if payment.state is not PaymentState.PAID:
            to_shoppers = [channel for channel in self.channels if channel in SHOPPERS]
            outbox.put(Kind.ORDER_REFUNDED, order, payment, to_shoppers, now, refund=refund)
            return
        order.refunded_rials += refund.amount_rials
        if order.refunded_rials >= order.amount_rials:
            order.move(OrderState.REFUNDED, now)
        outbox.put(Kind.ORDER_REFUNDED, order, payment, self.channels, now, refund=refund)

    def _tell_unpaid(self, order: Order, payment: Payment) -> None:
        was_sent_there = payment.redirect_url is not None
        if was_sent_there and order.state is OrderState.PLACED:
            self._notify(Kind.PAYMENT_FAILED, order, payment)

    def _notify(self, kind: Kind, order: Order, payment: Payment) -> None:
        outbox.put(kind, order, payment, self.channels, _moved_at(payment))


def _may_expire(order: Order, payment: Payment) -> None:
    """Have the worker look at once whether the order can be expired, if its hold is over."""
    if order.reserved_until < _moved_at(payment):
        order.expiry_check_at = _moved_at(payment)


def _moved_at(payment: Payment) -> datetime:
    assert payment.ended_at is not None  # noqa: S101 - these hooks are of final states
    return payment.ended_at
