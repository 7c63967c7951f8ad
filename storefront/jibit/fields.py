"""Reading a gateway's JSON object strictly: a field has the documented type, or it is said so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NoReturn, TypeVar

from .errors import Unintelligible

_LONG: Final = 2**63  # the documents' "long" is a signed 64-bit integer, and so is a BIGINT

T = TypeVar("T")


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
