"""Who buys and where it goes; then the order is placed and the shopper sent to the gateway."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.checkout import EmptyCart, place_order
from storefront.forms import CheckoutForm
from storefront.shop import orders
from storefront.shop.orders import Order
from storefront.shop.pricing import Quote
from storefront.shop.stock import OutOfStock
from storefront.till import current_till
from storefront.views import carts, means, own_orders
from storefront.views.departures import NoDeparture, to_gateway
from storefront.views.language import LANGUAGES, current_language

blueprint = Blueprint("checkout", __name__)


@blueprint.get("/checkout")
def show() -> ResponseReturnValue:
    """Ask who buys."""
    quote = carts.quote()
    return _page(_form(checkout_key=carts.checkout_key(quote)), quote)


@blueprint.post("/checkout")
def pay() -> ResponseReturnValue:
    """Place the order, once for each form, and send the shopper to the gateway."""
    form = _form()
    if not form.validate():
        return _page(form, carts.quote()), 422
    try:
        order = _order(form)
    except (EmptyCart, _StaleForm):
        quote = carts.quote()
        form.checkout_key.data = carts.checkout_key(quote)
        changed = _("Your cart has changed since this page was opened. Look again, then pay.")
        return _page(form, quote, trouble=changed), 409
    except OutOfStock:
        missing = _("Somebody was faster: not everything in your cart is still there.")
        return _page(form, carts.quote(), trouble=missing), 409
    own_orders.remember(order)
    return _depart(order, form)


@blueprint.post("/checkout/in/<language>")
def in_language(language: str) -> ResponseReturnValue:
    """The same form in another language, with all that was typed; nothing is placed."""
    if language not in LANGUAGES:
        abort(404)
    return _page(_form(), carts.quote())


def _form(**defaults: str) -> CheckoutForm:
    """The form with the gateways to choose from; who chooses none means the first."""
    form = CheckoutForm(**defaults)
    form.gateway.choices = [(name, means.title(name)) for name in means.offered()]
    form.gateway.data = form.gateway.data or means.offered()[0]
    return form


class _StaleForm(Exception):
    """The form was made for another cart."""


def _order(form: CheckoutForm) -> Order:
    shopper = form.shopper(current_language())
    key = form.one_time_key(shopper)
    made_for_this_cart = form.checkout_key.data == carts.checkout_key(carts.quote())
    if not made_for_this_cart and orders.by_checkout_key(key) is None:
        raise _StaleForm
    return place_order(current_till(), carts.contents(), shopper, key)


def _depart(order: Order, form: CheckoutForm) -> ResponseReturnValue:
    try:
        return to_gateway(order, means.chosen(form.gateway.data))
    except NoDeparture as trouble:
        return _page(form, carts.quote(), trouble=trouble.advice), trouble.status


def _page(form: CheckoutForm, quote: Quote, trouble: str | None = None) -> str:
    if not quote.lines:
        return render_template("cart/empty.html", waiting_order=own_orders.latest_unpaid())
    return render_template(
        "checkout/checkout.html",
        form=form,
        quote=quote,
        trouble=trouble,
        minutes=current_till().terms.payment_window // timedelta(minutes=1),
    )
