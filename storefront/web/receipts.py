"""Draw an order's address as a QR code: a printed receipt leads back to the page."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, Response, abort, current_app, url_for
from flask.typing import ResponseReturnValue

from storefront.orders import models as orders
from storefront.web.security import keep_private

blueprint = Blueprint("receipts", __name__)


@blueprint.get("/orders/<token>/code.svg")
def code(token: str) -> ResponseReturnValue:
    """A QR code of the order's page, black on white in any colour scheme: cameras want it so."""
    if orders.by_token(token) is None:
        abort(404)
    address = current_app.config["PUBLIC_URL"] + url_for("orders.show", token=token)
    drawing = io.BytesIO()
    segno.make(address, error="m").save(drawing, kind="svg", light="#fff", scale=4, border=3)
    return keep_private(Response(drawing.getvalue(), mimetype="image/svg+xml"))
