"""Excel files, as Excel, LibreOffice and libraries save them."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import Any

from tests.catalogue_files.building import (
    HEADS,
    POT,
    numbers,
    repacked,
    right,
    rows_of,
    sheet,
    wrong,
)

ROWS = numbers(rows_of())
SHEET = "xl/worksheets/sheet1.xml"
X = "goods.xlsx"


def with_cell(place: str, value: Any) -> bytes:
    """The two products, with one cell changed."""

    def change(book: Any) -> None:
        book.active[place] = value

    return sheet(ROWS, change)


def _second(title: str, state: str) -> Any:
    def add(book: Any) -> None:
        other = book.create_sheet(title)
        other.sheet_state = state
        for row in numbers(rows_of(HEADS, POT)):
            other.append(row)

    return add


def _merge(book: Any) -> None:
    book.active.merge_cells("B2:B3")


def _far_formats(book: Any) -> None:
    for row in range(4, 400):
        book.active.cell(row, 30).number_format = "0"


def with_price_format(number_format: str) -> bytes:
    """The two products, whose prices are shown in this format."""

    def change(book: Any) -> None:
        for row in (2, 3):
            book.active.cell(row, HEADS.index("price_toman") + 1).number_format = number_format

    return sheet(ROWS, change)


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(SHEET, bytes(101_000_000))
    return file.getvalue()


def _open_document() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return file.getvalue()


WHOLE = sheet(ROWS)
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'

CASES = [
    right("excel: whole numbers", WHOLE, file=X),
    right("excel: numbers with a point", sheet(numbers(rows_of(), float)), file=X),
    right("excel: numbers kept as texts", sheet(rows_of()), file=X),
    right("excel: the wrong suffix", WHOLE, file="goods.csv"),
    right("excel: prices shown in Toman", with_price_format('#,##0 "تومان"'), file=X),
    right("excel: prices shown with another currency", with_price_format("[$$-409]#,##0"), file=X),
    *(
        wrong(f"excel: prices shown in {unit}", with_price_format(code), "another unit", file=X)
        for unit, code in (
            ("Rials", '#,##0 "ریال"'),
            ("IRR", "[$IRR] #,##0"),
            ("the sign of Rials", "#,##0 [$﷼-429]"),
        )
    ),
    right("excel: formats far out", sheet(ROWS, _far_formats), file=X),
    right("excel: a title above", sheet([["کالاها"], [], *ROWS]), file=X),
    right("excel: a hidden sheet beside", sheet(ROWS, _second("old", "hidden")), file=X),
    right(
        "a library's wrong size of the sheet",
        repacked(WHOLE, SHEET, lambda part: part.replace(b"A1:I3", b"A1:A1")),
        file=X,
    ),
    right(
        "excel: a formula with its result",
        repacked(
            WHOLE,
            SHEET,
            lambda part: part.replace(b"<v>120000</v>", b"<f>6*20000</f><v>120000</v>"),
        ),
        file=X,
    ),
    right("excel: what a formula leaves", with_cell("H3", 900000.0000000001), file=X),
    wrong("a text with a comma", with_cell("H3", "450,00"), "row 3", "in two ways", file=X),
    wrong("two sheets", sheet(ROWS, _second("old", "visible")), "several sheets", file=X),
    wrong(
        "a formula without its result",
        with_cell("H3", "=H2*2"),
        *("row 3, price_toman «=H2*2»", "formula"),
        file=X,
    ),
    wrong("merged cells", sheet(ROWS, _merge), "row 3, category", "is empty", file=X),
    wrong(
        "excel: a slug that became a date",
        with_cell("A3", datetime.datetime(2026, 2, 1)),  # noqa: DTZ001 - as Excel keeps it
        *("row 3, slug", "made a date"),
        file=X,
    ),
    wrong("yes or no for a name", with_cell("D3", True), "row 3, name_fa", file=X),
    wrong("an error cell", with_cell("D3", "#REF!"), "row 3", "error of the", file=X),
    wrong("a fraction of a Rial", with_cell("H3", 0.123), "row 3", "price in Toman", file=X),
    wrong("a cell too far right", with_cell("K3", "x"), "row 3", "to the right", file=X),
    wrong("a sheet of nothing", sheet([]), "no rows of products", file=X),
    wrong("half a file", WHOLE[: len(WHOLE) // 2], "damaged", file=X),
    wrong(
        "a zip that is no sheet",
        repacked(WHOLE, SHEET, lambda _: b"?"),
        "damaged",
        file=X,
    ),
    wrong("what unpacks to too much", _bomb(), "unpacks to too much", file=X),
    wrong(
        "what grows without bounds",
        repacked(WHOLE, SHEET, lambda p: ENTITIES + p),
        "damaged",
        file=X,
    ),
    wrong("a file of LibreOffice", _open_document(), "LibreOffice", file="goods.ods"),
]
