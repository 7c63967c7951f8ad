"""Show the shop's status as metrics to Prometheus, which has a token of its own."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
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

blueprint = Blueprint("metrics", __name__)

WAYS = ('Bearer realm="metrics"', 'Basic realm="metrics", charset="UTF-8"')


@blueprint.get("/operations")
def moved() -> ResponseReturnValue:
    """Lead a person on to the page of the back office that shows what this one did."""
    return redirect(url_for("admin_system.show"), 301)


@blueprint.get("/metrics")
def measure() -> ResponseReturnValue:
    """Return the shop's status in the text format of Prometheus."""
    refusal = _refusal()
    if refusal is not None:
        return refusal
    registry = CollectorRegistry()
    registry.register(_Once(shop_status(current_services())))
    answer = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    return keep_private(answer)


def _refusal() -> ResponseReturnValue | None:
    """Let in who knows METRICS_TOKEN; without one, only a rehearsal is open."""
    token = current_app.config["METRICS_TOKEN"]
    if token is None:
        return None if is_test_mode(current_app.config) else abort(404)
    sent = request.authorization
    given = (sent.token or sent.password) if sent else None
    return _refused(given, token) if given else _asked()


def _refused(given: str, token: str) -> ResponseReturnValue | None:
    """Return why not to let in; None if the token is right and its client has tries left."""
    counted, who = current_limits(), limits.client()
    if seconds := counted.wait(limits.WRONG_PASSWORDS, who):
        raise TooManyRequests(retry_after=seconds)
    if hmac.compare_digest(given.encode(), token.encode()):
        return None
    counted.count(limits.WRONG_PASSWORDS, who)
    note_failed_login(limits.prefix_of(request.remote_addr))
    return _asked()


def _asked() -> Response:
    answer = Response(status=401, mimetype="text/plain")
    for scheme in WAYS:
        answer.headers.add("WWW-Authenticate", scheme)
    return answer


class _Once(Collector):
    """Gives one reading of the shop to the library's writer."""

    def __init__(self, now: ShopStatus) -> None:
        self._now = now

    def collect(self):  # type: ignore[no-untyped-def]  # the library's own type is wider than ours
        return metrics(self._now)
