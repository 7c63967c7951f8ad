"""Find a browser's cart by the key in its signed session, price it, and keep it until it is paid.

What is in the cart stands in the database (:mod:`storefront.orders.carts`), and so does what left
it with which order. The session has the cart's key and how many pieces there are: every page shows
it, and none asks the database for it. An answer that was late may set the cookie of an older
session: what is ordered never depends on that.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from flask import session
from werkzeug.exceptions import TooManyRequests

from storefront.catalogue.models import Product
from storefront.core.services import current_services
from storefront.orders import cart_changes, carts, drafts, pricing
from storefront.orders.cart_changes import LockedCart, NotEnough, free_of
from storefront.orders.checkout import priced
from storefront.orders.holds import MOST_PIECES
from storefront.orders.pricing import Quote
from storefront.web import limits, one_time_key, seen_prices

KEY_BYTES = 32


def key() -> str:
    """Return the key of this browser's cart; a new one if it has none.

    The page with the form that fills the cart asks for it: then two forms that are sent at the same
    time bring the same key.
    """
    if "cart_key" not in session:
        session["cart_key"] = secrets.token_urlsafe(KEY_BYTES)
    return str(session["cart_key"])


def key_if_any() -> str | None:
    """Return the key of this browser's cart, if it has one."""
    found = session.get("cart_key")
    return None if found is None else str(found)


def contents() -> dict[int, int]:
    """Pieces by product id."""
    key = key_if_any()
    return carts.contents(key) if key else {}


def pieces() -> int:
    """Return how many pieces there are in all, as of this browser's last answer."""
    return int(session.get("pieces", 0))


def quote() -> Quote:
    """Return what the cart costs now, with the delivery method that is offered first.

    Products that are no longer sold are left out.
    """
    return priced(current_services().prices, contents())


def quotes() -> tuple[Quote, ...]:
    """Return what the cart costs now with each of the delivery methods."""
    return pricing.quotes(quote(), current_services().prices)


def most_of(product: Product) -> int:
    """Return how many pieces of a product a cart may hold now if nothing else is in it."""
    return min(free_of(product), MOST_PIECES)


def add(product: Product, pieces: int) -> None:
    """Put pieces beside those already there. Raises TooManyPieces or NotEnough."""
    with _changing() as cart:
        cart.put({product: cart.lines.get(product.id, 0) + pieces})
    seen_prices.note(cart.lines, [product])


def put(wanted: Mapping[Product, int]) -> None:
    """Set the pieces of products; 0 takes one out. Raises TooManyPieces or NotEnough."""
    with _changing() as cart:
        cart.put(wanted)


def fit() -> None:
    """Lower the pieces of each product to what can be had; none means that it is taken out."""
    short = [line for line in quote().lines if line.quantity > free_of(line.product)]
    with suppress(NotEnough):  # more of them were sold just now: the next page says so
        if short:
            put({line.product: free_of(line.product) for line in short})


def put_at_least(wanted: Mapping[Product, int]) -> dict[int, int]:
    """Raise the pieces of products to so many, as far as they can be had.

    Return how many the cart holds then, by product id.
    """
    with _changing() as cart:
        cart.put_at_least(wanted)
    seen_prices.note(cart.lines, wanted)
    return cart.lines


@contextmanager
def _changing() -> Iterator[LockedCart]:
    """Another cart is another order: the one-time key of the checkout form goes, too."""
    with _locked() as cart:
        yield cart
    one_time_key.forget()


@contextmanager
def _locked() -> Iterator[LockedCart]:
    _admit()
    with cart_changes.locked(key(), current_services().clock()) as cart:
        yield cart
        if not cart.lines:
            drafts.forget(key())
    session.permanent = True
    session["pieces"] = sum(cart.lines.values())


def _admit() -> None:
    """Raise TooManyRequests for a client that has begun too many carts."""
    if "pieces" not in session and (seconds := limits.take(limits.CARTS)):
        raise TooManyRequests(retry_after=seconds)


def count(quote: Quote) -> None:
    """Let every page show how many pieces the cart holds."""
    held = sum(line.quantity for line in quote.lines)
    if session.get("pieces", 0) != held:
        session["pieces"] = held


def leave_with_order(*, whole: bool = False) -> None:
    """Count what is left in the cart when its shopper is sent to pay an order.

    Nothing is, if the ``whole`` cart has just become that order.
    """
    left = {} if whole else contents()
    session["pieces"] = sum(left.values())
    seen_prices.note(left, ())
    one_time_key.forget()


def forget_orders() -> None:
    """Let the orders that this browser placed be anybody's, and forget what was typed for another.

    What is in the cart stays there.
    """
    with _locked():
        cart_changes.forget_orders(key())
        drafts.forget(key())
