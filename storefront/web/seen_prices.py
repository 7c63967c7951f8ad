"""Remember, in the session, the prices that a shopper last saw in the cart, to tell of changes.

What is paid is always computed anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from flask import session

from storefront.catalogue.models import Product
from storefront.orders.pricing import Quote


def note(held: Collection[int], products: Iterable[Product]) -> None:
    """Take the prices of these products as seen; forget those of products that are not held."""
    seen = _noted() | {product.id: product.price_rials for product in products}
    kept = {product_id: price for product_id, price in seen.items() if product_id in held}
    if kept != _noted():
        session["prices"] = {str(product_id): price for product_id, price in kept.items()}


def note_all(quote: Quote) -> None:
    """Take the prices of all that is in the cart as seen."""
    products = [line.product for line in quote.lines]
    note([product.id for product in products], products)


def changed_since(quote: Quote) -> dict[int, int]:
    """Return the prices that the shopper last saw in the cart, where they have changed since.

    Integer Rials by product id.
    """
    noted = _noted()
    return {
        line.product.id: noted[line.product.id]
        for line in quote.lines
        if noted.get(line.product.id, line.product.price_rials) != line.product.price_rials
    }


def _noted() -> dict[int, int]:
    return {int(product_id): price for product_id, price in session.get("prices", {}).items()}
