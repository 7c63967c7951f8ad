"""The careful baseline's limits: one statement counts the client, and who is over gets a 429.

In the shop's own counters, which are in its database, or beside it on SQLite.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, current_app, request

from storefront.core.database import db, end_reading
from storefront.core.limits_storage import SqlStorage, engine_for_counters

WINDOW_SECONDS = 600
MOST = 1_000_000  # all load comes from one address


def count(what: str) -> None:
    """Count this request of the client."""
    counters = current_app.extensions.get("counters")
    if counters is None:
        counters = SqlStorage(engine_for_counters(db.engine), lambda: datetime.now(UTC))
        current_app.extensions["counters"] = counters
    end_reading()
    if counters.incr(f"{what} {request.remote_addr}", WINDOW_SECONDS) > MOST:
        abort(429)
