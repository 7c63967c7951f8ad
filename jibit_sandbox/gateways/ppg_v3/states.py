"""The words of PPG v3 for the bank's states."""

from __future__ import annotations

from typing import NamedTuple

from jibit_sandbox.bank.orders import State

PURCHASE_STATES = {
    State.AWAITING: "IN_PROGRESS",
    State.PAID: "READY_TO_VERIFY",
    State.CAPTURED: "SUCCESS",
    State.UNKNOWN: "UNKNOWN",
    State.FAILED: "FAILED",
    State.EXPIRED: "EXPIRED",
    State.MANUALLY_CAPTURED: "MANUALLY_SUCCESS",
    State.REVERSED: "REVERSED",
}
BANK_STATES = {word: state for state, word in PURCHASE_STATES.items()}
CANCELLED, TIMED_OUT = "CANCELLED_BY_USER", "TRANSACTION_TIMED_OUT"  # why a payment failed
NOT_MATCHED, OTHER = "PSP_PAYER_CARD_NOT_MATCHED", "UNKNOWN"


class Refusal(NamedTuple):
    """The bank's reason for a decline, as an element of ``pspFailReasons`` has it."""

    code: int
    description: str


# The document has numbers and sentences without naming any. These are those of the banks' own
# network (ISO 8583), in the banks' language. No word of ``failReason`` fits them: it is UNKNOWN.
DECLINED = "declined"
REFUSALS = {
    DECLINED: Refusal(5, "بانک تراکنش را نپذیرفت"),
    "insufficient_funds": Refusal(51, "موجودی کارت کافی نیست"),
    "expired_card": Refusal(54, "تاریخ انقضای کارت گذشته است"),
    "wrong_pin": Refusal(55, "رمز کارت نادرست است"),
}
SUCCESSFUL = (State.CAPTURED, State.MANUALLY_CAPTURED)  # the money is the merchant's


def word_of(state: str) -> str:
    """Return the purchase's ``state`` for a state of the bank."""
    return PURCHASE_STATES[State(state)]


def fail_word_of(reason: str) -> str:
    """Return the word of ``failReason`` for why a purchase failed."""
    return OTHER if reason in REFUSALS else reason
