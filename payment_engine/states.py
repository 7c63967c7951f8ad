"""Define the states of a payment and every allowed transition between them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class ImpossibleTransition(Exception):
    """Raised for a transition that the table does not have, or that is not allowed now."""


class PaymentState(StrEnum):
    """List how a payment can stand; the last four are final.

    Only a person's decision about a discrepancy moves a payment on from ``failed`` or ``expired``.
    """

    INITIATED = "initiated"  #: the intent is saved; the gateway was or will be asked to open it
    AWAITING_PAYER = "awaiting_payer"  #: the payer was given the gateway's address
    VERIFYING = "verifying"  #: a verification is on its way; money may be moving
    IN_DOUBT = "in_doubt"  #: the gateway was silent or contradicted itself; keep asking
    NEEDS_REVIEW = "needs_review"  #: a person decides
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    RETURNED = "returned"  #: it was paid, and the money goes or went back; see its refunds


#: The states that a payment does not leave by itself.
FINAL = frozenset(
    {PaymentState.PAID, PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.RETURNED}
)
_UNPAID_ENDS = frozenset({PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.NEEDS_REVIEW})
_ENDS = _UNPAID_ENDS | {PaymentState.RETURNED}
#: Where a person may move a payment that the gateway ended otherwise after all.
_REOPENED = frozenset({PaymentState.PAID, PaymentState.RETURNED})

#: The allowed next states, by state; the database refuses any other.
TRANSITIONS: Mapping[PaymentState, frozenset[PaymentState]] = {
    PaymentState.INITIATED: _UNPAID_ENDS | {PaymentState.AWAITING_PAYER},
    PaymentState.AWAITING_PAYER: _ENDS | {PaymentState.VERIFYING, PaymentState.IN_DOUBT},
    PaymentState.VERIFYING: _ENDS
    | {PaymentState.AWAITING_PAYER, PaymentState.IN_DOUBT, PaymentState.PAID},
    PaymentState.IN_DOUBT: _ENDS
    | {PaymentState.AWAITING_PAYER, PaymentState.VERIFYING, PaymentState.PAID},
    PaymentState.NEEDS_REVIEW: FINAL,
    PaymentState.PAID: frozenset(),
    PaymentState.FAILED: _REOPENED,
    PaymentState.EXPIRED: _REOPENED,
    PaymentState.RETURNED: frozenset(),
}

#: The states in which the engine may verify.
CAPTURABLE = (PaymentState.AWAITING_PAYER, PaymentState.VERIFYING, PaymentState.IN_DOUBT)
ASKABLE = (*CAPTURABLE, PaymentState.NEEDS_REVIEW)  #: proof may still come while a person waits
#: The states in which the order must not be paid again.
MONEY_MAY_HAVE_MOVED = frozenset(
    {PaymentState.VERIFYING, PaymentState.IN_DOUBT, PaymentState.NEEDS_REVIEW}
)
#: The states in which another payment of the order may be verified.
RELEASES_CLAIM = frozenset(
    {
        PaymentState.FAILED,
        PaymentState.EXPIRED,
        PaymentState.RETURNED,
        PaymentState.AWAITING_PAYER,
    }
)
