"""Build catalogue files as programs save them, each with what an import should make of it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from openpyxl import Workbook

HEADS = (
    *("slug", "category", "category_name_fa", "name_fa", "name_en", "description_fa", "image"),
    *("price_toman", "stock"),
)
CUP = ("tea-cup", "tea", "چای", "فنجان", "Cup", "سفید", "goods/speckled-mug.svg", "120000", "12")
POT = (
    "tea-pot",
    "tea",
    "چای",
    "قوری",
    "Tea pot",
    "بزرگ",
    "goods/copper-samovar.svg",
    "900000",
    "3",
)
RIALS = {"tea-cup": 1_200_000, "tea-pot": 9_000_000}


@dataclass(frozen=True)
class Case:
    """A file, and what should become of it.

    ``rials`` are prices by slug, if it can be imported; ``says`` are parts of the complaints,
    ``notes`` parts of what is said not to have been taken, ``values`` further columns by slug.
    """

    name: str
    file: str
    content: bytes
    rials: Mapping[str, int] = field(default_factory=dict)
    says: Sequence[str] = ()
    notes: Sequence[str] = ()
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    prices_in: str = ""


def rows_of(heads: Sequence[str] = HEADS, *rows: Sequence[str]) -> list[Sequence[str]]:
    """The rows of a table, with two good products where none are said."""
    return [heads, *(rows or (CUP, POT))]


def text_of(
    rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\r\n", *, quoted: bool = False
) -> str:
    """These rows as CSV."""
    file = io.StringIO(newline="")
    always: Literal[0, 1] = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=always).writerows(rows)
    return file.getvalue()


def changed(row: Sequence[str], **cells: str) -> list[str]:
    """A row with other cells in some columns."""
    return [cells.get(head, cell) for head, cell in zip(HEADS, row, strict=True)]


def right(name: str, content: str | bytes, rials: Mapping[str, int] = RIALS, **more: Any) -> Case:
    """A file that can be imported."""
    encoded = content.encode() if isinstance(content, str) else content
    return Case(name, more.pop("file", "goods.csv"), encoded, rials, **more)


def wrong(name: str, content: str | bytes, *says: str, **more: Any) -> Case:
    """A file that cannot."""
    encoded = content.encode() if isinstance(content, str) else content
    return Case(name, more.pop("file", "goods.csv"), encoded, says=says, **more)


def wrong_cell(name: str, head: str, cell: str, *says: str) -> Case:
    """A CSV whose third line has one wrong cell."""
    rows = rows_of(HEADS, CUP, changed(POT, **{head: cell}))
    return wrong(name, text_of(rows), "line 3", head, *says)


def sheet(rows: Sequence[Sequence[Any]], also: Callable[[Any], None] = lambda _book: None) -> bytes:
    """An Excel file with these rows, and whatever ``also`` does to the workbook."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    also(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def numbers(rows: Sequence[Sequence[str]], kind: type = int) -> list[list[Any]]:
    """The same rows with prices and stock as numbers, as a spreadsheet keeps them."""
    head, *others = rows
    return [list(head), *([*row[:7], kind(row[7]), kind(row[8])] for row in others)]


def repacked(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """An Excel file with one of its parts changed."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, change(data) if entry.filename == part else data)
    return file.getvalue()
