"""Tell what an import would change, or has changed, in Persian or English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _

from storefront.catalogue.files import CatalogueFile, Plan
from storefront.catalogue.files.problems import filled, shortened
from storefront.core.formats import grouped, toman

Values = Mapping[str, Any]


def changes(plan: Plan, language: str) -> Iterator[str]:
    """Return a line for each category and product that is added, changed or retired."""
    found = list(rows(plan, language))
    widths = [max(len(row[place]) for row in found) if found else 0 for place in (0, 1)]
    for kind, slug, rest in found:
        yield f"{kind:{widths[0]}}  {slug:{widths[1]}}  {rest}".rstrip()


def rows(plan: Plan, language: str) -> Iterator[tuple[str, str, str]]:
    """Return what happens, to which slug, and how, for each that is added, changed or retired."""
    for category in plan.new_categories:
        yield _("new category"), category["slug"], category["name_fa"]
    for before, after in plan.changed_categories:
        yield _("category changed"), after["slug"], _differences(before, after, language)
    for product in plan.added:
        yield _("added"), product["slug"], _product(product, language)
    for before, after in plan.changed:
        yield _("changed"), after["slug"], _differences(before, after, language)
    for product in plan.retired:
        yield _("retired"), product["slug"], product["name_fa"]


def _product(product: Values, language: str) -> str:
    pieces = _("%(count)s pieces", count=grouped(_on_shelf(product), language))
    return _comma(language).join(
        (product["name_fa"], toman(product["price_rials"], language), pieces)
    )


def _comma(language: str) -> str:
    return "، " if language == "fa" else ", "


def _on_shelf(product: Values) -> int:
    return int(product["stock_free"]) + int(product.get("stock_reserved", 0))


def _differences(before: Values, after: Values, language: str) -> str:
    parts = [_("sold again")] if before.get("retired_at") else []
    for name, label in labels().items():
        if name in after and before[name] != after[name]:
            old, new = (_shown(name, values[name], before, language) for values in (before, after))
            parts.append(f"{label} " + _("from %(before)s to %(after)s", before=old, after=new))
    return _comma(language).join(parts)


def labels() -> dict[str, str]:
    """Return how people call what a product has."""
    return {
        "name_fa": _("Persian name"),
        "name_en": _("English name"),
        "category": _("category"),
        "price_rials": _("price"),
        "stock_free": _("stock"),
        "description_fa": _("Persian description"),
        "description_en": _("English description"),
        "keywords": _("other words for the search"),
        "image": _("picture"),
        "more_images": _("further pictures"),
        "image_texts_fa": _("what the pictures show, in Persian"),
        "image_texts_en": _("what the pictures show, in English"),
        "position": _("position"),
    }


def _shown(name: str, value: Any, before: Values, language: str) -> str:
    if name == "price_rials":
        return toman(value, language)
    if name == "stock_free":
        return grouped(value + before["stock_reserved"], language)
    return grouped(value, language) if isinstance(value, int) else f"«{shortened(value)}»"


def counted(counts: Mapping[str, int], language: str, dry_run: bool = False) -> str:
    """Return the last line: how many products were, or would be, added, changed and so on."""
    numbers = {name: grouped(number, language) for name, number in counts.items()}
    said = _(
        "%(added)s added, %(changed)s changed, %(unchanged)s unchanged, %(retired)s retired",
        **numbers,
    )
    start = _("nothing was changed; the import would be") if dry_run else _("imported")
    return f"{start}: {said}"


def not_taken(content: CatalogueFile, language: str) -> list[str]:
    """Return what was left behind of another shop's export."""
    return [f"  {filled(_(text), details, language)}" for text, details in content.notes]
