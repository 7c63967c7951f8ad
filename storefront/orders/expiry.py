"""Expire the orders that nobody paid in time, and release their stock."""

from __future__ import annotations

import logging

from payment_engine import Actor
from storefront.catalogue import stock
from storefront.core.database import end_reading
from storefront.core.services import Services
from storefront.orders import history
from storefront.orders import models as orders
from storefront.orders.states import OrderState

logger = logging.getLogger(__name__)

BATCH = 500


def expire_once(services: Services) -> dict[str, int]:
    """Expire what is due; an order whose payments are not all over is kept.

    The engine has asked the gateway about them before they are over. Whatever goes wrong with one
    order is logged and skips that order.
    """
    window = services.engine.services.policy.window
    numbers = orders.numbers_past_reservation(services.clock(), window, BATCH)
    end_reading()
    expired = sum(_expire(services, number) for number in numbers)
    return {"orders_expired": expired} if expired else {}


def _expire(services: Services, number: str) -> bool:
    try:
        return _expire_one(services, number)
    except Exception:
        logger.exception("order %s could not be expired", number)
        return False


def _expire_one(services: Services, number: str) -> bool:
    now, window = services.clock(), services.engine.services.policy.window
    with services.engine.locked(number) as locked:
        order = orders.locked(number)
        if order.state is not OrderState.PLACED or orders.is_reserved(order, now, window):
            return False
        if not all(payment.is_final for payment in locked.payments):
            return False
        order.move(OrderState.EXPIRED, now)
        stock.release(orders.quantities(order))
        history.write("order_expired", order, at=now, actor=Actor.WORKER)
    return True
