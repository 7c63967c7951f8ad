"""PPG v2.4's fixed words. Callback, verify and inquiry each have their own: three enums, never one.

A word that the document does not have reads as UNRECOGNISED; the message beside it keeps the word.
"""

from __future__ import annotations

from enum import StrEnum


class Currency(StrEnum):
    """The units of an amount ("Create Order", ``currency``)."""

    RIALS = "RIALS"
    TOMAN = "TOMAN"


class CallbackState(StrEnum):
    """``state`` of "Callback Merchant". The browser's claim, and only that."""

    SUCCESSFUL = "SUCCESSFUL"
    FAILED = "FAILED"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    UNRECOGNISED = ""


class VerifyStatus(StrEnum):
    """``status`` of "Verify Order"."""

    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    UNKNOWN = "Unknown"
    UNRECOGNISED = ""


class OrderStatus(StrEnum):
    """``status`` of "Inquiry Order"."""

    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    EXPIRED = "EXPIRED"
    IN_PROGRESS = "IN_PROGRESS"
    UNRECOGNISED = ""
