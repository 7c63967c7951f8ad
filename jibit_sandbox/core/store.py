"""The SQLite file: one writer at a time, and every commit survives a killed process."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from jibit_sandbox.core.models import SCHEMA_VERSION, Base

SEED, SWITCHES = "seed", "switches"  # in a session's info: what worlds begin with


class Store:
    """Sessions on one file; ``writing`` commits at the end of its block, or rolls back.

    ``commits`` counts the commits: while it stays the same, the file has nothing new. New worlds
    get ``seed``. Raises OSError, with a sentence, if SQLite cannot use the file.
    """

    def __init__(
        self, path: Path, switches: Mapping[str, Any] | None = None, seed: int | None = None
    ) -> None:
        self.path = path
        self._info = {SWITCHES: dict(switches or {}), SEED: seed}
        self.commits = 0
        with usable(path):
            self.set_aside = set_aside_if_foreign(path)
            keep_to_owner(path)
            self._engine = open_engine(path)
            self._writer = self._engine.execution_options(writes=True)
            self._turn = Lock()  # fairer and faster than SQLite's own busy-waiting
            with self._writer.begin() as connection:
                Base.metadata.create_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._session(self._engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._turn:
            with self._session(self._writer) as session, session.begin():
                yield session
            self.commits += 1

    def _session(self, engine: Engine) -> Session:
        return Session(engine, expire_on_commit=False, info=self._info)

    def close(self) -> None:
        self._engine.dispose()


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """Turn what SQLite says about a file into an OSError."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise OSError(f"The database {path} cannot be used: {reason}.") from error


def open_engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", pool_size=20, max_overflow=-1)
    event.listen(engine, "connect", prepare_connection)
    event.listen(engine, "begin", begin_transaction)
    return engine


def prepare_connection(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not open transactions behind our back
    for setting in (
        "journal_mode = WAL",
        "synchronous = NORMAL",  # a killed process loses nothing; only a power cut could
        "foreign_keys = ON",
        "busy_timeout = 10000",
    ):
        connection.execute(f"PRAGMA {setting}")


def begin_transaction(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def keep_to_owner(path: Path) -> None:
    """Create the file if there is none, and let nobody else read it and what SQLite puts beside.

    SQLite gives ``-wal`` and ``-shm`` the rights of the file. A file of another user is left alone.
    Only SQLite may open the file: see ``create``.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        create(path)
    for part in (path.with_name(path.name + ending) for ending in ("", "-wal", "-shm")):
        with suppress(FileNotFoundError, PermissionError):
            part.chmod(0o600)


def create(path: Path) -> None:
    """Make an empty file of ours under another name, and then give it this one.

    Opened under its own name, and closed, it would take every lock of this process with it, and
    SQLite's data would be damaged ("How To Corrupt An SQLite Database File", section 2.2).
    """
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    fresh.touch(mode=0o600)
    with suppress(OSError):  # another process was first, or there are no links: SQLite makes it
        os.link(fresh, path)
    fresh.unlink()


def set_aside_if_foreign(path: Path) -> Path | None:
    """Rename a file that another version of the sandbox wrote; return its new name."""
    if not path.exists() or path.stat().st_size == 0 or schema_version(path) == SCHEMA_VERSION:
        return None
    aside = path.with_name(f"{path.name}.old")
    for ending in ("", "-wal", "-shm"):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.replace(aside.with_name(aside.name + ending))
    return aside


def schema_version(path: Path) -> int:
    """Return the version stored in the file; -1 if it is no SQLite file."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
        except sqlite3.DatabaseError:
            return -1
