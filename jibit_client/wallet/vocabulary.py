"""Define the wallet's fixed words; callback and inquiry share them.

A word that the document does not have reads as UNRECOGNISED; the message beside it keeps the word.
"""

from __future__ import annotations

from enum import StrEnum


class OrderStatus(StrEnum):
    """List the values of ``statusV`` of "Inquiry" ("Status codes of the payment process")."""

    INITIAL = "INITIAL"  #: opened; the payer has not arrived yet
    PGENTRY = "PGENTRY"  #: the payer has arrived
    CANCEL_BY_SYSTEM = "CANCEL_BY_SYSTEM"  #: not verified in time; the money is back in the wallet
    CANCEL_BY_USER = "CANCEL_BY_USER"
    PURCHASE_BY_USER = "PURCHASE_BY_USER"  #: paid, not verified yet
    PURCHASE_CONFIRM_BY_MERCHANT = "PURCHASE_CONFIRM_BY_MERCHANT"  #: paid and verified
    UNRECOGNISED = ""
