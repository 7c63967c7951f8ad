"""Copy an SQLite database while it is used, and put a copy in its place."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.exc import DatabaseError, OperationalError

from storefront.backup.archive import bring_to_disk
from storefront.backup.manifest import Facts, Refused, facts_of

IN_USE = (
    "another process has the database open: stop the shop, the worker and whatever else reads it"
)
DAMAGED = "the copy of the database is damaged: {}"
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database


class SqliteBackup:
    """A shop's database in a file."""

    kind, verified_by_default, packed = "sqlite", True, True

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._path = Path(engine.url.database or "")

    def dump(self, target: Path) -> Facts:
        """Copy the database as it is at one moment, with SQLite's own backup; others may write."""
        connection = self._engine.raw_connection()
        try:
            with closing(sqlite3.connect(target)) as copy:
                connection.driver_connection.backup(copy)  # type: ignore[union-attr]  # SQLite's own
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        finally:
            connection.close()
        return self.restored(target)

    def check(self, dump: Path) -> None:
        """Find out whether a dump could be brought back, without bringing it back."""
        self.restored(dump)

    def restored(self, dump: Path) -> Facts:
        """Count what a copy holds, after SQLite has checked all of it. Raises :class:`Refused`."""
        engine = create_engine(f"sqlite:///{dump}", poolclass=NullPool)
        try:
            with engine.connect() as connection:
                _check(connection)
                return facts_of(connection)
        except OperationalError:
            raise
        except DatabaseError as error:
            raise Refused(DAMAGED.format(error.orig)) from None

    def refuse_while_used(self) -> None:
        """Raise :class:`Refused` while another process has the database open."""
        if self._path.exists():
            with _alone(self._path):
                pass

    def replace(self, dump: Path, expected: Facts, stamp: str) -> str | None:
        """Put the dump in the database's place; return where the former one is kept."""
        if self.restored(dump) != expected:
            raise Refused(DAMAGED.format("it does not hold what the manifest says"))
        if not self._path.exists():
            os.replace(dump, self._path)
            return None
        aside = self._path.with_name(f"{self._path.name}.before-restore-{stamp}")
        with _alone(self._path) as whole:
            _change(self._path, dump, aside, whole=whole)
            bring_to_disk(self._path.parent)
        return f"the former database is kept in {aside}: delete it when all is well"


def _check(connection: Connection) -> None:
    for check in ("integrity_check", "foreign_key_check"):
        found = connection.exec_driver_sql(f"PRAGMA {check}").fetchall()
        if found and found != [("ok",)]:
            raise Refused(DAMAGED.format(str(found[0][0])[:200]))


def _change(path: Path, fresh: Path, aside: Path, *, whole: bool) -> None:
    """Keep the former file aside; at no moment is there none, unless it was damaged."""
    if whole:
        os.link(path, aside)
    else:  # what stands beside it belongs to it, and must not be taken for the new one's
        for end in BESIDE:
            with suppress(FileNotFoundError):
                os.replace(f"{path}{end}", f"{aside}{end}")
        os.replace(path, aside)
    os.replace(fresh, path)


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Hold the database so that nobody else can use it; give whether SQLite can read it.

    Leaving WAL needs every other connection to be closed, and leaves one file.
    """
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        yield _locked(connection)


def _locked(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        left = connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        left = False
    except sqlite3.DatabaseError:  # no database, or a damaged one: perhaps the very reason
        return False
    if not left:
        raise Refused(IN_USE)
    return True
