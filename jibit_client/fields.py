"""Read the fields of a gateway's messages.

Fields that a decision needs are read strictly; any other odd field is read as None, and its name is
noted and logged. Every text that is read is :func:`~jibit_client.bounds.printable`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NoReturn, TypeVar

from .bounds import (
    LARGEST_LONG,
    LONGEST_IDENTIFIER,
    LONGEST_TEXT,
    LONGEST_URL,
    LONGEST_WORD,
    clamped,
    printable,
)
from .errors import Unintelligible

# Our own rule: the documents say "string" and no more, but the identifier becomes part of a path.
_IDENTIFIER: Final = re.compile(rf"[0-9A-Za-z_-][0-9A-Za-z._~-]{{0,{LONGEST_IDENTIFIER - 1}}}")
_WORD: Final = re.compile(rf"[\w.-]{{1,{LONGEST_WORD}}}")
_AMOUNT: Final = re.compile("[0-9]{1,18}")
_WEB: Final = re.compile("(?i)https?://[^/]")
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")  # by PostgreSQL, and in UTF-8
_LONGEST_DATE: Final = 64  # an ISO date to the nanosecond, with its offset, has 35 characters

wire_log: Final = logging.getLogger("jibit_client.wire")

T = TypeVar("T")
Vocabulary = TypeVar("Vocabulary", bound=StrEnum)


def is_order_identifier(text: str | None) -> bool:
    """Return whether ``text`` can be put into a path as it is."""
    return text is not None and _IDENTIFIER.fullmatch(text) is not None


def for_a_path(order_identifier: str) -> str:
    """Return the identifier, to be put into a path. Raises ValueError if it is not one."""
    if not is_order_identifier(order_identifier):
        raise ValueError("not an order identifier")
    return order_identifier


def claimed_identifier(text: str | None) -> str | None:
    """Return an order identifier from a callback; None if it is not one."""
    return text if is_order_identifier(text) else None


def claimed_word(text: str | None) -> str | None:
    """Return a status from a callback; None if it is not a plain word."""
    return text if text and _WORD.fullmatch(text) else None


def claimed_amount(text: str | None) -> int | None:
    """Return an amount from a callback; None if it is not a plain number."""
    return int(text) if text and _AMOUNT.fullmatch(text) else None


def recognised(vocabulary: type[Vocabulary], said: str | None) -> Vocabulary:
    """Return the member that is spelt exactly as ``said``, else the vocabulary's UNRECOGNISED."""
    return vocabulary(said if said in set(vocabulary) else "")


def whole(amount: int) -> int:
    """Return an amount to be sent. Raises ValueError if it is no int."""
    if type(amount) is not int:  # isinstance takes True for an int
        raise ValueError("an amount is an integer")
    return amount


def wire_moment(moment: datetime) -> str:
    """Return a time as ``2020-06-10T18:50:55.247079Z``. Raises ValueError if it is naive."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def given(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of a request that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def warn_of_odd(operation: str, names: Iterable[str]) -> None:
    """Log the names, never the values, of the odd fields of an answer, if there are any."""
    if told := ", ".join(names):
        wire_log.warning("%s: odd fields, read as missing or clamped: %s", operation, told)


class Fields:
    """Read the fields of one answer, strictly where a decision needs them, else leniently.

    A strict reader raises Unintelligible for a field that is missing, of another type or too long.
    A reader called ``optional_...``, and ``moment``, returns None instead and puts the field's
    name into ``odd``. No error and no log line shows a value.
    """

    def __init__(self, operation: str, answer: object, odd: list[str] | None = None) -> None:
        """Take the answer. ``odd`` is shared with the object in which this one is nested."""
        self.operation = operation
        self.odd = [] if odd is None else odd
        if not isinstance(answer, dict):
            self.complain("the answer is not a JSON object")
        self.raw: Mapping[str, object] = answer

    def complain(self, about: str) -> NoReturn:
        """Raise Unintelligible: ``about`` says what is wrong with the answer."""
        raise Unintelligible(self.operation, about)

    def note_odd(self, name: str) -> None:
        """Remember that a field was not read as it stands."""
        if name not in self.odd:
            self.odd.append(name)

    def text(self, name: str, most: int = LONGEST_TEXT) -> str:
        """Read a text that must be there, of 1 to ``most`` characters."""
        text = self._required_text(name)
        if len(text) > most:
            self.complain(f"{name} is too long")
        return text

    def word(self, name: str) -> str:
        """Read a status that must be there; one that is longer than any vocabulary's is cut."""
        return self._required_text(name)[:LONGEST_WORD]

    def web_address(self, name: str) -> str:
        """Read where a payer is sent, which must be there: http(s), on one line, without blanks."""
        text = self.text(name, LONGEST_URL)
        if " " in text or not _WEB.match(text):
            self.complain(f"{name} is no web address")
        return text

    def identifier(self, name: str) -> str:
        """Read an order identifier that must be there."""
        text = self.text(name, LONGEST_IDENTIFIER)
        if not is_order_identifier(text):
            self.complain(f"{name} is not URL-safe")
        return text

    def long(self, name: str) -> int:
        """Read an integer of 64 bits that must be there: no boolean, float or digits in a text."""
        value = self._required(name, int, "a long")
        if not _is_long(value):
            self.complain(f"{name} is not a long")
        return value

    def rials(self, name: str) -> int:
        """Read an amount of Rials that must be there: a long that is not negative."""
        amount = self.long(name)
        if amount < 0:
            self.complain(f"{name} is no amount of money")
        return amount

    def text_or_long(self, name: str, most: int = LONGEST_TEXT) -> str:
        """Read a text or a long, as a text, where gateways do not agree which it is."""
        if type(self.raw.get(name)) is int:
            return str(self.long(name))
        return self.text(name, most)

    def nested(self, name: str) -> Fields:
        """Read an object that must be there."""
        return Fields(self.operation, self._required(name, dict, "an object"), self.odd)

    def boolean(self, name: str) -> bool:
        """Read a boolean that must be there."""
        return self._required(name, bool, "a boolean")

    def array(self, name: str) -> list[object]:
        """Read an array that must be there."""
        return self._required(name, list, "an array")

    def optional_text(self, name: str, most: int = LONGEST_TEXT) -> str | None:
        """Read a text of at most ``most`` characters; one that is not printable is made so."""
        text = self._optional(name, str)
        if text is None:
            return None
        if len(text) <= most and not _UNSTORABLE.search(text):
            return printable(text)
        self.note_odd(name)
        return None

    def optional_long(self, name: str) -> int | None:
        """Read an integer of 64 bits."""
        value = self._optional(name, int)
        if value is None or _is_long(value):
            return value
        self.note_odd(name)
        return None

    def optional_boolean(self, name: str) -> bool | None:
        """Read a boolean."""
        return self._optional(name, bool)

    def optional_text_or_long(self, name: str, most: int = LONGEST_TEXT) -> str | None:
        """Read a text or a long, as a text; an empty text is None."""
        if type(self.raw.get(name)) is not int:
            return self.optional_text(name, most) or None
        value = self.optional_long(name)
        return None if value is None else str(value)

    def moment(self, name: str) -> datetime | None:
        """Read an ISO date with its offset, as UTC; an extreme one is clamped, and odd."""
        text = self.optional_text(name, _LONGEST_DATE)
        if not text:
            return None
        moment = _aware(text)
        nearest = clamped(moment) if moment else None
        if nearest is None or nearest != moment:
            self.note_odd(name)
        return nearest

    def _required_text(self, name: str) -> str:
        text = self._required(name, str, "a string")
        if not text:
            self.complain(f"{name} is missing")
        if printable(text) != text:
            self.complain(f"{name} holds a character that cannot be printed")
        return text

    def _required(self, name: str, kind: type[T], called: str) -> T:
        value = self.raw.get(name)
        if value is None:
            self.complain(f"{name} is missing")
        if type(value) is not kind:  # isinstance takes True for an int
            self.complain(f"{name} is not {called}")
        return value

    def _optional(self, name: str, kind: type[T]) -> T | None:
        value = self.raw.get(name)
        if value is None or type(value) is kind:  # isinstance takes True for an int
            return value
        self.note_odd(name)
        return None


def _is_long(value: int) -> bool:
    return -LARGEST_LONG - 1 <= value <= LARGEST_LONG


def _aware(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else None
