"""Keep the session cart: pieces by product id, in the browser's signed session."""

from __future__ import annotations

import secrets

from flask import session

from storefront.catalogue.models import Product
from storefront.core.services import current_services
from storefront.orders.checkout import priced
from storefront.orders.pricing import Quote

MOST_LINES = 50
MOST_PIECES = 99


def contents() -> dict[int, int]:
    """Pieces by product id."""
    return {int(product_id): pieces for product_id, pieces in session.get("cart", {}).items()}


def pieces() -> int:
    """Return how many pieces there are in all."""
    return sum(contents().values())


def quote() -> Quote:
    """Return what the cart costs now; products that are no longer sold are left out."""
    return priced(current_services().prices, contents())


def most_of(product: Product) -> int:
    """Return how many pieces of a product a cart may hold now."""
    return min(product.stock_free, MOST_PIECES)


def put(product: Product, wanted: int) -> int:
    """Set the pieces of a product, as far as they can be had; gives how many it is now."""
    cart = contents()
    possible = max(0, min(wanted, most_of(product)))
    if possible and (product.id in cart or len(cart) < MOST_LINES):
        cart[product.id] = possible
    else:
        cart.pop(product.id, None)
    _keep(cart)
    _note_prices({**_noted_prices(), product.id: product.price_rials})
    return cart.get(product.id, 0)


def keep_only(quote: Quote) -> None:
    """Forget products that are no longer sold, and take the prices as seen."""
    known = {line.product.id for line in quote.lines}
    if known != set(contents()):
        _keep({key: pieces for key, pieces in contents().items() if key in known})
    _note_prices({line.product.id: line.product.price_rials for line in quote.lines})


def old_prices(quote: Quote) -> dict[int, int]:
    """Return the prices that the shopper last saw in the cart, where they have changed since.

    Integer Rials by product id. Only for telling: what is paid is always computed anew.
    """
    noted = _noted_prices()
    return {
        line.product.id: noted[line.product.id]
        for line in quote.lines
        if noted.get(line.product.id, line.product.price_rials) != line.product.price_rials
    }


def _noted_prices() -> dict[int, int]:
    return {int(product_id): price for product_id, price in session.get("prices", {}).items()}


def _note_prices(prices: dict[int, int]) -> None:
    kept = {key: price for key, price in prices.items() if key in contents()}
    if kept != _noted_prices():
        session["prices"] = {str(product_id): price for product_id, price in kept.items()}


def _keep(cart: dict[int, int]) -> None:
    """Another cart is another order: the one-time key of the checkout form goes, too."""
    session.permanent = True
    session["cart"] = {str(product_id): pieces for product_id, pieces in cart.items()}
    session.pop("checkout_key", None)


def checkout_key(quote: Quote) -> str:
    """Return the key of the checkout form for this cart as it is priced now, the same in every tab.

    It goes with what was to be paid: once a price has changed, the form is an old one.
    """
    total = quote.total_rials
    if "checkout_key" not in session or session.get("checkout_total") != total:
        session["checkout_key"], session["checkout_total"] = secrets.token_urlsafe(24), total
    return str(session["checkout_key"])


def agreed_rials(checkout_key: str | None) -> int | None:
    """What this cart's checkout form said is to be paid; None if the form is another cart's."""
    if not checkout_key or checkout_key != session.get("checkout_key"):
        return None
    return int(session["checkout_total"])


def leave_with_shopper() -> None:
    """The shopper is on the way to pay: the next cart starts empty."""
    for name in ("cart", "prices", "checkout_key", "checkout_total"):
        session.pop(name, None)
