"""Show the shop's status to its operators, as a page and as metrics."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from werkzeug.exceptions import TooManyRequests

from storefront.core.limits import current_limits
from storefront.core.services import current_services
from storefront.core.settings import is_test_mode
from storefront.monitoring.logins import note_failed_login
from storefront.monitoring.metrics import metrics
from storefront.monitoring.status import ShopStatus, shop_status
from storefront.web import limits
from storefront.web.security import keep_private

blueprint = Blueprint("operations", __name__)

JOB_TITLES = {
    "refresh_tokens": _("Renew the gateways' tokens"),
    "recover_payments": _("Recover payments whose callback never came"),
    "expire_orders": _("Expire orders that nobody paid"),
    "advance_refunds": _("Send refunds, and ask what became of them"),
    "send_emails": _("Send e-mails to shoppers"),
    "send_webhooks": _("Call the merchant's webhook"),
    "raise_alarms": _("Tell the merchant what wants a person"),
    "reconcile": _("Reconcile with the gateways"),
    "erase_personal_data": _("Erase personal data that was kept long enough"),
    "forget_carts": _("Forget carts that nobody changed for a month"),
}


@blueprint.before_request
def ask_who() -> ResponseReturnValue | None:
    """Let in who knows OPERATIONS_PASSWORD; without one, only a rehearsal is open."""
    password = current_app.config["OPERATIONS_PASSWORD"]
    if password is None:
        return None if is_test_mode(current_app.config) else abort(404)
    given = request.authorization.password if request.authorization else None
    return _refused(given, password) if given else _asked()


def _refused(given: str, password: str) -> ResponseReturnValue | None:
    """Return why not to let in; None if the password is right and its client has tries left."""
    counted, who = current_limits(), limits.client()
    if seconds := counted.wait(limits.WRONG_PASSWORDS, who):
        raise TooManyRequests(retry_after=seconds)
    if hmac.compare_digest(given.encode(), password.encode()):
        return None
    counted.count(limits.WRONG_PASSWORDS, who)
    note_failed_login(limits.prefix_of(request.remote_addr))
    return _asked()


def _asked() -> Response:
    realm = {"WWW-Authenticate": 'Basic realm="operations", charset="UTF-8"'}
    return Response(status=401, headers=realm, mimetype="text/plain")


@blueprint.get("/operations")
def show() -> ResponseReturnValue:
    """Return what wants a person to look, with the command that helps."""
    page = render_template("operations/operations.html", now=_status(), job_titles=JOB_TITLES)
    return keep_private(make_response(page))


@blueprint.get("/metrics")
def measure() -> ResponseReturnValue:
    """Return the same in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Once(_status()))
    answer = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    return keep_private(answer)


class _Once(Collector):
    """Gives one reading of the shop to the library's writer."""

    def __init__(self, now: ShopStatus) -> None:
        self._now = now

    def collect(self):  # type: ignore[no-untyped-def]  # the library's own type is wider than ours
        return metrics(self._now)


def _status() -> ShopStatus:
    return shop_status(current_services())
