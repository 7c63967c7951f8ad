"""Define the states of an order and the allowed transitions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class OrderState(StrEnum):
    """``placed → paid → fulfilled``, or ``placed → expired | cancelled``.

    A paid order is ``refunded`` when all of its money has gone back. Only a person's decision opens
    an order again that was over.
    """

    PLACED = "placed"
    PAID = "paid"
    FULFILLED = "fulfilled"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


ORDER_MOVES: Mapping[OrderState, frozenset[OrderState]] = {
    OrderState.PLACED: frozenset({OrderState.PAID, OrderState.EXPIRED, OrderState.CANCELLED}),
    OrderState.PAID: frozenset({OrderState.FULFILLED, OrderState.REFUNDED}),
    OrderState.FULFILLED: frozenset({OrderState.REFUNDED}),
    OrderState.EXPIRED: frozenset({OrderState.PLACED}),
    OrderState.CANCELLED: frozenset({OrderState.PLACED}),
    OrderState.REFUNDED: frozenset(),
}
