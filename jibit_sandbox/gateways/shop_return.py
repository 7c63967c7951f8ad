"""Send the payer back to the shop: by a redirect, or by a form that the browser posts."""

from __future__ import annotations

from flask import make_response, redirect, render_template
from werkzeug.wrappers import Response

from jibit_sandbox.core.callback import Callback
from jibit_sandbox.core.context import Call
from jibit_sandbox.core.models import Order


def send_to_shop(call: Call, order: Order, callback: Callback) -> Response:
    """Return a redirect, or a page whose form posts itself; a button does it without JavaScript."""
    call.callback = callback
    if callback.form is None:
        return redirect(callback.url, 303)
    return make_response(
        render_template("bank/return.html", order=order, callback=callback, seconds=0)
    )
