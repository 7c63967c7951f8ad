"""Say in one word how an order stands with its payments, for a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from payment_engine.payment import Payment
from payment_engine.policy import Policy
from payment_engine.states import MONEY_MAY_HAVE_MOVED, PaymentState


class Standing(StrEnum):
    """List how an order can stand with its payments.

    It can be paid in ``open``, ``awaiting_payer``, ``failed``, ``expired`` and ``returned``; it
    changes by itself in ``opening``, ``awaiting_payer``, ``confirming`` and ``needs_review``.
    """

    OPEN = "open"  #: nothing was tried, or the last create was not answered
    OPENING = "opening"
    AWAITING_PAYER = "awaiting_payer"
    CONFIRMING = "confirming"  #: money may have moved; do not pay again
    NEEDS_REVIEW = "needs_review"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    RETURNED = "returned"  #: the last payment could not be kept; its money goes or went back
    FAILED = "failed"
    EXPIRED = "expired"
    TRIED_TOO_OFTEN = "tried_too_often"
    CLOSED = "closed"  #: said by the application; the order is not to be paid any more


_BY_STATE = {
    PaymentState.VERIFYING: Standing.CONFIRMING,
    PaymentState.IN_DOUBT: Standing.CONFIRMING,
    PaymentState.NEEDS_REVIEW: Standing.NEEDS_REVIEW,
}
_OVER = {
    PaymentState.FAILED: Standing.FAILED,
    PaymentState.EXPIRED: Standing.EXPIRED,
    PaymentState.RETURNED: Standing.RETURNED,
}
#: Its money is there, or was; no other payment of the order may be begun.
WAS_PAID = frozenset({Standing.PAID, Standing.PARTLY_REFUNDED, Standing.REFUNDED})


def decisive(attempts: Sequence[Payment]) -> Payment | None:
    """Return the payment that says how the order stands: the paid one, one in doubt, or the last.

    Expects them oldest first.
    """

    def weight(payment: Payment) -> tuple[bool, bool, int]:
        return (
            payment.state is PaymentState.PAID,
            payment.state in MONEY_MAY_HAVE_MOVED,
            payment.id,
        )

    return max(attempts, key=weight, default=None)


def standing_of(policy: Policy, attempts: Sequence[Payment], now: datetime) -> Standing:
    """Return how an order with these payments stands."""
    payment = decisive(attempts)
    if payment is None:
        return Standing.OPEN
    if payment.state is PaymentState.PAID:
        return _paid(payment)
    if payment.state in _BY_STATE:
        return _BY_STATE[payment.state]
    if any(each.is_being_opened(now, policy.patience) for each in attempts):
        return Standing.OPENING
    if payment.state is PaymentState.AWAITING_PAYER and now < payment.expires_at:
        return Standing.AWAITING_PAYER
    if not may_try_again(policy, attempts):
        return Standing.TRIED_TOO_OFTEN
    return _OVER.get(payment.state, Standing.OPEN)


def _paid(payment: Payment) -> Standing:
    if payment.refunded_rials >= payment.amount_rials:
        return Standing.REFUNDED
    return Standing.PARTLY_REFUNDED if payment.refunded_rials else Standing.PAID


def may_try_again(policy: Policy, attempts: Sequence[Payment]) -> bool:
    """Return whether another payment may be begun; one whose create was not answered is free."""
    return sum(each.gateway_payment_id is not None for each in attempts) < policy.max_attempts
