"""Find the orders placed in this browser: only here their address is shown.

The database knows them by the key of the cart that they came from; this browser's session has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest

from payment_engine.states import FINAL
from storefront.core.services import current_services
from storefront.orders import models as orders
from storefront.orders.models import Order
from storefront.orders.states import OrderState
from storefront.web import session_cart

MOST = 20  # that a page lists


def include(order: Order) -> bool:
    """Return whether this browser placed the order."""
    key = session_cart.key_if_any()
    return key is not None and order.cart_key is not None and compare_digest(order.cart_key, key)


def latest_first() -> Sequence[Order]:
    """Return the orders of this browser, the youngest first."""
    key = session_cart.key_if_any()
    return orders.by_cart_key(key, MOST) if key else ()


def latest() -> Order | None:
    """Return the youngest order of this browser."""
    key = session_cart.key_if_any()
    return next(iter(orders.by_cart_key(key, 1)), None) if key else None


def latest_unpaid() -> Order | None:
    """Return the youngest order of this browser that still waits to be paid."""
    waiting = (order for order in latest_first() if order.state is OrderState.PLACED)
    return next(waiting, None)


def payment_is_open(order: Order) -> bool:
    """Return whether the result of one of its payments is still to come."""
    payments = current_services().engine.payments_of(order.number)
    return any(payment.state not in FINAL for payment in payments)


def forget() -> None:
    """Empty the list: from now on this browser is to these orders as any other."""
    if latest_first():
        session_cart.forget_orders()
