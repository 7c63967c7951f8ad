"""Tell whether this process can serve: its own files are there, and the database takes a write."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from flask import current_app
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from storefront.core import availability
from storefront.core.database import WriteProbe, db, transaction
from storefront.core.services import current_services
from storefront.monitoring import keys, own_files
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


class Trouble(NamedTuple):
    """Why the shop cannot serve, for anybody, and what the database said, for the log alone."""

    reason: str
    said: str = ""


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
                self._trouble = self._found()
                self._asked_at = self._monotonic()
            return self._trouble
        finally:
            self._asking.release()

    def _found(self) -> str | None:
        trouble = self._lack() or database_trouble(self._least_free_bytes) or _key_trouble()
        if trouble:
            # A line is enough: it may be written every few seconds for as long as this lasts.
            said = f": {trouble.said}" if trouble.said else ""
            current_app.logger.error("not ready: %s%s", trouble.reason, said)
        return trouble.reason if trouble else None

    def _lack(self) -> Trouble | None:
        """Say which of the shop's own files is missing; once all are there, never look again."""
        lack = None if self._has_files else next(own_files.lacks(current_app), None)
        if lack is not None:
            return Trouble(str(lack))
        if not self._has_files:
            own_files.read_translations(current_app)  # a page may have been asked for before
        self._has_files = True
        return None


def database_trouble(least_free_bytes: int = LEAST_FREE_BYTES) -> Trouble | None:
    """Say why the database cannot serve; None if it can."""
    try:
        if _free_bytes() < least_free_bytes:
            return Trouble(NO_ROOM)
        _write()
        # A database that is newer serves this version, too: migrations only add.
        return Trouble(NOT_MIGRATED) if migrations().missing else None
    except availability.KINDS as error:
        return Trouble(availability.reason(error), str(error).partition("\n")[0])


def _key_trouble() -> Trouble | None:
    """Say whether this host's key is not that of the hosts that were there before it."""
    try:
        is_other = keys.is_newcomer(current_services().clock())
    except availability.KINDS as error:
        return Trouble(availability.reason(error), str(error).partition("\n")[0])
    return Trouble(keys.OTHER_KEY) if is_other else None


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
