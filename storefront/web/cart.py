"""Put products into the session cart, change and remove them, never more than there is."""

from __future__ import annotations

from flask import (
    Blueprint,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.catalogue import models as catalogue
from storefront.catalogue.models import Product
from storefront.core.formats import grouped
from storefront.core.validation import plain_number
from storefront.orders.pricing import Quote
from storefront.web import own_orders, session_cart
from storefront.web.filters import in_language
from storefront.web.language import current_language

blueprint = Blueprint("cart", __name__)


# What has changed since the cart was last seen; the checkout says it, too.
blueprint.add_app_template_global(session_cart.old_prices)


@blueprint.app_template_global()
def short_of(quote: Quote) -> set[int]:
    """Return the ids of the products of which there are fewer left than the cart holds."""
    return {line.product.id for line in quote.lines if line.quantity > line.product.stock_free}


@blueprint.get("/cart")
def show() -> ResponseReturnValue:
    """Return what is in the cart and what it costs."""
    quote = session_cart.quote()
    page = render_template("cart/cart.html", quote=quote, waiting_order=own_orders.latest_unpaid())
    session_cart.keep_only(quote)
    return page


@blueprint.post("/cart/add/<slug>")
def add(slug: str) -> ResponseReturnValue:
    """Put pieces of a product into the cart, beside those already there."""
    product = _product(slug)
    already = session_cart.contents().get(product.id, 0)
    wanted = already + max(1, _asked_pieces(default=1))
    kept = session_cart.put(product, wanted)
    words, kind = _outcome(
        product, wanted, kept, _("In your cart: %(name)s.", name=in_language(product, "name"))
    )
    if request.accept_mimetypes.best == "application/json":  # a script that stays on the page
        count = grouped(session_cart.pieces(), current_language())
        return jsonify(words=words, kind=kind, pieces=count)
    flash(words, kind)
    return _to_cart()


@blueprint.post("/cart/change/<slug>")
def change(slug: str) -> ResponseReturnValue:
    """Set how many pieces of a product are wanted; 0 takes it out."""
    product = _product(slug)
    wanted = _asked_pieces(default=session_cart.contents().get(product.id, 0))
    kept = session_cart.put(product, wanted)
    flash(*_outcome(product, wanted, kept, _("Your cart was changed.")))
    return _to_cart()


@blueprint.post("/cart/remove/<slug>")
def remove(slug: str) -> ResponseReturnValue:
    """Take a product out of the cart."""
    product = _product(slug)
    session_cart.put(product, 0)
    flash(_("Taken out of your cart: %(name)s.", name=in_language(product, "name")), "success")
    return _to_cart()


def _product(slug: str) -> Product:
    product = catalogue.product_by_slug(slug)
    if product is None:
        abort(404)
    return product


def _asked_pieces(*, default: int) -> int:
    """Return the number typed, in whatever digits; the default if it is none."""
    typed = plain_number(request.form.get("quantity", ""))
    return (
        min(int(typed), session_cart.MOST_PIECES)
        if typed.isdecimal() and len(typed) < 10
        else default
    )


def _outcome(product: Product, wanted: int, kept: int, done: str) -> tuple[str, str]:
    """Return the message for the shopper, and its kind."""
    if kept >= wanted:
        return done, "success"
    if kept == 0 and product.stock_free:
        return _("The cart is full: pay for these items first."), "error"
    name, left = in_language(product, "name"), grouped(kept, current_language())
    return _("Your cart holds %(left)s of %(name)s: there are no more.", name=name, left=left), ""


def _to_cart() -> ResponseReturnValue:
    return redirect(url_for("cart.show"), 303)
