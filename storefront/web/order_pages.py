"""Open an order by its token, and read what its pages show."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort

from payment_engine import Payment, PaymentState, Refund
from payment_engine.refund import COUNTS
from storefront.core.services import Services
from storefront.orders import models as orders
from storefront.orders.models import Order
from storefront.web.language import fall_back_to


def order_of(token: str) -> Order:
    """Return the order that a token opens; without one the answer is 404."""
    order = orders.by_token(token)
    if order is None:
        abort(404)
    fall_back_to(order.language)
    return order


def refunds_of(services: Services, order: Order, attempts: Sequence[Payment]) -> list[Refund]:
    """Return what has gone back, or is on its way, of the money that the gateway had."""
    captured = any(each.state in (PaymentState.PAID, PaymentState.RETURNED) for each in attempts)
    refunds = services.engine.refunds_of(order.number) if captured else ()
    return [each for each in refunds if each.state in COUNTS]
