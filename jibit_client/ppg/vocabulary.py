"""Define PPG v2.4's fixed words: callback, verify and inquiry have an enum each.

A word that the document does not have reads as UNRECOGNISED; the message beside it keeps the word.
"""

from __future__ import annotations

from enum import StrEnum


class Currency(StrEnum):
    """List the units of an amount: ``currency`` of "Create Order"."""

    RIALS = "RIALS"
    TOMAN = "TOMAN"


class CallbackState(StrEnum):
    """List the values of ``state`` of "Callback Merchant". An untrusted claim of the browser."""

    SUCCESSFUL = "SUCCESSFUL"
    FAILED = "FAILED"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    UNRECOGNISED = ""


class VerifyStatus(StrEnum):
    """List the values of ``status`` of "Verify Order"."""

    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    UNKNOWN = "Unknown"
    UNRECOGNISED = ""


class OrderStatus(StrEnum):
    """List the values of ``status`` of "Inquiry Order"."""

    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    EXPIRED = "EXPIRED"
    IN_PROGRESS = "IN_PROGRESS"
    UNRECOGNISED = ""
