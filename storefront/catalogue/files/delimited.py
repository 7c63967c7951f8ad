"""Read CSV as Excel, LibreOffice and text editors save it, with the lines an editor shows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Sequence
from functools import partial
from itertools import islice, takewhile
from typing import Any

from storefront.catalogue.files.columns import Kind, column_of, is_price_without_unit
from storefront.catalogue.files.problems import N_, Problems
from storefront.catalogue.files.tables import (
    TITLE_ROWS,
    Row,
    Rows,
    Table,
    known_headings,
    trimmed,
    with_headings,
)
from storefront.core.typed import ascii_digits

DELIMITERS = (",", ";", "\t")
_SAID = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_GROUPS = re.compile(r"\d{1,3}(,\d{3})+")
_FIRST_PIECE = re.compile(r"\d{1,3}")
_PIECE = re.compile(r"\d{3}")
_MOST_COMMAS = 5  # in a price
_PRICES = frozenset({Kind.TOMAN, Kind.RIALS})

QUOTES = N_(
    "a quotation mark is opened and not closed as it should: put the whole cell in quotation marks,"
    " and write a quotation mark inside it twice"
)
PRICE_IN_PIECES = N_(
    "the price %(price)s stands without quotation marks and so became %(count)s cells: write"
    " %(plain)s, or put it in quotation marks"
)
TOO_MANY_CELLS = N_(
    "there are %(cells)s cells for %(columns)s headings: put a text with a comma or semicolon in"
    " quotation marks, or remove what is too much"
)
TOO_FEW_CELLS = N_("there are %(cells)s cells for %(columns)s headings: add what is missing")


def read(text: str, foreign: Collection[str], problems: Problems) -> Table:
    """Return the table of a CSV file. Raises WrongFile."""
    said = _SAID.match(text)
    first_line = 2 if said else 1
    text = text[said.end() :] if said else text
    delimiter = said.group(1) if said else _delimiter(text, foreign)

    def misfit(line: int, cells: Sequence[Any], headings: list[str]) -> None:
        _complain(problems, line, list(map(str, cells)), headings)

    rows = _rows(text, delimiter, first_line, problems)
    sift = partial(_without_prices_in_pieces, problems, delimiter)
    return with_headings(rows, foreign, problems, misfit, sift)


def _delimiter(text: str, foreign: Collection[str]) -> str:
    """Return what divides the row of headings best."""

    def found(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text[:50_000], newline=""), delimiter=delimiter)
        rows = list(islice(reader, TITLE_ROWS))
        known = max((known_headings(row, foreign) for row in rows), default=0)
        return known, max(map(len, rows), default=0)

    return max(DELIMITERS, key=found)


def _rows(text: str, delimiter: str, line: int, problems: Problems) -> Rows:
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True
    )
    above = line - 1
    while True:
        start = reader.line_num + above + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise problems.stop(QUOTES, start) from None
        yield start, cells


def _complain(problems: Problems, line: int, cells: list[str], headings: list[str]) -> None:
    numbers: dict[str, object] = {"cells": len(cells), "columns": len(headings)}
    if len(cells) > len(headings):
        problems.add(TOO_MANY_CELLS, line, "", cells[-1], **numbers)
    else:
        problems.add(TOO_FEW_CELLS, line, "", "", **numbers)


def _without_prices_in_pieces(
    problems: Problems, delimiter: str, rows: list[Row], headings: list[str], width: int
) -> list[Row]:
    """Note each price that its own commas divided, and return the other rows."""
    place = _price_column(headings)
    if place is None:
        return rows
    whole: list[Row] = []
    for line, cells in rows:
        extra = max(len(cells) - width, len(trimmed(cells)) - len(headings))
        price = _price_in_pieces(cells[place:], extra, delimiter)
        if price:
            count, plain = price.count(",") + 1, price.replace(",", "")
            problems.add(
                PRICE_IN_PIECES, line, headings[place], price=price, count=count, plain=plain
            )
        else:
            whole.append((line, cells))
    return whole


def _price_column(headings: list[str]) -> int | None:
    for place, heading in enumerate(headings):
        column = column_of(heading)
        if column.kind in _PRICES if column else is_price_without_unit(heading):
            return place
    return None


def _price_in_pieces(cells: Sequence[str], extra: int, delimiter: str) -> str:
    """Return the price that these cells begin with, if it has been divided; else nothing.

    It has as many commas as there are cells too many. Where none is too many, because another cell
    is missing, three digits that begin with 0 are no cell of their own.
    """
    for commas in range(min(extra, _MOST_COMMAS), 0, -1):
        joined = ",".join(map(ascii_digits, cells[: commas + 1]))
        if _GROUPS.fullmatch(joined):
            return joined
    if delimiter != "," or not _FIRST_PIECE.fullmatch(ascii_digits(cells[0] if cells else "")):
        return ""
    pieces = takewhile(_PIECE.fullmatch, map(ascii_digits, cells[1:]))
    joined = ",".join((ascii_digits(cells[0]), *pieces))
    return joined if ",0" in joined else ""
