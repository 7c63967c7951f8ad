"""Read the sheet of an Excel file; what it may unpack to is bounded."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from storefront.catalogue.files.numbers import UNITS
from storefront.catalogue.files.problems import N_, ROW, Problems, WrongFile
from storefront.catalogue.files.tables import (
    MOST_ROWS,
    TITLE_ROWS,
    Misfit,
    Rows,
    Table,
    is_blank,
    known_headings,
    with_headings,
)

MOST_UNPACKED = 100_000_000  # bytes of all parts together
MOST_PARTS = 2_000
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)|<\0!\0D\0O\0C|\0<\0!\0D\0O", re.IGNORECASE)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_FORMULA = re.compile(rb"<(\w+:)?f[ >/]")

BROKEN = N_(
    "this Excel file is damaged: open it in Excel or LibreOffice and save it again as .xlsx"
)
TOO_MUCH = N_("this Excel file unpacks to too much: remove pictures and sheets that are not needed")
OPEN_DOCUMENT = N_("this is a file of LibreOffice: save it as .xlsx or CSV")
SEVERAL = N_("several sheets have products (%(names)s): leave one, or hide the others")
TOO_WIDE = N_("there is a cell to the right of the last heading: remove it, or give it a heading")
FORMULA = N_(
    "holds a formula without its result: open the file in Excel, save it, or write the value itself"
)


def read(content: bytes, foreign: Collection[str], problems: Problems) -> Table:
    """Return the table of an .xlsx file. Raises WrongFile."""
    problems.place = ROW
    formulas = _examined(content, problems)
    try:
        name, rows = _sheet(content, foreign, problems)
        table = with_headings(rows, foreign, problems, _misfit(problems))
        if formulas:
            _find_formulas(content, name, table, problems)
    except WrongFile:
        raise
    except Exception:  # noqa: BLE001 - a damaged file raises whatever its parts run into
        raise problems.stop(BROKEN) from None
    return table


def _misfit(problems: Problems) -> Misfit:
    def fit(line: int, cells: Sequence[Any], headings: list[str]) -> Sequence[Any] | None:
        if len(cells) < len(headings):  # a sheet keeps no empty cells
            return [*cells, *[None] * (len(headings) - len(cells))]
        extra = next(cell for cell in cells[len(headings) :] if not is_blank(cell))
        problems.add(TOO_WIDE, line, value=extra)
        return None

    return fit


def _examined(content: bytes, problems: Problems) -> bool:
    """Refuse what unpacks to too much, before it is unpacked; return whether there are formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if any(part.filename == "mimetype" for part in parts):
                raise problems.stop(OPEN_DOCUMENT)
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
                raise problems.stop(TOO_MUCH)
            return _parts_are_plain(archive, problems)
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError, OSError):
        raise problems.stop(BROKEN) from None


def _parts_are_plain(archive: zipfile.ZipFile, problems: Problems) -> bool:
    formulas = False
    for part in archive.infolist():
        if part.filename.endswith((".xml", ".rels")):
            content = archive.read(part)
            if _DOCTYPE.search(content):  # would let a small part grow without bounds
                raise problems.stop(BROKEN)
            formulas |= bool(_SHEET.fullmatch(part.filename) and _FORMULA.search(content))
    return formulas


def _open(content: bytes, *, results: bool) -> Any:
    from openpyxl import load_workbook  # takes 0.2 s, which other commands need not wait for

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and drop-down lists, which nobody reads here
        return load_workbook(
            io.BytesIO(content), read_only=True, data_only=results, keep_links=False
        )


def _sheet(content: bytes, foreign: Collection[str], problems: Problems) -> tuple[str, Rows]:
    """Return the one visible sheet with headings that we know; else the first visible one."""
    book = _open(content, results=True)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    ours = [sheet for sheet in visible if _has_headings(sheet, foreign)]
    if len(ours) > 1:
        names = ", ".join(str(sheet.title) for sheet in ours)
        raise problems.stop(SEVERAL, names=names)
    sheet = (ours or visible)[0]
    return sheet.title, _rows_as_shown(sheet) if _formats_name_units(content) else _rows(sheet)


def _has_headings(sheet: Any, foreign: Collection[str]) -> bool:
    sheet.reset_dimensions()  # which libraries write wrong, and a row may be as wide as it says
    first = sheet.iter_rows(max_row=2 * TITLE_ROWS, values_only=True)
    return any(known_headings(row, foreign) >= 2 for row in first)


def _rows(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    return enumerate(sheet.iter_rows(max_row=2 * MOST_ROWS, values_only=True), start=1)


def _formats_name_units(content: bytes) -> bool:
    """Return whether a number of the file may be shown with a unit, as in ``#,##0 "ریال"``."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [name for name in archive.namelist() if name == "xl/styles.xml"]
        return any(UNITS.search(archive.read(name).decode(errors="replace")) for name in parts)


def _rows_as_shown(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    rows = sheet.iter_rows(max_row=2 * MOST_ROWS)
    return enumerate(([_as_shown(cell) for cell in row] for row in rows), start=1)


def _as_shown(cell: Any) -> Any:
    """Return a number with the unit that its format names, as the merchant sees it."""
    is_number = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    unit = UNITS.search(cell.number_format) if is_number else None
    return f"{cell.value} {unit[0]}" if unit else cell.value


def _find_formulas(content: bytes, name: str, table: Table, problems: Problems) -> None:
    """Name the cells that hold a formula, but no result: a library wrote them, Excel never ran."""
    sheet = _open(content, results=False)[name]
    sheet.reset_dimensions()
    written = dict(_rows(sheet))
    places = [place for place, cell in enumerate(written[table.line]) if not is_blank(cell)]
    for line, cells in table.rows:
        for cell, place, heading in zip(cells, places, table.headings, strict=True):
            formula = written[line][place] if place < len(written[line]) else None
            if cell is None and isinstance(formula, str) and formula.startswith("="):
                problems.add(FORMULA, line, heading, formula)
