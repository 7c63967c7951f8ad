"""Read whole numbers and prices as people and spreadsheets write them; no floats for money."""

from __future__ import annotations

import re
from decimal import Decimal

from storefront.catalogue.files.problems import N_
from storefront.core.typed import ascii_digits

LONGEST_NUMBER = 40  # characters
RIALS_IN = {"toman": 10, "rials": 1}
UNITS = re.compile(r"(?P<toman>تومان|tomans?|irt)|(?P<rials>ریال|﷼|rials?|irr)", re.IGNORECASE)

_THOUSANDS_MARK = "’"  # stands for the marks that are never a decimal point
_MARKS = str.maketrans("٬،", _THOUSANDS_MARK * 2)
_SEPARATORS = str.maketrans("'’ ", ",,,")
_DIGITS = re.compile(r"[0-9,]*")
_PLAIN = re.compile(r"-?\d+(\.\d+)?")
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")  # 1,200,000 or 1,200,000.00
_DOTTED = re.compile(r"-?\d{1,3}(\.\d{3}){2,}(,\d+)?")  # 1.200.000
_COMMA_FRACTION = re.compile(r"-?\d+,\d{1,2}")  # 450,00 is 450, or 45,000 with a slip
_ONE_DOT = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")  # 1.200 is one and a fifth, or 1,200
_SHORTENED = re.compile(r"-?\d+([.,]\d+)?e[+-]?\d+", re.IGNORECASE)

NO_NUMBER = N_("is no number: write digits only, for example 1200000")
ONE_DOT = N_(
    "can be read in two ways: write %(without)s, or %(with_comma)s if the dot separates thousands"
)
ONE_COMMA = N_(
    "can be read in two ways: write %(fraction)s if the comma is a decimal point, else %(whole)s"
)
SHORTENED = N_(
    "was shortened by the spreadsheet, digits are lost: give the column the format"
    " “Number” and save the file again"
)
OTHER_UNIT = N_("names another unit than the heading of its column: use one of them for all prices")


class WrongCell(Exception):
    """A cell cannot be taken; the text says what to write instead, with ``details`` put in."""

    def __init__(self, text: str, **details: object) -> None:
        self.text, self.details = text, details
        super().__init__(text)


def number_of(cell: object, unit: str = "") -> Decimal:
    """Return the number in a cell. Raises :class:`WrongCell`.

    ``unit`` is ``"toman"`` or ``"rials"`` where a price may name its unit.
    """
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal | str):
        raise WrongCell(NO_NUMBER)
    if isinstance(cell, str):
        return _parsed(cell, unit)
    # A spreadsheet shows 15 digits; what a formula leaves behind these is no part of a price.
    number = Decimal(f"{cell:.15g}") if isinstance(cell, float) else Decimal(cell)
    if not number.is_finite():
        raise WrongCell(NO_NUMBER)
    return number


def _parsed(cell: str, unit: str) -> Decimal:
    if cell.isascii() and cell.isdigit() and len(cell) < LONGEST_NUMBER:
        return Decimal(cell)
    if len(cell) > LONGEST_NUMBER * 2:
        raise WrongCell(NO_NUMBER)
    text = _without_unit(ascii_digits(cell.translate(_MARKS)).lstrip("'"), unit)
    _refuse_doubtful(text)
    return Decimal(_with_point(text))


def _refuse_doubtful(text: str) -> None:
    if _ONE_DOT.fullmatch(text):
        whole = text.replace(".", "")
        raise WrongCell(ONE_DOT, without=text.partition(".")[0], with_comma=whole)
    if _COMMA_FRACTION.fullmatch(text):
        fraction = text.replace(",", ".").rstrip("0").rstrip(".")
        raise WrongCell(ONE_COMMA, fraction=fraction, whole=f"{int(text.replace(',', '')):,}")
    if _SHORTENED.fullmatch(text):
        raise WrongCell(SHORTENED)


def _with_point(text: str) -> str:
    if _DOTTED.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    grouped = text.translate(_SEPARATORS)
    if _PLAIN.fullmatch(grouped) or _GROUPED.fullmatch(grouped):
        return grouped.replace(",", "")
    raise WrongCell(NO_NUMBER)


def _without_unit(text: str, unit: str) -> str:
    if _DIGITS.fullmatch(text):  # most prices: searching for units would cost more than the rest
        return text
    named = {str(match.lastgroup) for match in UNITS.finditer(text)}
    if not unit or not named:
        return text
    if named != {unit}:
        raise WrongCell(OTHER_UNIT)
    return UNITS.sub("", text).strip()
