"""For machines: is the process alive, and can it serve?"""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from storefront.database import db
from storefront.till import current_till

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Answers as long as the process does."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Answers 200 when the database does and its tables are there, 503 otherwise.

    ``gateways`` tells how this process finds each: "closed" is well, "open" means that new
    payments pause. It is no reason for 503: the rest of the shop goes on.
    """
    try:
        db.session.execute(text("SELECT 1 FROM products LIMIT 1"))
    except SQLAlchemyError:
        return {"status": "the database does not answer, or was not migrated"}, 503
    guards = current_till().guards.items()
    return {"status": "ok", "gateways": {name: guard.breaker.state for name, guard in guards}}
