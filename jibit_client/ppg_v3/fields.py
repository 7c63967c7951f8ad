"""Read the kinds of fields that PPG v3 has and the other gateways have not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Final, Protocol, TypeVar

from ..bounds import LONGEST_IDENTIFIER, LONGEST_TEXT, LONGEST_WORD, MOST_ODD_FIELDS, printable
from ..errors import Unintelligible
from ..fields import Fields, claimed_word, for_a_path
from .vocabulary import CURRENCY


class Message(Protocol):
    """Describe a message of the gateway that names its odd fields."""

    @property
    def odd_fields(self) -> tuple[str, ...]:
        """Return the names of the fields that were read as missing or clamped."""


RowT = TypeVar("RowT", bound=Message)
T = TypeVar("T")

MOST_NESTED: Final = 20  #: rows in a field that no decision needs, such as a PSP's reasons

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_NUMBER: Final = re.compile("0|[1-9][0-9]*")


def wire_identifier(identifier: str) -> int | str:
    """Return an identifier as a JSON value: an int64 in the document, so a number if it is one.

    Raises ValueError for what cannot be an identifier.
    """
    text = for_a_path(identifier)
    return int(text) if _NUMBER.fullmatch(text) else text


class V3Fields(Fields):
    """Read one answer of PPG v3."""

    def odd_names(self, rows: Iterable[Message] = ()) -> tuple[str, ...]:
        """Return the names of the first odd fields, of the rows' as well.

        Call it last, when all other fields have been read.
        """
        names = [*self.odd, *(name for row in rows for name in row.odd_fields)]
        return tuple(dict.fromkeys(names))[:MOST_ODD_FIELDS]

    def purchase_id(self) -> str:
        """Read ``purchaseIdStr``, or else ``purchaseId``, which must be there."""
        has_text = self.raw.get("purchaseIdStr") is not None
        return self.numbered("purchaseIdStr" if has_text else "purchaseId")

    def numbered(self, name: str) -> str:
        """Read an identifier that must be there, a number of any size or a text, as a text."""
        value = self.raw.get(name)
        if type(value) is not int:
            return self.identifier(name)
        if value < 0 or len(text := str(value)) > LONGEST_IDENTIFIER:
            self.complain(f"{name} is no identifier")
        return text

    def optional_numbered(self, name: str) -> str | None:
        """Read an identifier, a number of any size or a text, as a text."""
        if self.raw.get(name) in (None, ""):
            return None
        try:
            return self.numbered(name)
        except Unintelligible:
            self.note_odd(name)
            return None

    def expect_rials(self, name: str = "currency") -> None:
        """Complain if the amounts are in another currency than Rials; without one they are not."""
        if self.raw.get(name, CURRENCY) not in (CURRENCY, None):
            self.complain(f"{name} is not {CURRENCY}")

    def optional_rials(self, name: str) -> int | None:
        """Read an amount of Rials: a long that is not negative."""
        amount = self.optional_long(name)
        if amount is None or amount >= 0:
            return amount
        self.note_odd(name)
        return None

    def optional_word(self, name: str) -> str | None:
        """Read a word of a vocabulary that no decision needs."""
        return self.optional_text(name, LONGEST_WORD)

    def json_text(self, name: str) -> str | None:
        """Read an object, or a text that holds one, as JSON text."""
        value = self.raw.get(name)
        if value is None or isinstance(value, str):
            return self.optional_text(name)
        try:
            text = json.dumps(value, ensure_ascii=False)
        except RecursionError:
            text = ""
        if (
            isinstance(value, dict)
            and 0 < len(text) <= LONGEST_TEXT
            and not _UNSTORABLE.search(text)
        ):
            return printable(text)
        self.note_odd(name)
        return None

    def inner_rows(self, name: str, read: Callable[[V3Fields], T]) -> tuple[T, ...]:
        """Read the first objects of an array that no decision needs."""
        rows = self._optional(name, list) or []
        objects = [row for row in rows[:MOST_NESTED] if isinstance(row, dict)]
        if len(objects) != len(rows):
            self.note_odd(name)
        return tuple(read(V3Fields(self.operation, row, self.odd)) for row in objects)

    def words_by_name(self, name: str) -> dict[str, str]:
        """Read the first entries of an object that no decision needs and whose values are words."""
        entries = self._optional(name, dict) or {}
        words = {
            key: word
            for key, word in list(entries.items())[:MOST_NESTED]
            if isinstance(word, str) and claimed_word(key) and claimed_word(word)
        }
        if len(words) != len(entries):
            self.note_odd(name)
        return words


def sorted_out(
    rows: list[object], read: Callable[[object], RowT]
) -> tuple[tuple[RowT, ...], tuple[object, ...]]:
    """Return the rows of a list as messages, and apart from them those that make no sense."""
    messages, unreadable = [], []
    for row in rows:
        try:
            messages.append(read(row))
        except Unintelligible:
            unreadable.append(row)
    return tuple(messages), tuple(unreadable)
