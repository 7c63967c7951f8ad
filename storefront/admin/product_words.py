"""Say in words what was changed of a product or a category."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from storefront.catalogue.changes import CatalogueChange, Changes
from storefront.catalogue.files.problems import shortened
from storefront.cli.catalogue_report import labels
from storefront.core.formats import grouped, toman
from storefront.web.language import current_language


def label_of(name: str) -> str:
    """Return how people call a column."""
    others = {
        "slug": _("address in the shop"),
        "place": _("place"),
        "picture_text_fa": _("what a picture shows, in Persian"),
        "picture_text_en": _("what a picture shows, in English"),
    }
    return str({**labels(), **others}.get(name, name))


def shown(name: str, value: Any) -> str:
    """Return a value of a column as people read it."""
    if name == "price_rials":
        return toman(value, current_language())
    if isinstance(value, int):
        return grouped(value, current_language())
    return f"«{shortened(value)}»"


def change_in_words(change: CatalogueChange) -> list[str]:
    """Return a sentence for each thing that was changed."""
    return [_sentence(name, *pair) for name, pair in change.changes.items()]


def new_price_in_words(changes: Changes) -> list[str]:
    """Return the former and the new price, if it was changed: a zero too many is seen at once."""
    if "price_rials" not in changes:
        return []
    before, after = (shown("price_rials", value) for value in changes["price_rials"])
    return [_("The price was %(before)s and is now %(after)s.", before=before, after=after)]


def _sentence(name: str, before: Any, after: Any) -> str:
    acts: dict[str, str] = {
        "created": _("created"),
        "copied_from": _("copied from %(slug)s", slug=after),
        "off_sale": _("taken off sale") if after else _("put on sale"),
        "pictures": _("pictures changed: %(count)s now", count=shown(name, after)),
    }
    if name in acts:
        return acts[name]
    pair = {"before": shown(name, before), "after": shown(name, after)}
    return " ".join((label_of(name), _("from %(before)s to %(after)s", **pair)))
