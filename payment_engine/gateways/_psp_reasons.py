"""Read from a purchase of PPG v3 why it failed, as its PSP told Jibit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from jibit_client.ppg_v3.purchases import Purchase
from payment_engine.gateway import FailReason

_NAMED: Final = {
    "CANCELLED_BY_USER": FailReason.CANCELLED_BY_PAYER,
    "TRANSACTION_TIMED_OUT": FailReason.TIMED_OUT,
    "PSP_PAYER_CARD_NOT_MATCHED": FailReason.OTHER_CARD,
}
# The document names no number. Those are ISO 8583's, which the banks' network uses (a guess).
_NUMBERED: Final = {
    51: FailReason.INSUFFICIENT_FUNDS,
    54: FailReason.EXPIRED_CARD,
    55: FailReason.WRONG_PIN,
}
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]*")


def why_failed(purchase: Purchase) -> FailReason | None:
    """Return the reason: from ``pspFailReason`` or, as that is deprecated, from the PSP's list."""
    named = (_NAMED[word] for word in _words(purchase) if word in _NAMED)
    codes = (each.code for each in purchase.psp_fail_reasons)
    numbered = (_NUMBERED[code] for code in codes if code in _NUMBERED)
    return next(named, None) or next(numbered, None)


def _words(purchase: Purchase) -> Iterator[str | None]:
    yield purchase.psp_fail_reason
    for each in purchase.psp_fail_reasons:
        yield from (each.psp_error, each.description)


def banks_words(purchase: Purchase) -> str | None:
    """Return the PSP's sentence about a failure; a mere code is none."""
    told = (each.description for each in purchase.psp_fail_reasons)
    return next((words for words in told if words and not _CODE.fullmatch(words)), None)
