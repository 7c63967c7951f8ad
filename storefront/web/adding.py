"""Tell why pieces of a product were not, or would not be, put into the cart."""

from __future__ import annotations

from storefront.catalogue.models import Product
from storefront.orders.cart_changes import NotEnough, changes_of
from storefront.orders.holds import TooManyPieces
from storefront.web import session_cart
from storefront.web.quantities import NotPieces, not_enough, pieces_in, too_many_pieces

REFUSED = (NotPieces, TooManyPieces, NotEnough)


def why_not(product: Product, refusal: Exception) -> str:
    """Return what the product's page says to one of :data:`REFUSED`."""
    if isinstance(refusal, TooManyPieces):
        return too_many_pieces(refusal.most, sum(session_cart.contents().values()))
    if isinstance(refusal, NotEnough):
        return not_enough(product, session_cart.contents().get(product.id, 0))
    return str(refusal)


def wrong_with(product: Product, typed: str) -> str:
    """Return why what was typed cannot be put beside what the cart holds; "" if it can."""
    held = session_cart.contents()
    try:
        changes_of(held, {product: held.get(product.id, 0) + pieces_in(typed, least=1)})
    except REFUSED as refusal:
        return why_not(product, refusal)
    return ""
