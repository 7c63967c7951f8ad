"""The words of PPG v3 for the bank's states."""

from __future__ import annotations

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
SUCCESSFUL = (State.CAPTURED, State.MANUALLY_CAPTURED)  # the money is the merchant's


def word_of(state: str) -> str:
    """Return the purchase's ``state`` for a state of the bank."""
    return PURCHASE_STATES[State(state)]
