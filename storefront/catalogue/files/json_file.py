"""Read JSON: ``{"categories": [...], "products": [...]}``, or a list of products."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from storefront.catalogue.files.problems import ENTRY, N_, Problems
from storefront.catalogue.files.tables import (
    ABSENT,
    EMPTY,
    MOST_COLUMNS,
    MOST_ROWS,
    TOO_MANY_COLUMNS,
    TOO_MANY_ROWS,
    Row,
    Table,
)
from storefront.core.typed import one_line

LONGEST_INTEGER = 40  # digits

SHAPE = N_('the file should hold {"categories": [...], "products": [...]}, or a list of products')
SYNTAX = N_("this is no JSON: %(reason)s")
NO_OBJECT = N_("here should stand an object in braces: {...}")
TWICE = N_("the name “%(name)s” stands twice in this object: remove one")


class _Twice(ValueError):
    pass


def read(text: str, problems: Problems) -> Table:
    """Return the table of a JSON file, a column for each name. Raises WrongFile."""
    if "\n" not in text.strip():  # as programs write it: all that stands in it is in line 1
        problems.place = ENTRY
    try:
        parts = dict(_parts(text, problems))
    except _Wrong as wrong:
        line = None if problems.place is ENTRY else _line(text, wrong.place)
        raise problems.stop(wrong.text, line, **wrong.details) from None
    if not parts.get("products"):
        raise problems.stop(EMPTY)
    if len(parts["products"]) > MOST_ROWS:
        raise problems.stop(TOO_MANY_ROWS, most=MOST_ROWS)
    names = list(dict.fromkeys(name for _, row in parts["products"] for name in row))
    if len(names) > MOST_COLUMNS:
        raise problems.stop(TOO_MANY_COLUMNS, most=MOST_COLUMNS)
    rows: list[Row] = [
        (line, [row.get(name, ABSENT) for name in names]) for line, row in parts["products"]
    ]
    return Table(names, rows, strict=True, categories=parts.get("categories", []))


class _Wrong(Exception):
    def __init__(self, place: int, text: str, **details: object) -> None:
        self.place, self.text, self.details = place, text, details
        super().__init__(text)


Objects = list[tuple[int, Mapping[str, Any]]]  # line or entry, object


def _parts(text: str, problems: Problems) -> Iterator[tuple[str, Objects]]:
    """Walk through the outer braces by hand: the parser does not say where an object begins."""
    place = _space(text, 0)
    if text[place : place + 1] == "[":
        objects, place = _objects(text, place, problems)
        yield "products", objects
    elif text[place : place + 1] == "{":
        place = _space(text, place + 1)
        while text[place : place + 1] != "}":
            name, place = _value(text, place)
            place = _after(text, place, ":")
            if name not in {"categories", "products"} or text[place : place + 1] != "[":
                raise _Wrong(place, SHAPE)
            objects, place = _objects(text, place, problems)
            yield name, objects
            place = _next(text, place, "}")
        place += 1
    else:
        raise _Wrong(place, SHAPE)
    if _space(text, place) != len(text):
        raise _Wrong(place, SHAPE)


def _objects(text: str, place: int, problems: Problems) -> tuple[Objects, int]:
    found: Objects = []
    entry, line, counted = 0, _line(text, place), place
    place = _space(text, place + 1)
    while text[place : place + 1] != "]":
        entry, line, counted = entry + 1, line + text.count("\n", counted, place), place
        where = entry if problems.place is ENTRY else line
        value, place = _value(text, place)
        if isinstance(value, dict):
            found.append((where, value))
        else:
            problems.add(NO_OBJECT, where, value=value)
        place = _next(text, place, "]")
    return found, place + 1


def _value(text: str, place: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, place)
    except json.JSONDecodeError as error:
        raise _Wrong(error.pos, SYNTAX, reason=_where(text, error)) from None
    except _Twice as error:
        raise _Wrong(place, TWICE, name=str(error)) from None
    except RecursionError:
        raise _Wrong(place, NO_OBJECT) from None


def _where(text: str, error: json.JSONDecodeError) -> str:
    """Return what the parser says, with the text before the place: a line alone may be long."""
    before = one_line(text[max(0, error.pos - 20) : error.pos])
    return f"{error.msg}: …{before}" if before else error.msg


def _space(text: str, place: int) -> int:
    while text[place : place + 1] in {" ", "\t", "\r", "\n"}:
        place += 1
    return place


def _after(text: str, place: int, sign: str) -> int:
    place = _space(text, place)
    if text[place : place + 1] != sign:
        raise _Wrong(place, SYNTAX, reason=f"Expecting {sign}")
    return _space(text, place + 1)


def _next(text: str, place: int, end: str) -> int:
    """Return where the next value begins, or where the end stands."""
    place = _space(text, place)
    return place if text[place : place + 1] == end else _after(text, place, ",")


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return found


def _integer(digits: str) -> int | str:
    """A number of thousands of digits stays a text, which no column takes."""
    return int(digits) if len(digits) <= LONGEST_INTEGER else digits


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Decimal, parse_int=_integer, parse_constant=str
)
