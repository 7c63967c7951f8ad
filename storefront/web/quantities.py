"""Understand what people type for a number of pieces, or refuse it; never take another number."""

from __future__ import annotations

import re

from flask_babel import gettext as _

from storefront.catalogue.models import Product
from storefront.core.formats import grouped
from storefront.core.typed import ascii_digits
from storefront.orders.holds import MOST_PIECES
from storefront.web.filters import in_language
from storefront.web.language import current_language

_PIECES = "عدد|عددی|تا|دانه|دونه|قطعه|pieces?|pcs?|items?|units?"
_NUMBER = re.compile(rf"([-−]?)0*([0-9]+) ?(?:{_PIECES})?\.?", re.IGNORECASE)
_MOST_DIGITS = 9  # what has more is too many in any case


class NotPieces(Exception):
    """This is no number of pieces that can be had; the text tells the shopper why."""


def pieces_in(typed: str, *, least: int) -> int:
    """Return the whole number that was typed, in any digits, perhaps with a word for pieces.

    Raises NotPieces for anything else, for less than ``least`` and for more than an order may have.
    """
    found = _NUMBER.fullmatch(ascii_digits(typed))
    if found is None or (found[1] and not least):
        raise NotPieces(_("Write how many you want as a whole number, for example 2."))
    digits = found[2]
    pieces = int(digits[: _MOST_DIGITS + 1])
    if pieces > MOST_PIECES:
        raise NotPieces(too_many_pieces(MOST_PIECES))
    if found[1] or pieces < least:
        raise NotPieces(_("Choose at least one."))
    return pieces


def too_many_pieces(most: int, already: int = 0) -> str:
    """Say how many pieces an order may have, and what to do for more; the cart has ``already``."""
    number, kept = (grouped(each, current_language()) for each in (most, already))
    if already:
        return str(
            _(
                "One order has at most %(most)s items, and your cart holds %(kept)s already."
                " Please call us if you need more.",
                most=number,
                kept=kept,
            )
        )
    return str(
        _("One order has at most %(most)s items. Please call us if you need more.", most=number)
    )


def not_enough(product: Product, already: int = 0) -> str:
    """Say how many pieces of a product are left; ``already`` of them are in the cart."""
    left = grouped(product.stock_free, current_language())
    if product.retired_at:
        return str(_("%(name)s is no longer sold.", name=in_language(product, "name")))
    if not product.stock_free:
        return str(_("%(name)s is sold out.", name=in_language(product, "name")))
    if not already:
        return str(_("Only %(left)s left: please choose fewer.", left=left))
    kept = grouped(already, current_language())
    return str(_("Only %(left)s left, and your cart holds %(kept)s already.", left=left, kept=kept))
