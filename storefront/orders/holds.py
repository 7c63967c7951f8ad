"""Bound what unpaid orders hold: pieces per order, and pieces per client.

How long they hold it is PAYMENT_WINDOW_SECONDS, from when the order was placed (`checkout.py`).

Without these a stranger reserves the whole shop and pays nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, bindparam, func, select

from storefront.core.database import db
from storefront.orders.models import LineKind, Order, OrderLine
from storefront.orders.states import OrderState

# Six of everything for a family of five. Who wants more calls the merchant, who then knows of it.
MOST_PIECES = 30
# Fifty usual orders that wait at the bank at the same time behind one address: far more than come
# from one address of a carrier in a quarter of an hour, and a small part of a shop's stock.
MOST_HELD = 100
LEAST_SHARE = 3  # a new payment needs a third of the hold: five minutes to find the card and type


# Built once: each checkout runs both.
_TURN = select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger)))
_HELD = (
    select(func.sum(OrderLine.quantity), func.min(Order.reserved_until))
    .join(Order, Order.id == OrderLine.order_id)
    .where(Order.client == bindparam("client"), Order.state == OrderState.PLACED)
    .where(OrderLine.kind == LineKind.PRODUCT)
)


class TooManyPieces(Exception):
    """More pieces than one order may have; ``most`` is how many it may."""

    def __init__(self, most: int = MOST_PIECES) -> None:
        self.most = most
        super().__init__(f"an order has at most {most} pieces")


class TooMuchHeld(Exception):
    """Unpaid orders of this client hold so much already; the first one ends at ``until`` (UTC)."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__("unpaid orders of one client hold too many pieces")


def check(quantities: Mapping[int, int], client: str | None) -> None:
    """Raise TooManyPieces or TooMuchHeld if an order of these pieces may not be placed.

    ``quantities`` maps product ids to pieces; ``client`` is a pseudonym, None for one that nothing
    is known about. Call it in the transaction that reserves the stock: of two orders of one client
    the second one waits, and sees the first.
    """
    pieces = sum(quantities.values())
    if pieces > MOST_PIECES:
        raise TooManyPieces
    if client is None:
        return
    _queue(client)
    held, until = _held_by(client)
    if until is not None and held + pieces > MOST_HELD:
        raise TooMuchHeld(until)


def _queue(client: str) -> None:
    """Let a client place one order at a time; on SQLite only one transaction writes at all."""
    if db.engine.dialect.name == "postgresql":
        number = int.from_bytes(bytes.fromhex(client)[:8], signed=True)
        db.session.execute(_TURN, {"number": number})


def _held_by(client: str) -> tuple[int, datetime | None]:
    """Return how many pieces a client's unpaid orders hold, and when the first of them ends."""
    held, until = db.session.execute(_HELD, {"client": client}).one()
    return held or 0, until


def takes_new_payment(order: Order, now: datetime) -> bool:
    """Return whether enough of the order's hold is left to begin another payment."""
    return order.state is OrderState.PLACED and order.reserved_until - now >= _least(order)


def pay_until(order: Order, now: datetime) -> datetime | None:
    """Return until when the order can be paid; None if no new payment can be begun."""
    return order.reserved_until if takes_new_payment(order, now) else None


def _least(order: Order) -> timedelta:
    return (order.reserved_until - order.created_at) / LEAST_SHARE


def outlives(order: Order, begun_at: datetime, expires_at: datetime) -> bool:
    """Return whether the gateway takes a payment for longer than the order holds its stock.

    Such a payment was begun after the order, and its window was shortened to the hold's end.
    """
    return expires_at - begun_at < order.reserved_until - order.created_at
