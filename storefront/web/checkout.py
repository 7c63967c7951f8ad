"""Ask who buys and where it goes, place the order and redirect the shopper to the gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice

from payment_engine import NotPayable, Standing
from storefront.core.services import current_services
from storefront.orders import models as orders
from storefront.orders.checkout import CheckoutRequest, check_out
from storefront.orders.pricing import Quote
from storefront.web import (
    draft,
    last_details,
    limits,
    one_time_key,
    own_orders,
    payment_methods,
    refusals,
    session_cart,
)
from storefront.web.checkout_refusals import NOT_PLACED, why
from storefront.web.forms import CheckoutForm
from storefront.web.language import LANGUAGES, current_language
from storefront.web.redirects import NoRedirect, redirecting, to_gateway, to_order
from storefront.web.refusals import Refusal
from storefront.web.security import keep_private

blueprint = Blueprint("checkout", __name__)


@blueprint.get("/checkout")
def show() -> ResponseReturnValue:
    """Ask who buys; what was typed for this cart stands there, else what the last order had.

    With ``check`` the page also says what is wrong with it, however often it is opened.
    """
    quotes, refusal, wanted = session_cart.quotes(), refusals.shown_here(), request.args
    typed = {} if wanted.get("details") == "other" else draft.kept()
    form, offered = _begun_form(typed, one_time_key.of(quotes))
    if "check" in wanted and typed and not form.validate() and refusal.words is None:
        refusal = Refusal(HTTPStatus.UNPROCESSABLE_ENTITY)
    page = refusal.answer(
        _page(form, quotes, trouble=refusal.words, offered=offered, kept=bool(typed))
    )
    return keep_private(page) if offered else page


def _begun_form(typed: Mapping[str, str], key: str) -> tuple[CheckoutForm, bool]:
    """Return the form as the page begins with it, and whether that is the last order's details."""
    if typed:
        sent = MultiDict({**typed, "checkout_key": key, "csrf_token": generate_csrf()})
        form = _form(formdata=sent)
        return form, last_details.are_in(form)
    details = {} if request.args.get("details") == "other" else last_details.offered()
    return _form(checkout_key=key, **details), bool(details)


@blueprint.post("/checkout")
def pay() -> ResponseReturnValue:
    """Place the order, once for each form, and send the shopper to the gateway."""
    form = _form()
    if not form.validate():
        return _back_to_form(form, check="yes")
    if seconds := limits.take(limits.CHECKOUTS):
        return _refused(form, Refusal(429, limits.advice(seconds), seconds))
    try:
        return _redirect_to_gateway(form, _checkout_request(form))
    except NOT_PLACED as error:
        return _refused(form, why(error))


@blueprint.post("/checkout/in/<language>")
def in_language(language: str) -> ResponseReturnValue:
    """Keep what was typed, and open the form in another language; nothing is placed."""
    if language not in LANGUAGES:
        abort(404)
    return _back_to_form(_form())


@blueprint.post("/checkout/fit")
def fit() -> ResponseReturnValue:
    """Keep what was typed, and take out of the cart what has been sold meanwhile."""
    answer = _back_to_form(_form())
    session_cart.fit()
    return answer


@blueprint.post("/checkout/clear")
def clear() -> ResponseReturnValue:
    """Forget what was typed, and open an empty form."""
    draft.forget()
    return redirect(url_for("checkout.show", details="other"), 303)


def _back_to_form(form: CheckoutForm, **asked: Any) -> ResponseReturnValue:
    """Keep what was typed, and redirect to the form: its page can be reloaded."""
    if seconds := limits.take(limits.DRAFTS):
        page = _page(form, session_cart.quotes(), trouble=limits.advice(seconds))
        return limits.refused(page, seconds)
    draft.keep(form)
    return redirect(url_for("checkout.show", **asked), 303)


def _refused(form: CheckoutForm, refusal: Refusal) -> ResponseReturnValue:
    refusal.redirect(url_for("checkout.show"))
    return _back_to_form(form)


def _form(**begun: Any) -> CheckoutForm:
    """Return the form with what there is to choose from; who chooses none means the first."""
    form = CheckoutForm(**begun)
    form.methods = current_services().prices.methods
    form.delivery.choices = [
        SelectChoice(each.key, each.name(current_language())) for each in form.methods
    ]
    form.delivery.data = form.delivery.data or form.methods[0].key
    form.gateway.choices = [
        SelectChoice(name, payment_methods.title(name)) for name in payment_methods.offered()
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
        draft.forget()
        return to_order(_token(refusal.order_key))
    except NoRedirect as trouble:
        return _refused(form, Refusal(trouble.status, trouble.advice))
    draft.forget()
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
    kept: bool = False,
) -> str:
    quote = next((each for each in quotes if each.delivery is form.chosen), quotes[0])
    session_cart.count(quote)
    if not quote.lines:
        return render_template("cart/empty.html", waiting_order=own_orders.latest_unpaid())
    return render_template(
        "checkout/checkout.html",
        form=form,
        quote=quote,
        quotes=quotes,
        trouble=trouble,
        offered=offered,
        kept=kept,
        minutes=current_services().engine.services.policy.window // timedelta(minutes=1),
    )
