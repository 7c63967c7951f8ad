"""Take over WooCommerce's own product export, in English and Persian."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from storefront.catalogue.files import foreign
from storefront.catalogue.files.checking import Checks
from storefront.catalogue.files.foreign import Export, Headings
from storefront.catalogue.files.html_text import words_of_html
from storefront.catalogue.files.problems import N_, Problems
from storefront.catalogue.files.tables import Table

_HEADINGS = Headings(
    {
        "id": ("ID", "شناسه"),
        "type": ("Type", "نوع"),
        "sku": ("SKU", "شناسه محصول"),
        "name": ("Name", "نام"),
        "published": ("Published", "منتشر شده"),
        "summary": ("Short description", "توضیح کوتاه"),
        "description": ("Description", "توضیحات"),
        "in_stock": ("In stock?", "در انبار؟"),
        "stock": ("Stock", "انبار", "موجودی"),
        "sale": ("Sale price", "قیمت فروش ویژه"),
        "price": ("Regular price", "قیمت عادی", "قیمت اصلی"),
        "categories": ("Categories", "دسته‌ها", "دسته‌بندی‌ها"),
        "images": ("Images", "تصاویر"),
        "parent": ("Parent", "مادر", "والد"),
        **{
            f"attribute_{number}": (
                f"Attribute {number} value(s)",
                f"مقدار(های) {number} صفت",
                f"مقدار(های) صفت {number}",
            )
            for number in range(1, 10)
        },
    }
)
HEADINGS = _HEADINGS.keys()
_ATTRIBUTES = [f"attribute_{number}" for number in range(1, 10)]
_USED = (
    *("id", "type", "sku", "name", "published", "summary", "description", "in_stock", "stock"),
    *("sale", "price", "categories", "images", "parent", *_ATTRIBUTES),
)

SALE = N_("sale prices are not taken, the regular price is: %(count)s (%(names)s)")
GROUPED = N_("grouped and external products cannot be sold here: %(count)s (%(names)s)")
ORPHAN = N_("variations whose product is not in the file, so not taken: %(count)s (%(names)s)")

Row = dict[str, str]


def is_export(headings: Sequence[str]) -> bool:
    """Return whether these are the headings of such an export."""
    return {"type", "name", "price"} <= set(_HEADINGS.places(headings))


def converted(table: Table, checks: Checks, problems: Problems) -> Table:
    """Return it as a table of our columns; each variation is a product of its own."""
    export = Export(table, _HEADINGS.places(table.headings), checks.pictures)
    rows = export.rows_by_name()
    parents = {key: row for _, row in rows for key in _names_of_parent(row)}
    for line, row in rows:
        whole = _with_parent(row, parents)
        if _is_taken(row, whole, export):
            export.rows.append((line, _product(whole, export)))
    return foreign.converted(export, checks, problems, _USED)


def _names_of_parent(row: Row) -> list[str]:
    if "variable" not in row.get("type", ""):
        return []
    return [key for key in (row.get("sku", ""), f"id:{row.get('id', '')}") if key]


def _with_parent(row: Row, parents: dict[str, Row]) -> Row:
    """Return a variation with what it has from its product; any other row as it is."""
    parent = parents.get(row.get("parent", ""), {})
    if "variation" not in row.get("type", "") or not parent:
        return row
    inherited = ("categories", "description", "summary", "images")
    values = ", ".join(row[name] for name in _ATTRIBUTES if row.get(name))
    named = row.get("name") or f"{parent['name']} - {values}"
    return (
        row
        | {name: row.get(name) or parent.get(name, "") for name in inherited}
        | {
            "name": named,
            "published": "0" if _is_hidden(parent) else row.get("published", ""),
        }
    )


def _is_hidden(row: Row) -> bool:
    return row.get("published", "") in {"0", "-1"}


def _is_taken(row: Row, whole: Row, export: Export) -> bool:
    kinds = {kind.strip() for kind in row.get("type", "").split(",")}
    name = whole.get("name") or row.get("sku", "")
    if "variable" in kinds:  # its variations are what is sold
        return False
    reason = ""
    if kinds & {"grouped", "external"}:
        reason = GROUPED
    elif "variation" in kinds and row is whole:
        reason = ORPHAN
    elif _is_hidden(whole):
        reason = foreign.NOT_PUBLISHED
    elif not row.get("price"):
        reason = foreign.WITHOUT_PRICE
    if reason:
        export.notes.add(reason, name)
    return not reason


def _product(row: Row, export: Export) -> dict[str, str]:
    number = row.get("id", "")
    slug = export.new_slug(row.get("sku", ""), f"product-{number}" if number else row["name"])
    if row.get("sale"):
        export.notes.add(SALE, slug)
    return {
        "slug": slug,
        "name_fa": unescape(row["name"]),
        "description_fa": _description(row),
        **export.category(_first_category(row.get("categories", ""))),
        "image": export.picture(row.get("images", "").split(",")[0].strip()),
        "price": row["price"],
        **export.stock(_stock(row), slug),
    }


def _description(row: Row) -> str:
    html = row.get("description") or row.get("summary", "")
    return words_of_html(html.replace("\\n", "\n"))  # the export writes line breaks as two signs


def _first_category(categories: str) -> str:
    """Return the innermost category of the first path: ``Tea > Glasses, Gifts`` is Glasses."""
    first = re.split(r"(?<!\\),", categories)[0].replace("\\,", ",")
    return first.rpartition(">")[2].strip()


def _stock(row: Row) -> str:
    said = row.get("stock", "")
    if said in {"", "parent"}:
        return "0" if row.get("in_stock") == "0" else ""
    return said
