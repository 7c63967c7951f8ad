"""Define PPG v3's fixed words: callback, verify, reverse and the lists have an enum each.

A word that the document does not have reads as UNRECOGNISED; the message beside it keeps the word.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

CURRENCY: Final = "IRR"  #: the only one


class CallbackStatus(StrEnum):
    """List the values of ``status`` of the callback. An untrusted claim of the browser."""

    SUCCESSFUL = "SUCCESSFUL"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    UNRECOGNISED = ""


class VerifyStatus(StrEnum):
    """List the values of ``status`` of "Verify Purchase"."""

    SUCCESSFUL = "SUCCESSFUL"  #: captured by this call
    ALREADY_VERIFIED = "ALREADY_VERIFIED"  #: captured before, by us or by the gateway itself
    NOT_VERIFIABLE = "NOT_VERIFIABLE"  #: not paid, or over; nothing happened
    FAILED = "FAILED"  #: refused; the money goes back
    UNKNOWN = "UNKNOWN"  #: the PSP was silent; may be sent again
    REVERSED = "REVERSED"  #: the money went back before
    UNRECOGNISED = ""


class ReverseStatus(StrEnum):
    """List the values of ``status`` of "Reverse Purchase"."""

    SUCCESSFUL = "SUCCESSFUL"
    ALREADY_REVERSED = "ALREADY_REVERSED"
    NOT_REVERSIBLE = "NOT_REVERSIBLE"  #: nothing happened
    FAILED = "FAILED"  #: refused by the PSP
    UNKNOWN = "UNKNOWN"  #: the PSP was silent; must be sent again
    UNRECOGNISED = ""


class PurchaseState(StrEnum):
    """List the values of ``state`` of a purchase."""

    IN_PROGRESS = "IN_PROGRESS"  #: created, or the payer is at the PSP
    READY_TO_VERIFY = "READY_TO_VERIFY"  #: paid, waits for us
    SUCCESS = "SUCCESS"  #: captured; stays so after a refund
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"  #: not paid, or not verified, within 15 minutes
    UNKNOWN = "UNKNOWN"  #: the PSP is silent; ask again
    MANUALLY_SUCCESS = "MANUALLY_SUCCESS"  #: a contradiction was settled by hand; the money is ours
    REVERSED = "REVERSED"  #: settled by hand the other way, or our own reversal
    UNRECOGNISED = ""


class TransferState(StrEnum):
    """List the values of ``state`` of a refund's transfer."""

    INITIALIZED = "INITIALIZED"  #: under way, as the next five
    FEE_COMPUTED = "FEE_COMPUTED"
    CORE_SUBMITTED = "CORE_SUBMITTED"
    DESTINATION_IDENTIFIED = "DESTINATION_IDENTIFIED"
    IN_PROGRESS = "IN_PROGRESS"
    RETRYING = "RETRYING"
    ON_HOLD = "ON_HOLD"  #: waits, as the next three
    ON_HOLD_BALANCES_NOT_ENOUGH = "ON_HOLD_BALANCES_NOT_ENOUGH"
    ON_HOLD_WAIT_FOR_MANUAL_SUBMISSION = "ON_HOLD_WAIT_FOR_MANUAL_SUBMISSION"
    ON_HOLD_WAIT_FOR_VERIFY = "ON_HOLD_WAIT_FOR_VERIFY"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    TRANSFERRED = "TRANSFERRED"  #: done
    FAILED = "FAILED"
    MANUALLY_FAILED = "MANUALLY_FAILED"
    UNRECOGNISED = ""


class SettlementState(StrEnum):
    """List the values of ``state`` of a settlement."""

    IN_PROGRESS = "IN_PROGRESS"
    FAILED = "FAILED"
    SETTLED = "SETTLED"
    OBSOLETE = "OBSOLETE"
    EARLY_SETTLED = "EARLY_SETTLED"
    UNRECOGNISED = ""


class HealthStatus(StrEnum):
    """List the values of ``status`` of "Health"."""

    UP = "UP"
    DOWN = "DOWN"
    NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
    UNRECOGNISED = ""
