"""The careful baseline's cart: rows of the database, so that of two additions none is lost.

One statement adds to what is there, up to what is free, **commit**; the checkout deletes the rows
in the commit of the order. The browser has the cart's key and the number of its pieces.
"""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any

from flask import session
from sqlalchemy import Executable, bindparam, delete, func, select

from benchmarks.baseline import careful_limits
from benchmarks.baseline.tables import PlainCartLine
from storefront.catalogue.models import Product
from storefront.core.database import INSERTS, db, transaction

LINES = PlainCartLine.__table__
_CONTENTS = select(LINES.c.product_id, LINES.c.quantity).where(LINES.c.key == bindparam("key"))
_EMPTY = delete(LINES).where(LINES.c.key == bindparam("of_key"))


@cache
def _add(dialect: str) -> Executable:
    pieces: Any = bindparam("pieces")
    smaller = func.least if dialect == "postgresql" else func.min
    row = {"key": bindparam("key"), "product_id": bindparam("product_id"), "quantity": pieces}
    upsert = INSERTS[dialect](LINES).values(row)
    together = smaller(LINES.c.quantity + pieces, bindparam("free"))
    keys = ["key", "product_id"]
    return upsert.on_conflict_do_update(index_elements=keys, set_={"quantity": together})


def add(product: Product, pieces: int) -> None:
    """Put pieces beside those already there."""
    if "cart_key" not in session:
        careful_limits.count("cart")
    key = session.setdefault("cart_key", secrets.token_urlsafe(32))
    line = {"key": key, "product_id": product.id, "pieces": min(pieces, product.stock_free)}
    with transaction():
        connection = db.session.connection()
        connection.execute(_add(connection.dialect.name), line | {"free": product.stock_free})
    session["pieces"] = session.get("pieces", 0) + pieces


def contents() -> dict[str, int]:
    """Pieces by product id."""
    rows = db.session.connection().execute(_CONTENTS, {"key": session.get("cart_key", "")})
    return {str(row.product_id): row.quantity for row in rows}


def empty() -> None:
    """Forget what was ordered; the caller commits."""
    db.session.connection().execute(_EMPTY, {"of_key": session["cart_key"]})
    session.pop("pieces")
