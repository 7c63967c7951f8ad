"""Tell whether this process can serve: its own files are there, and the database takes a write."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from flask import current_app
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from storefront.core import availability
from storefront.core.database import WriteProbe, db, transaction
from storefront.core.services import current_services
from storefront.monitoring import own_files
from storefront.monitoring.migrations import migrations

KEPT_SECONDS = 5.0  # anybody may ask, as often as they like: one write in this time answers all
PATIENCE_SECONDS = 2.0  # for an answer that another thread is fetching; checks time out soon after
# A full disk may still take a small write, which reuses a part of SQLite's log. This much is some
# thousand orders: time enough for a person to make room.
LEAST_FREE_BYTES = 32 * 1024 * 1024

NO_ANSWER = "the database does not answer in time"
NO_ROOM = "the disk of the database is almost full"
NOT_MIGRATED = (
    "the database lacks migrations of this version: run flask --app storefront db upgrade"
)
UPSERTS: dict[str, Callable[[type[WriteProbe]], postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


class Readiness:
    """Whether the shop can serve, as this process last found it."""

    def __init__(self, monotonic: Callable[[], float], least_free_bytes: int) -> None:
        self._monotonic = monotonic
        self._least_free_bytes = least_free_bytes
        self._asking = Lock()
        self._asked_at = -math.inf
        self._trouble: str | None = None
        self._has_files = False

    def trouble(self) -> str | None:
        """Say what is wrong, or None; looks once in ``KEPT_SECONDS``."""
        if not self._asking.acquire(timeout=PATIENCE_SECONDS):
            return NO_ANSWER
        try:
            if self._monotonic() - self._asked_at >= KEPT_SECONDS:
                self._trouble = self._lack() or database_trouble(self._least_free_bytes)
                self._asked_at = self._monotonic()
            return self._trouble
        finally:
            self._asking.release()

    def _lack(self) -> str | None:
        """Say which of the shop's own files is missing; once all are there, never look again."""
        if self._has_files:
            return None
        lack = next(own_files.lacks(current_app), None)
        if lack is not None:
            current_app.logger.error("not ready: %s", lack)
            return str(lack)
        own_files.forget_translations(current_app)  # a page may have been asked for before
        self._has_files = True
        return None


def database_trouble(least_free_bytes: int = LEAST_FREE_BYTES) -> str | None:
    """Say why the database cannot serve, also in the log; None if it can."""
    try:
        trouble = NO_ROOM if _free_bytes() < least_free_bytes else _written()
    except availability.KINDS as error:
        trouble, said = availability.reason(error), str(error).partition("\n")[0]
        # A line is enough: it may be written every few seconds for as long as this lasts.
        current_app.logger.error("not ready: %s: %s", trouble, said)  # noqa: TRY400
        return trouble
    if trouble:
        current_app.logger.error("not ready: %s", trouble)
    return trouble


def _free_bytes() -> float:
    """Return what is free beside SQLite's file; PostgreSQL looks after its own disk."""
    file = db.engine.url.database
    if db.engine.dialect.name != "sqlite" or not file:
        return math.inf
    return shutil.disk_usage(Path(file.removeprefix("file:")).parent).free


def _written() -> str | None:
    """Read a table and commit a row; say what the tables lack. Raises what the database says."""
    now = current_services().clock()
    insert = UPSERTS[db.engine.dialect.name](WriteProbe).values(id=1, at=now)
    with transaction():
        db.session.execute(text("SELECT 1 FROM products LIMIT 1"))
        db.session.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"at": now}))
        # A database that is newer serves this version, too: migrations only add.
        return NOT_MIGRATED if migrations().missing else None
