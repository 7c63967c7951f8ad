"""Build the Flask application: settings in, a wired app out."""

from __future__ import annotations

import logging

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.wrappers import Response as AnyResponse

from jibit_sandbox.control.api import control_api
from jibit_sandbox.control.inbox import inbox
from jibit_sandbox.control.inspection import inspection_api
from jibit_sandbox.control.purchases import purchases
from jibit_sandbox.control.wallets import wallets
from jibit_sandbox.control.worlds import worlds
from jibit_sandbox.core.context import (
    Refusal,
    Sandbox,
    current_call,
    end_list_turn,
    require_call,
)
from jibit_sandbox.core.errors import ControlError
from jibit_sandbox.core.settings import Settings
from jibit_sandbox.core.store import Store
from jibit_sandbox.dashboard.actions import actions
from jibit_sandbox.dashboard.feed import feed
from jibit_sandbox.dashboard.pages import dashboard
from jibit_sandbox.gateways.payment_pages import OrderPageNotFound
from jibit_sandbox.gateways.ppg_v2.api import api
from jibit_sandbox.gateways.ppg_v2.page import pages
from jibit_sandbox.gateways.ppg_v2.wire import PpgWire
from jibit_sandbox.gateways.ppg_v3.api import api as v3_api
from jibit_sandbox.gateways.ppg_v3.page import pages as v3_pages
from jibit_sandbox.gateways.ppg_v3.refunds_api import refunds_api
from jibit_sandbox.gateways.ppg_v3.reports_api import reports_api
from jibit_sandbox.gateways.ppg_v3.wire import PpgV3Wire
from jibit_sandbox.gateways.wallet.api import api as wallet_api
from jibit_sandbox.gateways.wallet.page import pages as wallet_pages
from jibit_sandbox.gateways.wallet.wire import WalletWire
from jibit_sandbox.i18n.pages import install_i18n
from jibit_sandbox.web.call_pipeline import (
    apply_behaviour,
    begin_call,
    complete_log_entry,
    leave_out_date,
)
from jibit_sandbox.web.failures import failure
from jibit_sandbox.web.guard import refuse_strangers
from jibit_sandbox.web.openapi import openapi
from jibit_sandbox.web.proxies import believe_proxies
from jibit_sandbox.web.request_class import BoundedInteger, SandboxRequest

logger = logging.getLogger(__name__)

# form-action is left open: browsers apply it to the redirect after the payment too, and where
# a shop's callback leads is the shop's own affair.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)


def create_app(settings: Settings) -> Flask:
    """Return the wired application; create its database file if there is none."""
    app = Flask(__name__, static_url_path="/_sandbox/static")
    app.request_class = SandboxRequest
    app.url_map.converters["int"] = BoundedInteger
    app.url_map.merge_slashes = False  # the real gateway answers 404, and redirects nobody
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # the real gateway answers 405
    app.json.sort_keys = False  # type: ignore[attr-defined] # Flask's default provider has it
    app.extensions["sandbox"] = Sandbox(
        settings,
        Store(settings.database, {"legacy": settings.legacy}, settings.seed),
        wires=(PpgWire(), PpgV3Wire(), WalletWire()),
    )
    app.jinja_env.globals["kill_url"] = settings.kill_url
    install_i18n(app)
    believe_proxies(app, settings.trusted_proxies)
    app.before_request(refuse_strangers)
    app.before_request(begin_call)
    for step in (
        leave_out_date,
        complete_log_entry,
        protect_pages,
        apply_behaviour,
    ):  # Flask takes the last one first
        app.after_request(step)
    app.teardown_request(end_list_turn)
    app.register_blueprint(api)
    app.register_blueprint(pages)
    app.register_blueprint(v3_api)
    app.register_blueprint(refunds_api)
    app.register_blueprint(reports_api)
    app.register_blueprint(v3_pages)
    app.register_blueprint(wallet_api)
    app.register_blueprint(wallet_pages)
    app.register_blueprint(control_api)
    app.register_blueprint(inspection_api)
    app.register_blueprint(wallets)
    app.register_blueprint(purchases)
    app.register_blueprint(worlds)
    app.register_blueprint(inbox)
    app.register_blueprint(dashboard)
    app.register_blueprint(actions)
    app.register_blueprint(feed)
    app.register_blueprint(openapi)
    app.register_error_handler(Refusal, refuse)
    app.register_error_handler(OrderPageNotFound, order_page_not_found)
    app.register_error_handler(ControlError, control_error_response)
    app.register_error_handler(HTTPException, http_failure)
    app.register_error_handler(Exception, crash)
    return app


def refuse(refusal: Refusal) -> AnyResponse:
    call = require_call()
    call.refused_fields = refusal.fields
    return refusal.response(call)


def order_page_not_found(_: OrderPageNotFound) -> AnyResponse:
    return make_response(render_template("bank/not_found.html"), 404)


def control_error_response(complaint: ControlError) -> AnyResponse:
    return failure(str(complaint), complaint.status)


def http_failure(error: HTTPException) -> AnyResponse:
    """Answer a gateway call in its gateway's envelope, any other request with plain JSON."""
    call = current_call()
    if call is None:
        lost = f"there is nothing at {request.path}; /openapi.json lists every call"
        sentence = lost if isinstance(error, NotFound) else error.description
        response: AnyResponse = failure(sentence, error.code or 500)
    else:
        response = call.wire.failure(call, error.code or 500)
    if isinstance(error, MethodNotAllowed):
        allowed = set(error.valid_methods or ()) - {"HEAD"}
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def crash(error: Exception) -> AnyResponse:
    """Print a fault of the sandbox itself and answer with the gateway's 500."""
    logger.error("the sandbox itself failed", exc_info=error)
    call = current_call()
    if call is None:
        return failure("the sandbox itself failed; see its terminal", 500)
    return call.wire.failure(call, 500)


def protect_pages(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "same-origin"  # without it, Origin would be "null"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
