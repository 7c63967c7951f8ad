"""The sandbox as a Flask application: settings in, a wired app out."""

from __future__ import annotations

import traceback

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response as AnyResponse

from jibit_sandbox.control.control_api import steering
from jibit_sandbox.control.inspection_api import looking
from jibit_sandbox.control.wallets import wallets
from jibit_sandbox.core.context import Refusal, Sandbox, current_call, the_call
from jibit_sandbox.core.errors import Complaint
from jibit_sandbox.core.settings import Settings
from jibit_sandbox.core.store import Store
from jibit_sandbox.dashboard.actions import buttons
from jibit_sandbox.dashboard.pages import dashboard
from jibit_sandbox.gateways.payment_pages import NoSuchPage
from jibit_sandbox.gateways.ppg_v2.api import api
from jibit_sandbox.gateways.ppg_v2.page import pages
from jibit_sandbox.gateways.ppg_v2.wire import PpgWire
from jibit_sandbox.gateways.wallet.api import api as wallet_api
from jibit_sandbox.gateways.wallet.page import pages as wallet_pages
from jibit_sandbox.gateways.wallet.wire import WalletWire
from jibit_sandbox.i18n.words import speak
from jibit_sandbox.web.call_pipeline import arrive, bend, write_down
from jibit_sandbox.web.openapi import openapi

# form-action is left open: browsers apply it to the redirect after the payment too, and where
# a shop's callback leads is the shop's own affair.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)


def create_app(settings: Settings) -> Flask:
    """Wire the sandbox; its database file is made if it is not there."""
    app = Flask(__name__, static_url_path="/_sandbox/static")
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # the real gateway answers 405
    app.json.sort_keys = False  # type: ignore[attr-defined] # Flask's default provider has it
    app.extensions["sandbox"] = Sandbox(
        settings, Store(settings.database), wires=(PpgWire(), WalletWire())
    )
    speak(app)
    app.before_request(refuse_other_sites)
    app.before_request(arrive)
    for step in (write_down, protect_pages, bend):  # Flask takes the last one first
        app.after_request(step)
    app.register_blueprint(api)
    app.register_blueprint(pages)
    app.register_blueprint(wallet_api)
    app.register_blueprint(wallet_pages)
    app.register_blueprint(steering)
    app.register_blueprint(looking)
    app.register_blueprint(wallets)
    app.register_blueprint(dashboard)
    app.register_blueprint(buttons)
    app.register_blueprint(openapi)
    app.register_error_handler(Refusal, refuse)
    app.register_error_handler(NoSuchPage, no_such_page)
    app.register_error_handler(Complaint, explain)
    app.register_error_handler(HTTPException, http_failure)
    app.register_error_handler(Exception, crash)
    return app


def refuse_other_sites() -> Response | None:
    """No page of another site may press our buttons behind a developer's back."""
    steers = request.path.startswith("/_sandbox") and request.method != "GET"
    if steers and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return make_response(jsonify(error="the request comes from another site"), 403)
    return None


def refuse(refusal: Refusal) -> AnyResponse:
    return refusal.response(the_call())


def no_such_page(_: NoSuchPage) -> AnyResponse:
    return make_response(render_template("bank/not_found.html"), 404)


def explain(complaint: Complaint) -> AnyResponse:
    return make_response(jsonify(error=str(complaint)), complaint.status)


def http_failure(error: HTTPException) -> AnyResponse:
    """A gateway says it in its envelope, everything else plainly."""
    call = current_call()
    if call is None:
        response: AnyResponse = make_response(jsonify(error=error.description), error.code)
    else:
        response = call.wire.failure(call, error.code or 500)
    if isinstance(error, MethodNotAllowed):
        allowed = set(error.valid_methods or ()) - {"HEAD"}
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def crash(error: Exception) -> AnyResponse:
    """A fault of the sandbox itself: shown on its terminal, told as the gateway's 500."""
    traceback.print_exception(error)
    call = current_call()
    if call is None:
        return make_response(jsonify(error="the sandbox itself failed; see its terminal"), 500)
    return call.wire.failure(call, 500)


def protect_pages(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
