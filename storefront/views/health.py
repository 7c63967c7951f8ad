"""For machines: is the process alive, and can it serve?"""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from storefront.database import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Answers as long as the process does."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Answers 200 when the database does and its tables are there, 503 otherwise."""
    try:
        db.session.execute(text("SELECT 1 FROM products LIMIT 1"))
    except SQLAlchemyError:
        return {"status": "the database does not answer, or was not migrated"}, 503
    return {"status": "ok"}
