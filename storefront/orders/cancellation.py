"""Cancel an unpaid order: the gateway is asked first, then the stock is released."""

from __future__ import annotations

from collections.abc import Sequence

from payment_engine import Actor, GatewayUnavailable, PaymentEngine
from payment_engine import Payment as EnginePayment
from payment_engine.states import MONEY_MAY_HAVE_MOVED
from storefront.catalogue import stock
from storefront.core.database import end_reading
from storefront.core.services import Services
from storefront.orders import history
from storefront.orders import models as orders
from storefront.orders.models import Order
from storefront.orders.states import OrderState


class NotCancellable(Exception):
    """The order is paid or over, or one of its payments may be taking the money right now."""


class NotCancellableYet(NotCancellable):
    """The gateway could not be asked now; a try in a few seconds may do."""


def cancel_order(
    services: Services, order: Order, *, language: str, by: str | None = None
) -> Order:
    """Cancel an unpaid order and release its stock; cancelling twice is no error.

    ``by`` names the person of the shop who does it; None: its shopper.

    Payments that were already made are detected first; in that case the order is kept: the money
    is here, and the products are wanted. What is paid at the gateway afterwards is never captured.
    The engine bounds how often the gateway is asked for that, as anybody may order and cancel.
    Raises NotCancellable; nothing has changed then but what the gateway said.
    """
    end_reading()
    if order.state is OrderState.PLACED:
        for payment in services.engine.payments_of(order.number):
            _ask_about(services.engine, payment, language, Actor.OPERATOR if by else Actor.PAYER)
    return _cancel(services, order, by)


def _ask_about(engine: PaymentEngine, payment: EnginePayment, language: str, actor: Actor) -> None:
    """Without an answer nothing is cancelled: somebody who has paid would lose the order."""
    try:
        engine.complete(payment.id, actor=actor, language=language, insist=True)
    except GatewayUnavailable as busy:
        raise NotCancellableYet(str(busy)) from busy


def _cancel(services: Services, asked: Order, by: str | None) -> Order:
    now = services.clock()
    with services.engine.locked(asked.number) as locked:
        order = orders.locked(asked.number)
        if order.state is OrderState.CANCELLED:
            return order
        if not may_cancel(services.engine, order, locked.payments):
            raise NotCancellable(f"order {order.number} is {order.state}")
        order.move(OrderState.CANCELLED, now)
        stock.release(orders.quantities(order))
        actor, who = (Actor.OPERATOR, {"by": by}) if by else (Actor.PAYER, {})
        history.write("order_cancelled", order, at=now, actor=actor, **who)
    return order


def may_cancel(engine: PaymentEngine, order: Order, attempts: Sequence[EnginePayment]) -> bool:
    """Return whether nothing is paid, and nothing is on its way that may take the money."""
    return order.state is OrderState.PLACED and not any(
        attempt.state in MONEY_MAY_HAVE_MOVED or engine.is_being_opened(attempt)
        for attempt in attempts
    )
