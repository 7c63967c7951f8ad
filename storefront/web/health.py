"""Answer health checks: is the process alive, and can it serve?"""

from __future__ import annotations

import time

from flask import Blueprint, Flask, current_app
from flask.typing import ResponseReturnValue

from storefront.core.services import current_services
from storefront.monitoring.readiness import LEAST_FREE_BYTES, Readiness

blueprint = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Keep one answer of the database in each process.

    Only tests have a reason for another clock or another limit: they are no settings.
    """
    monotonic = app.config.get("MONOTONIC_CLOCK", time.monotonic)
    least_free = int(app.config.get("LEAST_FREE_BYTES", LEAST_FREE_BYTES))
    app.extensions["readiness"] = Readiness(monotonic, least_free)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Answers as long as the process does."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Answers 200 when pages would be whole and the database can be read and written.

    Else 503 and what is wrong. ``gateways`` tells how this process finds each: "closed" is well,
    "open" means that new payments pause. It is no reason for 503: the rest of the shop goes on.
    """
    trouble = current_app.extensions["readiness"].trouble()
    if trouble:
        return {"status": trouble}, 503
    guards = current_services().engine.services.bulkheads.items()
    return {"status": "ok", "gateways": {name: guard.breaker.state for name, guard in guards}}
