"""Write products into a file that an import takes as it is, and an empty one to begin with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from storefront.catalogue.files.columns import BY_NAME, COLUMNS
from storefront.catalogue.files.numbers import RIALS_IN
from storefront.catalogue.files.pictures import NO_PICTURE
from storefront.catalogue.models import IS_SOLD, Category, Product
from storefront.core.database import db

WRITTEN = tuple(c.name for c in COLUMNS if c.name not in {"price_rials", "stock_add"})
SUFFIXES = (".csv", ".xlsx", ".json")
_GUARDED = ("=", "+", "-", "@", "'")  # a spreadsheet would take such a text for a formula
_FALLBACKS = (
    ("name_en", "name_fa"),
    ("description_en", "description_fa"),
    ("image_texts_en", "image_texts_fa"),
    ("category_name_en", "category_name_fa"),
)

Row = Mapping[str, Any]

EXAMPLES: tuple[Row, ...] = (
    {
        "slug": "estekan",
        "category": "chay",
        "category_name_fa": "چای",
        "name_fa": "استکان کمرباریک",
        "description_fa": "دست‌ساز، شش‌تایی",
        "image": "",
        "price_toman": 450_000,
        "stock": 12,
    },
    {
        "slug": "tea-pot",
        "category": "chay",
        "category_name_fa": "چای",
        "category_name_en": "Tea",
        "name_fa": "قوری چینی",
        "name_en": "China tea pot",
        "description_fa": "برای شش استکان",
        "description_en": "Holds six glasses",
        "price_toman": 1_200_000,
        "stock": 5,
    },
)


def sold_products(*, stock: bool = True) -> Iterator[Row]:
    """Return what is sold, in the merchant's order, each as a row of a catalogue file.

    Its ``stock`` counts what is on the shelf: pieces that are free and those that are reserved.
    """
    query = select(Product, Category).join(Product.category).where(IS_SOLD)
    ordered = query.order_by(Category.position, Category.id, Product.position, Product.id)
    for product, category in db.session.execute(ordered):
        row = _row(product, category)
        if not stock:
            del row["stock"]
        yield row


def _row(product: Product, category: Category) -> dict[str, Any]:
    row = {
        "slug": product.slug,
        "category": category.slug,
        "category_name_fa": category.name_fa,
        "category_name_en": category.name_en,
        "category_position": category.position,
        "name_fa": product.name_fa,
        "name_en": product.name_en,
        "description_fa": product.description_fa,
        "description_en": product.description_en,
        "keywords": product.keywords,
        "image": "" if product.image == NO_PICTURE else product.image,
        "more_images": _in_one_cell(product.more_images),
        "image_texts_fa": _in_one_cell(product.image_texts_fa),
        "image_texts_en": _in_one_cell(product.image_texts_en),
        "price_toman": _toman(product.price_rials),
        "stock": product.stock_free + product.stock_reserved,
        "position": product.position,
    }
    for english, persian in _FALLBACKS:
        row[english] = "" if row[english] == row[persian] else row[english]
    return row


def _in_one_cell(lines: str) -> str:
    return " | ".join(lines.split("\n"))


def _toman(rials: int) -> int | Decimal:
    toman = Decimal(rials) / RIALS_IN["toman"]
    return int(toman) if toman == int(toman) else toman


def written(rows: Sequence[Row], suffix: str, *, persian: bool = False) -> bytes:
    """Return a file of these rows; ``suffix`` is ``.csv``, ``.xlsx`` or ``.json``.

    ``persian`` is whether the headings are the Persian ones.
    """
    names = [name for name in WRITTEN if any(name in row for row in rows)]
    if suffix == ".json":
        return _json(rows, names)
    headings = [BY_NAME[name].persian if persian else name for name in names]
    cells = [[row.get(name, "") for name in names] for row in rows]
    return _xlsx(headings, cells, persian) if suffix == ".xlsx" else _csv(headings, cells)


def _json(rows: Sequence[Row], names: Sequence[str]) -> bytes:
    products = [
        {
            name: str(row[name]) if isinstance(row[name], Decimal) else row[name]
            for name in names
            if name in row
        }
        for row in rows
    ]
    return (
        json.dumps({"categories": [], "products": products}, ensure_ascii=False, indent=1) + "\n"
    ).encode()


def _csv(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([[_guarded(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")  # Excel takes it for Windows-1256 without the mark


def _guarded(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_GUARDED) else cell


def _xlsx(headings: Sequence[str], rows: Sequence[Sequence[Any]], persian: bool) -> bytes:
    from openpyxl import Workbook  # takes 0.2 s, which other commands need not wait for
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.append(headings)
    sheet.sheet_view.rightToLeft = persian
    sheet.freeze_panes = "A2"
    for place in range(1, len(headings) + 1):
        sheet.cell(1, place).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = 20
    for number, row in enumerate(rows, start=2):
        for place, cell in enumerate(row, start=1):
            _set(sheet.cell(number, place), cell)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _set(target: Any, value: Any) -> None:
    """Texts are marked as such, so that a spreadsheet makes neither dates nor formulas of them."""
    target.value = value
    if isinstance(value, str):
        target.data_type, target.number_format = "s", "@"
