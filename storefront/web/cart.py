"""Put products into the session cart, change and remove them, never more than there is."""

from __future__ import annotations

from collections.abc import Mapping

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
from storefront.orders.cart_changes import free_of
from storefront.orders.holds import MOST_PIECES
from storefront.orders.pricing import Quote
from storefront.web import cart_form, own_orders, seen_prices, session_cart
from storefront.web.adding import REFUSED, why_not
from storefront.web.cart_form import Refused
from storefront.web.filters import in_language
from storefront.web.language import current_language
from storefront.web.quantities import NotPieces, not_enough, pieces_in, too_many_pieces

blueprint = Blueprint("cart", __name__)


# What has changed since the cart was last seen; the checkout says it, too.
blueprint.add_app_template_global(seen_prices.changed_since, "old_prices")
blueprint.add_app_template_global(own_orders.payment_is_open, "payment_is_open")


@blueprint.app_template_global()
def short_of(quote: Quote) -> set[int]:
    """Return the ids of the products of which there are fewer left than the cart holds."""
    return {line.product.id for line in quote.lines if line.quantity > line.product.stock_free}


@blueprint.app_template_global()
def most_of(product: Product) -> int:
    """Return how many pieces of a product can be chosen in the cart now."""
    return session_cart.most_of(product)


@blueprint.get("/cart")
def show() -> ResponseReturnValue:
    """Return what is in the cart and what it costs; with fields, also what is wrong with them."""
    quote = session_cart.quote()
    refused = cart_form.check(quote, request.args)
    return _page(quote, refused), 422 if refused.wrong or refused.trouble else 200


def _page(quote: Quote, refused: Refused) -> str:
    session_cart.count(quote)
    page = render_template(
        "cart/cart.html",
        quote=quote,
        refused=refused,
        stays=_stays(),
        waiting_order=own_orders.latest_unpaid(),
    )
    seen_prices.note_all(quote)
    return page


@blueprint.post("/cart/add/<slug>")
def add(slug: str) -> ResponseReturnValue:
    """Put pieces of a product into the cart, beside those already there."""
    product, typed = _product(slug), request.form.get("quantity", "1")
    try:
        session_cart.add(product, pieces_in(typed, least=1))
    except REFUSED as refusal:
        return _not_added(product, typed, why_not(product, refusal))
    words = _("In your cart: %(name)s.", name=in_language(product, "name"))
    if _asks_for_json():
        count = grouped(session_cart.pieces(), current_language())
        return jsonify(words=words, kind="success", pieces=count)
    flash(words, "success")
    return _to_cart()


def _asks_for_json() -> bool:
    """Return whether a script asks that stays on the page."""
    return request.accept_mimetypes.best == "application/json"


def _not_added(product: Product, typed: str, wrong: str) -> ResponseReturnValue:
    if _asks_for_json():
        return jsonify(words=wrong, kind="error"), 422
    typed = typed[: cart_form.LONGEST]
    return redirect(url_for("catalogue.product", slug=product.slug, quantity=typed), 303)


@blueprint.post("/cart/change")
def change() -> ResponseReturnValue:
    """Make the cart what its fields say; 0 takes a product out. All of it or nothing.

    The button "remove" takes its product out, "then=checkout" goes on from there, and a script asks
    with "stay" for the page itself.
    """
    quote = session_cart.quote()
    wanted, refused = cart_form.read(quote, request.form)
    if not refused.wrong and cart_form.apply(quote, wanted, refused):
        return _after_change(quote, wanted)
    if _stays():
        return _page(session_cart.quote(), refused), 422
    return redirect(url_for("cart.show", **cart_form.typed_in(quote, request.form)), 303)


def _after_change(before: Quote, wanted: Mapping[Product, int]) -> ResponseReturnValue:
    outdated = cart_form.is_outdated(before, request.form)
    for line in before.lines:
        if wanted.get(line.product) == 0:
            _tell_taken_out(line.product, line.quantity)
    if outdated:
        flash(_("Your cart has changed since this page was opened. Please look again."))
    now = session_cart.quote()
    if _stays():
        return _page(now, Refused())
    if request.form.get("then") == "checkout" and now.lines and not outdated and not short_of(now):
        return redirect(url_for("checkout.show"), 303)
    if not outdated and all(wanted.values()):
        flash(_("Your cart was changed."), "success")
    return _to_cart()


def _stays() -> bool:
    """Return whether the cart's script sent this, which shows the answer in the page it is on."""
    return request.method == "POST" and "stay" in request.form


def _tell_taken_out(product: Product, pieces: int) -> None:
    """Say so on the next page, with a button that puts the pieces back."""
    words = _("Taken out of your cart: %(name)s.", name=in_language(product, "name"))
    flash({"words": words, "slug": product.slug, "pieces": pieces}, "taken_out")  # type: ignore[arg-type]  # it is kept as JSON


@blueprint.post("/cart/restore/<slug>")
def restore(slug: str) -> ResponseReturnValue:
    """Put back what was taken out; to press twice puts it back once."""
    product = _product(slug)
    try:
        wanted = pieces_in(request.form.get("quantity", "1"), least=1)
    except NotPieces:
        abort(400)
    if session_cart.put_at_least({product: wanted}).get(product.id, 0) >= wanted:
        flash(_("Back in your cart: %(name)s.", name=in_language(product, "name")), "success")
    elif free_of(product) < wanted:
        flash(not_enough(product), "error")
    else:
        flash(too_many_pieces(MOST_PIECES), "error")
    return _to_cart()


def _product(slug: str) -> Product:
    product = catalogue.product_by_slug(slug)
    if product is None:
        abort(404)
    return product


def _to_cart() -> ResponseReturnValue:
    return redirect(url_for("cart.show"), 303)
