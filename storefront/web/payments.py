"""The callback: the shopper's browser comes back from the gateway. It is believed in nothing."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from storefront.payments.completion import receive_callback
from storefront.payments.services import current_till
from storefront.web.language import current_language
from storefront.web.redirects import to_order
from storefront.web.security import csrf, keep_private

blueprint = Blueprint("payments", __name__)


@blueprint.route("/payments/<reference_number>/callback", methods=["GET", "POST"])
@csrf.exempt
def callback(reference_number: str) -> ResponseReturnValue:
    """Ask the gateway; show the order only to who knows the gateway's own identifier of it."""
    try:
        order = receive_callback(
            current_till(), reference_number, request.values, language=current_language()
        )
    except LookupError:
        abort(404)
    if order is None:
        return keep_private(make_response(render_template("payments/waiting.html")))
    return keep_private(to_order(order))
