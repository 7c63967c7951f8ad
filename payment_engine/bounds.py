"""Bound the length, characters, size and date of every value that a gateway returns.

The store saves these values after money has moved, when a refusal of the database would lose the
outcome: SQLite takes any length, PostgreSQL raises. So a gateway keeps to these bounds, and the
columns are at least as wide. Lengths are in characters. What is not a name of ours is made
:func:`printable`: a terminal obeys ESC, a log begins an entry after a line break, and U+202E turns
what follows around.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

LONGEST_ORDER_KEY: Final = 64  #: the application's key of an order
LONGEST_GATEWAY_NAME: Final = 64
LONGEST_IDENTIFIER: Final = 64  #: the gateway's identifier of a payment
LONGEST_REFERENCE: Final = 255
LONGEST_TRACKING_NUMBER: Final = 64
LONGEST_CARD: Final = 30  #: masked; a card has at most 19 digits
LONGEST_URL: Final = 2000  #: what browsers and proxies are sure to carry
LONGEST_WORD: Final = 64  #: a status
LONGEST_PERSON: Final = 100  #: who asked for a refund
LONGEST_REASON: Final = 1000  #: what a person says why
#: Any other text, tokens included; servers commonly refuse a header line of more than 8 KiB.
LONGEST_TEXT: Final = 8192

MOST_ERRORS: Final = 20  #: codes, and messages, of one refusal
LONGEST_CODE: Final = 100
LONGEST_MESSAGE: Final = 500
LONGEST_FINGERPRINT: Final = 100

LARGEST_LONG: Final = 2**63 - 1  #: the documents' "long", and a BIGINT

#: Far enough from the ends of datetime that adding or subtracting days cannot overflow.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)


_ZWNJ: Final = "\u200c"  # parts the letters of a Persian word; of the invisible ones it alone stays
_REPLACED: Final = "\N{REPLACEMENT CHARACTER}"


def is_name(text: str, longest: int) -> bool:
    """Return whether a text can be stored and printed anywhere: 1 to ``longest`` characters."""
    return 0 < len(text) <= longest and text.isprintable()


def is_web_address(text: str) -> bool:
    """Return whether a browser can be sent to ``text``: http(s), on one line, without blanks."""
    if not is_name(text, LONGEST_URL) or " " in text:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # half of an IPv6 address, for instance
        return False


def printable(text: str) -> str:
    """Return the text on one line, without a character that a terminal or a reader would obey.

    Line breaks and other blanks become spaces. Control characters, marks of direction and what else
    is invisible become U+FFFD, so that it is seen that something was there.
    """
    if text.isprintable():
        return text
    return "".join(map(_printable, text))


def _printable(letter: str) -> str:
    if letter.isprintable() or letter == _ZWNJ:
        return letter
    return " " if letter.isspace() else _REPLACED


def clamped(moment: datetime) -> datetime:
    """Return the nearest moment from EARLIEST to LATEST, in UTC.

    Compared before it is converted: the conversion of an extreme moment overflows.
    """
    return min(max(moment, EARLIEST), LATEST).astimezone(UTC)
