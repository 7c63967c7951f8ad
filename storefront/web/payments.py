"""Handle the callback: the shopper's browser returns from the gateway. It proves nothing."""

from __future__ import annotations

from flask import (
    Blueprint,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from payment_engine import Returned, UnknownReference
from storefront.core.services import current_services
from storefront.core.settings import is_test_mode
from storefront.orders import models as orders
from storefront.orders.payments import order_key_of
from storefront.web import limits, own_orders
from storefront.web.language import current_language, fall_back_to
from storefront.web.redirects import to_order
from storefront.web.security import csrf, keep_private

blueprint = Blueprint("payments", __name__)


@blueprint.route("/payments/<reference>/callback", methods=["GET", "POST"])
@csrf.exempt
def callback(reference: str) -> ResponseReturnValue:
    """Show the order only to who knows the gateway's own id of the payment, or has placed it here.

    Only the former has the gateway asked at once; for all others the worker asks.
    """
    seconds = limits.take(limits.CALLBACKS)
    if seconds:  # the worker asks about it all the same
        page = _waiting(limits.advice(seconds))
        return limits.refused(keep_private(make_response(page)), seconds)
    engine = current_services().engine
    try:
        returned = engine.handle_callback(reference, request.values, language=current_language())
    except UnknownReference:
        abort(404)
    token = _token_to_show(returned)
    return keep_private(to_order(token) if token else make_response(_waiting()))


@blueprint.get("/payments/<reference>/history")
def show_history(reference: str) -> ResponseReturnValue:
    """Lead from the sandbox's dashboard to the history of the order; there in test mode only."""
    number = order_key_of(reference) if is_test_mode(current_app.config) else None
    token = orders.token_of(number) if number else None
    return redirect(url_for("orders.show_history", token=token), 303) if token else abort(404)


def _token_to_show(returned: Returned) -> str | None:
    number = returned.payment.order_key
    if returned.knows_payment:
        return orders.token_of(number)
    order = orders.by_number(number)
    if order is None:
        return None
    fall_back_to(order.language)
    return order.token if own_orders.include(order) else None


def _waiting(trouble: str | None = None) -> str:
    return render_template("payments/waiting.html", trouble=trouble)
