"""Bound the length, characters, size and date of every value that leaves a client.

Callers store these values after money has moved, when an error of the database would lose the
outcome: SQLite accepts any length, PostgreSQL raises. Make columns at least as wide. Texts are
:func:`printable`: a terminal obeys ESC, a log begins an entry after a line break, and U+202E turns
what follows around.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

LONGEST_IDENTIFIER: Final = 64  #: the gateway's identifier of a payment
LONGEST_REFERENCE: Final = 255
LONGEST_TRACKING_NUMBER: Final = 64
LONGEST_CARD: Final = 30  #: masked; a card has at most 19 digits
LONGEST_URL: Final = 2000  #: what browsers and proxies are sure to carry
LONGEST_WORD: Final = 64  #: a status
#: Any other text, tokens included; servers commonly refuse a header line of more than 8 KiB.
LONGEST_TEXT: Final = 8192

MOST_ODD_FIELDS: Final = 20  #: their names, in one message of PPG v3

MOST_ERRORS: Final = 20  #: codes, and messages, of one refusal
LONGEST_CODE: Final = 100
LONGEST_MESSAGE: Final = 500
LONGEST_FINGERPRINT: Final = 100
LONGEST_RETRY_AFTER: Final = 24 * 3600  #: seconds; a longer wait is a mistake

LARGEST_LONG: Final = 2**63 - 1  #: the documents' "long", and a BIGINT

#: Far enough from the ends of datetime that adding or subtracting days cannot overflow.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)

_ZWNJ: Final = "\u200c"  # parts the letters of a Persian word; of the invisible ones it alone stays
_REPLACED: Final = "\N{REPLACEMENT CHARACTER}"


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
