"""Read the cart's form, a field for each product, and make the cart what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from storefront.catalogue.models import Product
from storefront.orders.cart_changes import NotEnough, changes_of
from storefront.orders.holds import TooManyPieces
from storefront.orders.pricing import Quote
from storefront.web import session_cart
from storefront.web.quantities import NotPieces, not_enough, pieces_in, too_many_pieces

FIELD = "quantity-"  # and the product's slug
LONGEST = 40  # letters of a field that is shown again


@dataclass
class Refused:
    """What was typed in the cart's form, and what is wrong with it: by slug, and as a whole."""

    typed: Mapping[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    trouble: str = ""


def read(quote: Quote, form: Mapping[str, str]) -> tuple[dict[Product, int], Refused]:
    """Return how many pieces the fields ask for, and which fields cannot be understood."""
    names = {line.product: FIELD + line.product.slug for line in quote.lines}
    typed = {product.slug: form[name] for product, name in names.items() if name in form}
    wanted, refused = {}, Refused(typed)
    for product in names:
        if product.slug == form.get("remove"):
            wanted[product] = 0
        elif product.slug in typed:
            try:
                wanted[product] = pieces_in(typed[product.slug], least=0)
            except NotPieces as refusal:
                refused.wrong[product.slug] = str(refusal)
    return wanted, refused


def apply(quote: Quote, wanted: Mapping[Product, int], refused: Refused) -> bool:
    """Change the cart; if that is not possible, note why and return False."""
    before = {line.product: line.quantity for line in quote.lines}
    if all(before[product] == pieces for product, pieces in wanted.items()):
        return True
    with _noting(wanted, refused):
        session_cart.put(wanted)
    return not (refused.trouble or refused.wrong)


def check(quote: Quote, form: Mapping[str, str]) -> Refused:
    """Return what is wrong with what was typed, and change nothing."""
    wanted, refused = read(quote, form)
    with _noting(wanted, refused):
        changes_of({line.product.id: line.quantity for line in quote.lines}, wanted)
    return refused


@contextmanager
def _noting(wanted: Mapping[Product, int], refused: Refused) -> Iterator[None]:
    try:
        yield
    except TooManyPieces as refusal:
        refused.trouble = too_many_pieces(refusal.most)
    except NotEnough as refusal:
        short = [product for product in wanted if product.id in refusal.left]
        refused.wrong |= {product.slug: not_enough(product) for product in short}


def typed_in(quote: Quote, form: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of the cart's products that were changed, for an address."""
    names = {FIELD + line.product.slug: str(line.quantity) for line in quote.lines}
    return {
        name: form[name][:LONGEST] for name in names if form.get(name, names[name]) != names[name]
    }


def is_outdated(quote: Quote, form: Mapping[str, str]) -> bool:
    """Return whether the form has a field for something that the cart does not hold any more."""
    names = {FIELD + line.product.slug for line in quote.lines}
    return any(name.startswith(FIELD) and name not in names for name in form)
