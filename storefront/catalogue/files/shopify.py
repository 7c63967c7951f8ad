"""Take over Shopify's own product export, with its old headings and its new ones."""

from __future__ import annotations

from collections.abc import Sequence

from storefront.catalogue.files import foreign
from storefront.catalogue.files.checking import Checks
from storefront.catalogue.files.foreign import Export, Headings
from storefront.catalogue.files.html_text import words_of_html
from storefront.catalogue.files.problems import N_, Problems
from storefront.catalogue.files.tables import Table

_OPTIONS = ("option_1", "option_2", "option_3")
_HEADINGS = Headings(
    {
        "handle": ("Handle", "URL handle"),
        "name": ("Title",),
        "description": ("Body (HTML)", "Description"),
        "type": ("Type",),
        "category": ("Product Category",),
        "published": ("Published", "Published on online store"),
        "status": ("Status",),
        "price": ("Variant Price", "Price"),
        "stock": ("Variant Inventory Qty", "Inventory quantity"),
        "images": ("Image Src", "Product image URL"),
        "image": ("Variant Image", "Variant image URL"),
        **{name: (f"Option{name[-1]} Value",) for name in _OPTIONS},
        **{f"{name}_name": (f"Option{name[-1]} Name",) for name in _OPTIONS},
    }
)
HEADINGS = _HEADINGS.keys()
_OPTION_NAMES = [f"{name}_name" for name in _OPTIONS]
_USED = (
    *("handle", "name", "description", "type", "category", "published", "status", "price", "stock"),
    *("images", "image", *_OPTIONS, *_OPTION_NAMES),
)
_ONLY_ONE = "Default Title"

MORE_PICTURES = N_("further pictures of a product: %(count)s (%(names)s)")
NO_PRODUCT = N_("rows that belong to no product: %(count)s (%(names)s)")
TWICE = N_("rows that stand twice, taken once: %(count)s (%(names)s)")

Row = dict[str, str]


def is_export(headings: Sequence[str]) -> bool:
    """Return whether these are the headings of such an export."""
    return {"handle", "name", "price", "option_1"} <= set(_HEADINGS.places(headings))


def converted(table: Table, checks: Checks, problems: Problems) -> Table:
    """Return it as a table of our columns; each variant is a product of its own."""
    export = Export(table, _HEADINGS.places(table.headings), checks.pictures)
    rows = export.rows_by_name()
    firsts: dict[str, Row] = {}
    for _, row in rows:
        if row.get("name"):
            firsts.setdefault(row["handle"], row)
    seen: set[tuple[str, ...]] = set()
    for line, row in rows:
        first = firsts.get(row["handle"], {})
        variant = (row["handle"], *_values(row))
        if _is_taken(row, first, export) and _is_new(variant, seen, export):
            export.rows.append((line, _product(row, first, export)))
    return foreign.converted(export, checks, problems, _USED)


def _is_new(variant: tuple[str, ...], seen: set[tuple[str, ...]], export: Export) -> bool:
    if variant in seen:
        export.notes.add(TWICE, variant[0])
        return False
    seen.add(variant)
    return True


def _is_taken(row: Row, first: Row, export: Export) -> bool:
    reason = ""
    if not first:
        reason = NO_PRODUCT
    elif first.get("status", "active") not in {"", "active"} or _is_hidden(first):
        reason = foreign.NOT_PUBLISHED
    elif not row.get("price"):
        further = row is not first and row.get("images") and not _values(row)
        reason = MORE_PICTURES if further else foreign.WITHOUT_PRICE
    if reason:
        export.notes.add(reason, row["handle"])
    return not reason


def _is_hidden(row: Row) -> bool:
    return row.get("published", "").casefold() == "false"


def _values(row: Row) -> list[str]:
    return [row[name] for name in _OPTIONS if row.get(name) and row[name] != _ONLY_ONE]


def _product(row: Row, first: Row, export: Export) -> dict[str, str]:
    values = _values(row)
    slug = export.new_slug(" ".join((row["handle"], *values)), first["name"])
    category = first.get("type") or first.get("category", "").rpartition(">")[2].strip()
    return {
        "slug": slug,
        "name_fa": " - ".join((first["name"], ", ".join(values))) if values else first["name"],
        "description_fa": words_of_html(first.get("description", "")),
        **export.category(category),
        "image": export.picture(row.get("image") or first.get("images", "")),
        "price": row["price"],
        **export.stock(row.get("stock", ""), slug),
    }
