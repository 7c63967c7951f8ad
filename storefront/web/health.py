"""Answer health checks: is the process alive, and can it serve?"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from flask import Blueprint, Flask, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from storefront.core import availability
from storefront.core.database import WriteProbe, db, transaction
from storefront.core.services import current_services

KEPT_SECONDS = 5.0  # anybody may ask, as often as they like: one write in this time answers all
PATIENCE_SECONDS = 2.0  # for an answer that another thread is fetching; checks time out soon after
# A full disk may still take a small write, which reuses a part of SQLite's log. This much is some
# thousand orders: time enough for a person to make room.
LEAST_FREE_BYTES = 32 * 1024 * 1024

NO_ANSWER = "the database does not answer in time"
NO_ROOM = "the disk of the database is almost full"
UPSERTS: dict[str, Callable[[type[WriteProbe]], postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}

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
    """Answers 200 when the database can be read and written, else 503 and what is wrong.

    ``gateways`` tells how this process finds each: "closed" is well, "open" means that new
    payments pause. It is no reason for 503: the rest of the shop goes on.
    """
    trouble = current_app.extensions["readiness"].trouble()
    if trouble:
        return {"status": trouble}, 503
    guards = current_services().engine.services.bulkheads.items()
    return {"status": "ok", "gateways": {name: guard.breaker.state for name, guard in guards}}


class Readiness:
    """Whether the database can serve, as this process last found it."""

    def __init__(self, monotonic: Callable[[], float], least_free_bytes: int) -> None:
        self._monotonic = monotonic
        self._least_free_bytes = least_free_bytes
        self._asking = Lock()
        self._asked_at = -math.inf
        self._trouble: str | None = None

    def trouble(self) -> str | None:
        """Say what is wrong, or None; asks the database once in ``KEPT_SECONDS``."""
        if not self._asking.acquire(timeout=PATIENCE_SECONDS):
            return NO_ANSWER
        try:
            if self._monotonic() - self._asked_at >= KEPT_SECONDS:
                self._trouble = self._found()
                self._asked_at = self._monotonic()
            return self._trouble
        finally:
            self._asking.release()

    def _found(self) -> str | None:
        try:
            if _free_bytes() < self._least_free_bytes:
                current_app.logger.error("not ready: %s", NO_ROOM)
                return NO_ROOM
            _write()
        except availability.KINDS as error:
            trouble, said = availability.reason(error), str(error).partition("\n")[0]
            # A line is enough: it may be written every few seconds for as long as this lasts.
            current_app.logger.error("not ready: %s: %s", trouble, said)  # noqa: TRY400
            return trouble
        return None


def _free_bytes() -> float:
    """Return what is free beside SQLite's file; PostgreSQL looks after its own disk."""
    file = db.engine.url.database
    if db.engine.dialect.name != "sqlite" or not file:
        return math.inf
    return shutil.disk_usage(Path(file.removeprefix("file:")).parent).free


def _write() -> None:
    """Read a table and commit a row. Raises what the database says."""
    now = current_services().clock()
    insert = UPSERTS[db.engine.dialect.name](WriteProbe).values(id=1, at=now)
    with transaction():
        db.session.execute(text("SELECT 1 FROM products LIMIT 1"))
        db.session.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"at": now}))
