"""Turn the cells of each column into what the database keeps, or say what to write instead."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from storefront.catalogue.files.columns import Column, Kind
from storefront.catalogue.files.decoding import FORMAT, LETTERS_LOST
from storefront.catalogue.files.numbers import RIALS_IN, WrongCell, number_of
from storefront.catalogue.files.pictures import NO_PICTURE, Pictures
from storefront.catalogue.files.problems import N_
from storefront.catalogue.files.tables import ABSENT, is_blank
from storefront.catalogue.files.texts import (
    SLUG,
    has_lost_letters,
    is_garbled,
    line_of,
    paragraphs_of,
    slug_of,
)
from storefront.core.typed import ascii_digits

MOST_PIECES = 10**9
MOST_PLACES = 10**9
MOST_PICTURES = 12  # of one product
_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#####"})
_DATE = re.compile(
    r"\d{1,2}-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(-\d{2,4})?", re.IGNORECASE
)
_DATES = (datetime.date, datetime.time, datetime.timedelta)
_BETWEEN_NAMES = re.compile(r"[|,;،؛\n]")
_BETWEEN_TEXTS = re.compile(r"[|\n]")
_GUARDED = re.compile(r"'[=+\-@']")  # so CSV keeps a spreadsheet from running a text as a formula

MISSING = N_("is empty: write something here")
IS_DATE = N_("was made a date by the spreadsheet: give the column the format “Text”, then write it")
IS_ERROR = N_("is an error of the spreadsheet: repair the formula, or write the value itself")
GARBLED = N_("has lost its letters: save the original file as “%(format)s”")
NOT_TEXT = N_("should be text, in quotation marks")
TOO_LONG = N_("has %(length)s characters, but there is room for %(most)s: shorten it")
BAD_SLUG = N_("should be small Latin letters, digits and hyphens, for example %(example)s")
TOO_MANY_PICTURES = N_("names more than %(most)s pictures: leave the best")
TOO_MANY_TEXTS = N_("has more than %(most)s texts: write one for each picture")
NOT_WHOLE = N_("should be a whole number, for example 12")
OUT_OF_RANGE = N_("should be a number from %(least)s to %(most)s")
BAD_TOMAN = N_(
    "should be a price in Toman from 1 to %(most)s, with one digit after the point at most"
)
BAD_RIALS = N_("should be a price in whole Rials from 1 to %(most)s")

Reader = Callable[[Any], Any]


def reader_of(column: Column, *, strict: bool, pictures: Pictures, dearest_rials: int) -> Reader:
    """Return the function that reads a cell of a column.

    It returns None for a cell that changes nothing, and raises :class:`WrongCell`. ``strict`` is
    whether a text must be one by its type.
    """
    text = partial(_text, strict=strict)
    readers: dict[Kind, Reader] = {
        Kind.SLUG: partial(_slug, text, column.width),
        Kind.LINE: partial(_line, text, column.width),
        Kind.TEXT: partial(_paragraphs, text, column.width),
        Kind.PICTURE: partial(_picture, text, pictures),
        Kind.PICTURES: partial(_pictures, text, pictures),
        Kind.LINES: partial(_lines, text, column.width),
        Kind.TOMAN: partial(_rials, "toman", dearest_rials),
        Kind.RIALS: partial(_rials, "rials", dearest_rials),
        Kind.PIECES: partial(_whole, MOST_PIECES),
        Kind.PLACE: partial(_whole, MOST_PLACES),
    }
    read = partial(_read, readers[column.kind], column.required, _EMPTY.get(column.name))
    is_repeated = column.name in _REPEATED and not strict  # JSON's lists are no keys of a cache
    return lru_cache(1_000, typed=True)(read) if is_repeated else read


_REPEATED = frozenset({"category", "category_name_fa", "category_name_en", "image"})
_EMPTY = {  # what an empty cell means, where it means something
    **dict.fromkeys(("name_en", "category_name_en", "description_fa", "description_en"), ""),
    **dict.fromkeys(("keywords", "more_images", "image_texts_fa", "image_texts_en"), ""),
    "image": NO_PICTURE,
}


def _read(reader: Reader, required: bool, empty: str | None, cell: Any) -> Any:
    if cell is ABSENT:
        return None
    if isinstance(cell, str) and is_garbled(cell):
        raise WrongCell(GARBLED, format=FORMAT)
    if is_blank(cell):
        if required:
            raise WrongCell(MISSING)
        return empty
    if isinstance(cell, str):
        if cell.strip() in _ERRORS:
            raise WrongCell(IS_ERROR)
    elif isinstance(cell, _DATES):
        raise WrongCell(IS_DATE)
    return reader(cell)


def _text(cell: Any, *, strict: bool) -> str:
    if isinstance(cell, str):
        return cell[1:] if _GUARDED.match(cell) else cell
    if strict or isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
        raise WrongCell(NOT_TEXT)
    number = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
    return f"{number:f}".removesuffix(".0")


def _bounded(text: str, most: int) -> str:
    if len(text) > most:
        raise WrongCell(TOO_LONG, length=len(text), most=most)
    return text


def _slug(text: Reader, width: int, cell: Any) -> str:
    said = text(cell)
    slug = said if SLUG.fullmatch(said) else ascii_digits(said).lstrip("'")
    if _DATE.fullmatch(slug):
        raise WrongCell(IS_DATE)
    if not SLUG.fullmatch(slug):
        raise WrongCell(BAD_SLUG, example=slug_of(slug) or "tea-glass")
    return _bounded(slug, width)


def _line(text: Reader, width: int, cell: Any) -> str:
    return _bounded(line_of(_with_letters(text(cell), name=True)), width)


def _paragraphs(text: Reader, width: int, cell: Any) -> str:
    return _bounded(paragraphs_of(_with_letters(text(cell), name=False)), width)


def _with_letters(text: str, *, name: bool) -> str:
    if has_lost_letters(text, name=name):
        raise WrongCell(LETTERS_LOST, format=FORMAT)
    return text


def _picture(text: Reader, pictures: Pictures, cell: Any) -> str:
    return pictures.named(line_of(text(cell)))


def _pictures(text: Reader, pictures: Pictures, cell: Any) -> str:
    names = [line_of(name) for name in _BETWEEN_NAMES.split(text(cell)) if name.strip()]
    if len(names) >= MOST_PICTURES:
        raise WrongCell(TOO_MANY_PICTURES, most=MOST_PICTURES - 1)
    return "\n".join(pictures.named(name) for name in names)


def _lines(text: Reader, width: int, cell: Any) -> str:
    """Return a line for each picture; one that is empty keeps its place."""
    lines = _BETWEEN_TEXTS.split(text(cell))
    if len(lines) > MOST_PICTURES:
        raise WrongCell(TOO_MANY_TEXTS, most=MOST_PICTURES)
    return "\n".join(_bounded(line_of(_with_letters(line, name=False)), width) for line in lines)


def _rials(unit: str, dearest: int, cell: Any) -> int:
    rials = number_of(cell, unit) * RIALS_IN[unit]
    if rials != int(rials) or not 1 <= rials <= dearest:
        wrong = BAD_TOMAN if unit == "toman" else BAD_RIALS
        raise WrongCell(wrong, most=dearest // RIALS_IN[unit])
    return int(rials)


def _whole(most: int, cell: Any) -> int:
    number = number_of(cell)
    if number != int(number):
        raise WrongCell(NOT_WHOLE)
    if not 0 <= number <= most:
        raise WrongCell(OUT_OF_RANGE, least=0, most=most)
    return int(number)
