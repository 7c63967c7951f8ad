"""What an order, a payment and a piece of stock can be, and every move between.

`docs/states.md` is written from these tables; the database holds the same words in CHECKs and
refuses the same moves in triggers (`migrations/versions/0005_no_impossible_moves.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class ImpossibleMove(Exception):
    """A move between states that the table of moves does not have."""


class OrderState(StrEnum):
    """``placed → paid → fulfilled``, or ``placed → lapsed | cancelled``."""

    PLACED = "placed"
    PAID = "paid"
    FULFILLED = "fulfilled"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


class PaymentState(StrEnum):
    """Where a payment stands; ``paid``, ``failed`` and ``expired`` are final."""

    INITIATED = "initiated"  # we have told the gateway, or are about to; nobody was sent there
    AWAITING_SHOPPER = "awaiting_shopper"  # the shopper was given the gateway's address
    VERIFYING = "verifying"  # a verification is on its way: money may be moving
    IN_DOUBT = "in_doubt"  # the gateway was silent or contradicted itself: keep asking
    NEEDS_REVIEW = "needs_review"  # a person decides
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


class StockPlace(StrEnum):
    """Where a piece of stock is: on the shelf, set aside for an order, or gone."""

    FREE = "free"
    RESERVED = "reserved"
    SOLD = "sold"


ORDER_MOVES: Mapping[OrderState, frozenset[OrderState]] = {
    OrderState.PLACED: frozenset({OrderState.PAID, OrderState.LAPSED, OrderState.CANCELLED}),
    OrderState.PAID: frozenset({OrderState.FULFILLED}),
    OrderState.FULFILLED: frozenset(),
    OrderState.LAPSED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}

FINAL = frozenset({PaymentState.PAID, PaymentState.FAILED, PaymentState.EXPIRED})
UNPAID_ENDS = frozenset({PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.NEEDS_REVIEW})

PAYMENT_MOVES: Mapping[PaymentState, frozenset[PaymentState]] = {
    PaymentState.INITIATED: UNPAID_ENDS | {PaymentState.AWAITING_SHOPPER},
    PaymentState.AWAITING_SHOPPER: UNPAID_ENDS | {PaymentState.VERIFYING, PaymentState.IN_DOUBT},
    PaymentState.VERIFYING: UNPAID_ENDS
    | {PaymentState.AWAITING_SHOPPER, PaymentState.IN_DOUBT, PaymentState.PAID},
    PaymentState.IN_DOUBT: UNPAID_ENDS
    | {PaymentState.AWAITING_SHOPPER, PaymentState.VERIFYING, PaymentState.PAID},
    PaymentState.NEEDS_REVIEW: FINAL,
    PaymentState.PAID: frozenset(),
    PaymentState.FAILED: frozenset(),
    PaymentState.EXPIRED: frozenset(),
}

CAPTURABLE = (PaymentState.AWAITING_SHOPPER, PaymentState.VERIFYING, PaymentState.IN_DOUBT)
ASKABLE = (*CAPTURABLE, PaymentState.NEEDS_REVIEW)  # proof may still come while a person waits
MONEY_MAY_HAVE_MOVED = frozenset(
    {PaymentState.VERIFYING, PaymentState.IN_DOUBT, PaymentState.NEEDS_REVIEW}
)

STOCK_MOVES: Mapping[StockPlace, frozenset[StockPlace]] = {
    StockPlace.FREE: frozenset({StockPlace.RESERVED}),
    StockPlace.RESERVED: frozenset({StockPlace.FREE, StockPlace.SOLD}),
    StockPlace.SOLD: frozenset(),
}
