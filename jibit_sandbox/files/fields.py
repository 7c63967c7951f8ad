"""Read the fields of a JSON file; what is wrong is named by its place, with what to write there."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from jibit_sandbox.core.clock import from_text
from jibit_sandbox.core.errors import ControlError
from jibit_sandbox.web.json_requests import not_json

YEARS = range(1900, 9000)  # so that nothing that is reckoned from a moment leaves the calendar
LONG = 2**63
LONGEST_SHOWN = 60  # characters of a wrong value


@dataclass(frozen=True, slots=True)
class Kind:
    """What a field may hold: ``read`` raises ValueError or TypeError, ``says`` what to write."""

    says: str
    read: Callable[[Any], Any]


def text_of(file: Path) -> str:
    """Return a file's text, in UTF-8 or, as PowerShell's ``>`` writes it, in UTF-16."""
    content = file.read_bytes()
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        raise ControlError(f"{file} is no text in UTF-8 or UTF-16") from None


def parsed(text: str, source: str) -> Any:
    """Return the JSON of a text; raise ControlError with line and column where it is none."""
    try:
        document = json.loads(text, parse_constant=not_json)
        json.dumps(document, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except json.JSONDecodeError as error:
        place = f"{source}, line {error.lineno}, column {error.colno}"
        raise ControlError(f"{place}: this is no JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise ControlError(f"{source}: this is no JSON that can be read") from None
    return document


def shown(value: Any) -> str:
    """Return a wrong value for a sentence, not longer than a line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


class Fields:
    """The fields of one object of the file; ``path`` is its place, such as ``orders[2]``."""

    def __init__(self, value: Any, path: str = "") -> None:
        if not isinstance(value, dict):
            raise ControlError(f"{path or 'the file'} must be an object {{…}}, not {shown(value)}")
        self.path = path
        self.values: Mapping[str, Any] = value

    def place(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def only(self, known: Collection[str]) -> None:
        """Raise ControlError for the first field that is not one of these."""
        for name in self.values:
            if name not in known:
                near = get_close_matches(name, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
                raise ControlError(f"{self.place(name)}: there is no such field; {hint}")

    def read(self, name: str, kind: Kind, default: Any = None) -> Any:
        """Return the field's value; the default where it is absent or null."""
        value = self.values.get(name)
        if value is None:
            return default
        try:
            return kind.read(value)
        except (TypeError, ValueError):
            raise self.wrong(name, kind.says) from None

    def wrong(self, name: str, says: str) -> ControlError:
        value = self.values.get(name)
        return ControlError(f"{self.place(name)} must be {says}, not {shown(value)}")

    def inner(self, name: str) -> Fields:
        """Return the object in a field; an empty one where it is absent or null."""
        return Fields(self.values.get(name) or {}, self.place(name))

    def each(self, name: str) -> Iterator[Fields]:
        """Give the objects of the list in a field."""
        listed = self.read(name, Kind("a list […]", a_list), [])
        for number, value in enumerate(listed):
            yield Fields(value, f"{self.place(name)}[{number}]")


def a_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def a_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def a_whole_number(value: Any) -> int:
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    if type(number) is not int or not 0 <= number < LONG:
        raise ValueError
    return number


def a_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def a_moment(value: Any) -> datetime:
    moment = from_text(a_text(value))
    if moment.year not in YEARS:
        raise ValueError
    return moment


def texts(value: Any) -> list[str]:
    return [a_text(each) for each in a_list(value)]


TEXT = Kind('a text "…"', a_text)
WHOLE = Kind("a whole number of 0 or more", a_whole_number)
FLAG = Kind("true or false", a_flag)
MOMENT = Kind('a moment like "2026-01-01T08:30:00Z"', a_moment)
TEXTS = Kind('a list of texts ["…"]', texts)


def number_up_to(most: float) -> Kind:
    """Return the kind of numbers from 0 to ``most``."""

    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise ValueError
        return value

    return Kind(f"a number from 0 to {most:g}", read)


def one_of(words: Collection[str]) -> Kind:
    """Return the kind of these words."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError
        return str(value)

    return Kind(f"one of {', '.join(words)}", read)
