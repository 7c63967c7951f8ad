"""The fields of a gateway's messages, read strictly: of the documented type, or it is said so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NoReturn, TypeVar

from .errors import Unintelligible

_LONG: Final = 2**63  # the documents' "long" is a signed 64-bit integer, and so is a BIGINT

# Ours: the documents say "string" and no more, but the identifier becomes part of a path.
_IDENTIFIER: Final = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._~-]{0,127}")
_WORD: Final = re.compile(r"[\w.-]{1,64}")

T = TypeVar("T")
Vocabulary = TypeVar("Vocabulary", bound=StrEnum)


def is_order_identifier(text: str | None) -> bool:
    """Whether ``text`` can be put into a path as it is."""
    return text is not None and _IDENTIFIER.fullmatch(text) is not None


def for_a_path(order_identifier: str) -> str:
    """The identifier, to be put into a path. ValueError if it is none."""
    if not is_order_identifier(order_identifier):
        raise ValueError("not an order identifier")
    return order_identifier


def claimed_identifier(text: str | None) -> str | None:
    """What a browser calls an order identifier; None if it is none."""
    return text if is_order_identifier(text) else None


def claimed_word(text: str | None) -> str | None:
    """What a browser calls a status; None if it is no plain word."""
    return text if text and _WORD.fullmatch(text) else None


def recognised(vocabulary: type[Vocabulary], said: str | None) -> Vocabulary:
    """The status that ``said`` spells, letter for letter, else the vocabulary's empty one."""
    return vocabulary(said if said in set(vocabulary) else "")


def whole(amount: int) -> int:
    """An amount to be sent. ValueError if it is no integer: JSON would carry it all the same."""
    if type(amount) is not int:  # isinstance takes True for an int
        raise ValueError("an amount is an integer")
    return amount


def given(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields of a request that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


class Fields:
    """The fields of one answer. Every reader raises Unintelligible, never naming the value."""

    def __init__(self, operation: str, answer: object) -> None:
        self.operation = operation
        if not isinstance(answer, dict):
            self.complain("the answer is not a JSON object")
        self.raw: Mapping[str, object] = answer

    def complain(self, about: str) -> NoReturn:
        """Raise Unintelligible: the answer is at fault in the way told by ``about``."""
        raise Unintelligible(self.operation, about)

    def text(self, name: str) -> str:
        """A text that must be there and not be empty."""
        return self._present(name, self.optional_text(name) or None)

    def optional_text(self, name: str) -> str | None:
        """A text, or None where it is missing or null."""
        return self._typed(name, str, "a string")

    def long(self, name: str) -> int:
        """An integer of 64 bits that must be there: no boolean, no float, no digits in a string."""
        return self._present(name, self.optional_long(name))

    def optional_long(self, name: str) -> int | None:
        """The same, or None where it is missing or null."""
        value = self._typed(name, int, "a long")
        if value is not None and not -_LONG <= value < _LONG:
            self.complain(f"{name} is not a long")
        return value

    def text_or_long(self, name: str) -> str:
        """A text or an integer of 64 bits, as a text, where gateways do not agree which it is."""
        return self._present(name, self.optional_text_or_long(name) or None)

    def optional_text_or_long(self, name: str) -> str | None:
        """The same, or None where it is missing or null."""
        if type(self.raw.get(name)) is int:
            return str(self.long(name))
        return self.optional_text(name)

    def identifier(self, name: str) -> str:
        """An order identifier that must be there."""
        text = self.text(name)
        if not is_order_identifier(text):
            self.complain(f"{name} is not URL-safe")
        return text

    def rials(self, name: str) -> int:
        """An amount of Rials that must be there: a long that is not negative."""
        amount = self.long(name)
        if amount < 0:
            self.complain(f"{name} is no amount of money")
        return amount

    def nested(self, name: str) -> Fields:
        """The fields of an object that must be there."""
        return Fields(self.operation, self._present(name, self._typed(name, dict, "an object")))

    def boolean(self, name: str) -> bool:
        """A boolean that must be there."""
        return self._present(name, self._typed(name, bool, "a boolean"))

    def array(self, name: str) -> list[object]:
        """An array that must be there."""
        return self._present(name, self._typed(name, list, "an array"))

    def moment(self, name: str) -> datetime | None:
        """An ISO date with its offset, as aware UTC to the microsecond; None if it is missing."""
        text = self.optional_text(name)
        try:
            return _utc(text) if text else None
        except (ValueError, OverflowError):
            self.complain(f"{name} is not an ISO date with an offset")

    def _typed(self, name: str, kind: type[T], called: str) -> T | None:
        value = self.raw.get(name)
        if value is not None and type(value) is not kind:  # isinstance takes True for an int
            self.complain(f"{name} is not {called}")
        return value

    def _present(self, name: str, value: T | None) -> T:
        if value is None:
            self.complain(f"{name} is missing")
        return value


def _utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a date without an offset")
    return moment.astimezone(UTC)
