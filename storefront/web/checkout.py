"""Ask who buys and where it goes, place the order and redirect the shopper to the gateway."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Blueprint, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import escape

from payment_engine import NotPayable, Standing
from storefront.catalogue.stock import OutOfStock
from storefront.core.formats import moment
from storefront.core.services import current_services
from storefront.orders import models as orders
from storefront.orders.checkout import CheckoutRequest, EmptyCart, PriceChanged, check_out
from storefront.orders.holds import TooManyPieces, TooMuchHeld
from storefront.orders.pricing import Quote
from storefront.web import (
    last_details,
    limits,
    one_time_key,
    own_orders,
    payment_methods,
    session_cart,
)
from storefront.web.forms import CheckoutForm
from storefront.web.language import LANGUAGES, current_language
from storefront.web.quantities import too_many_pieces
from storefront.web.redirects import NoRedirect, redirecting, to_gateway, to_order
from storefront.web.security import keep_private

blueprint = Blueprint("checkout", __name__)


@blueprint.get("/checkout")
def show() -> ResponseReturnValue:
    """Ask who buys; the details of this browser's last order stand there already, if wanted."""
    quotes = session_cart.quotes()
    details = {} if request.args.get("details") == "other" else last_details.offered()
    form = _form(checkout_key=one_time_key.of(quotes), **details)
    page = make_response(_page(form, quotes, offered=bool(details)))
    return keep_private(page) if details else page


@blueprint.post("/checkout")
def pay() -> ResponseReturnValue:
    """Place the order, once for each form, and send the shopper to the gateway."""
    form = _form()
    if not form.validate():
        return _page(form, session_cart.quotes()), 422
    if seconds := limits.take(limits.CHECKOUTS):
        return _too_often(form, seconds, limits.advice(seconds))
    try:
        return _redirect_to_gateway(form, _checkout_request(form))
    except (EmptyCart, PriceChanged):
        quotes = session_cart.quotes()
        form.checkout_key.data = one_time_key.of(quotes)
        changed = _("Your cart has changed since this page was opened. Look again, then pay.")
        return _page(form, quotes, trouble=changed), 409
    except OutOfStock:
        missing = _("Some of the items in your cart have just been sold.")
        return _page(form, session_cart.quotes(), trouble=missing), 409
    except TooManyPieces as error:
        return _page(form, session_cart.quotes(), trouble=too_many_pieces(error.most)), 409
    except TooMuchHeld as error:
        held = _(
            "Unpaid orders from your network already hold as many items as we can reserve for it."
            " Pay or cancel one of yours, or try again at %(moment)s."
        )
        trouble = escape(held) % {"moment": moment(error.until, current_language())}
        return _too_often(form, _seconds_until(error.until), trouble)


def _too_often(form: CheckoutForm, seconds: int, trouble: str) -> ResponseReturnValue:
    return limits.refused(_page(form, session_cart.quotes(), trouble=trouble), seconds)


def _seconds_until(moment: datetime) -> int:
    left = moment - current_services().clock()
    return max(1, math.ceil(left.total_seconds()))


@blueprint.post("/checkout/in/<language>")
def in_language(language: str) -> ResponseReturnValue:
    """Return the same form in another language, with all that was typed; nothing is placed."""
    if language not in LANGUAGES:
        abort(404)
    form = _form()
    return _page(form, session_cart.quotes(), offered=last_details.are_in(form))


def _form(**defaults: str) -> CheckoutForm:
    """Return the form with what there is to choose from; who chooses none means the first."""
    form = CheckoutForm(**defaults)
    form.methods = current_services().prices.methods
    form.delivery.choices = [(each.key, each.name(current_language())) for each in form.methods]
    form.delivery.data = form.delivery.data or form.methods[0].key
    form.gateway.choices = [
        (name, payment_methods.title(name)) for name in payment_methods.offered()
    ]
    form.gateway.data = form.gateway.data or payment_methods.offered()[0]
    return form


def _checkout_request(form: CheckoutForm) -> CheckoutRequest:
    customer = form.customer(current_language())
    wanted = session_cart.contents()
    return CheckoutRequest(
        wanted,
        customer,
        form.one_time_key(customer),
        one_time_key.agreed_rials(form.checkout_key.data, wanted, form.delivery.data),
        limits.client(),
        session_cart.key(),
        form.delivery.data,
    )


def _redirect_to_gateway(form: CheckoutForm, wanted: CheckoutRequest) -> ResponseReturnValue:
    gateway = payment_methods.chosen(form.gateway.data)
    try:
        with redirecting(gateway):
            payment = check_out(current_services(), wanted, gateway, language=current_language())
    except NotPayable as refusal:
        if refusal.state is Standing.CLOSED:  # the same form would lead to the same order again
            one_time_key.forget()
        return to_order(_token(refusal.order_key))
    except NoRedirect as trouble:
        return _page(form, session_cart.quotes(), trouble=trouble.advice), trouble.status
    return to_gateway(payment, whole_cart=True)


def _token(number: str) -> str:
    token = orders.token_of(number)
    if token is None:
        abort(404)
    return token


def _page(
    form: CheckoutForm,
    quotes: Sequence[Quote],
    trouble: str | None = None,
    *,
    offered: bool = False,
) -> str:
    quote = next((each for each in quotes if each.delivery is form.chosen), quotes[0])
    if not quote.lines:
        return render_template("cart/empty.html", waiting_order=own_orders.latest_unpaid())
    return render_template(
        "checkout/checkout.html",
        form=form,
        quote=quote,
        quotes=quotes,
        trouble=trouble,
        offered=offered,
        minutes=current_services().engine.services.policy.window // timedelta(minutes=1),
    )
