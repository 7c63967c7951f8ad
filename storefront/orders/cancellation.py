"""A shopper gives an order up: the gateway is asked first, then the goods go back to the shelf."""

from __future__ import annotations

from collections.abc import Sequence

from storefront.catalogue import stock
from storefront.core.database import end_reading, transaction
from storefront.core.states import MONEY_MAY_HAVE_MOVED, OrderState
from storefront.orders import history
from storefront.orders import models as orders
from storefront.orders.checkout import is_opening
from storefront.orders.history import Actor
from storefront.orders.models import Order
from storefront.payments import models as payments
from storefront.payments.completion import complete_payment
from storefront.payments.models import Payment
from storefront.payments.resilience import GatewayUnavailable
from storefront.payments.services import Till


class NotCancellable(Exception):
    """The order is paid or over, or one of its payments may be taking the money right now."""


def cancel_order(till: Till, order_id: int, *, language: str) -> Order:
    """Cancel an unpaid order and release its stock; cancelling twice is no error.

    Who has paid without our knowing is found out first and keeps the order: the money is here, and
    the goods are wanted. Who pays at the gateway afterwards is never captured. Raises
    :class:`NotCancellable`; nothing has changed then but what the gateway said.
    """
    asked = [attempt.id for attempt in payments.of_order(order_id)]
    end_reading()
    for payment_id in asked:
        _ask_about(till, payment_id, language)
    return _cancel(till, order_id)


def _ask_about(till: Till, payment_id: int, language: str) -> None:
    """Nothing is cancelled without an answer: who has paid would lose the order."""
    try:
        complete_payment(till, payment_id, actor=Actor.SHOPPER, language=language, insist=True)
    except GatewayUnavailable as busy:
        raise NotCancellable(str(busy)) from busy


def _cancel(till: Till, order_id: int) -> Order:
    now = till.clock()
    with transaction():
        order = orders.locked(order_id)
        if order.state is OrderState.CANCELLED:
            return order
        if not may_cancel(till, order, payments.of_order(order_id)):
            raise NotCancellable(f"order {order.number} is {order.state}")
        order.move(OrderState.CANCELLED, now)
        stock.release(orders.quantities(order))
        history.write("order_cancelled", order_id=order_id, at=now, actor=Actor.SHOPPER)
    return order


def may_cancel(till: Till, order: Order, attempts: Sequence[Payment]) -> bool:
    """Whether nothing is paid, and nothing is on its way that may take the money."""
    return order.state is OrderState.PLACED and not any(
        attempt.state in MONEY_MAY_HAVE_MOVED or is_opening(till, attempt) for attempt in attempts
    )
