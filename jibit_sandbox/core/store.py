"""The SQLite file: one writer at a time, and every commit survives a killed process."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

from jibit_sandbox.core.database_file import (
    FileLock,
    keep_to_owner,
    refuse_foreign,
    set_aside_if_older,
    usable,
)
from jibit_sandbox.core.models import SCHEMA_VERSION, Base

SEED, SWITCHES = "seed", "switches"  # in a session's info: what worlds begin with


class Store:
    """Sessions on one file; ``writing`` commits at the end of its block, or rolls back.

    ``commits`` counts the commits: while it stays the same, the file has nothing new. New worlds
    get ``seed``. Raises OSError, with a sentence, if SQLite cannot use the file, if it is another
    program's, or if another sandbox uses it.
    """

    def __init__(
        self, path: Path, switches: Mapping[str, Any] | None = None, seed: int | None = None
    ) -> None:
        self.path = path
        self._info = {SWITCHES: dict(switches or {}), SEED: seed}
        self.commits = 0
        self._turn = Lock()  # fairer and faster than SQLite's own busy-waiting
        with usable(path), ExitStack() as opened:
            refuse_foreign(path)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = FileLock(path)
            opened.callback(self._lock.release)
            self.set_aside = set_aside_if_older(path)
            self._open()
            opened.pop_all()

    def _open(self) -> None:
        keep_to_owner(self.path)
        self._engine = open_engine(self.path)
        self._writer = self._engine.execution_options(writes=True)
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
        self._lock.release()


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
