"""Whose the database file is: a sandbox's own, another program's, or in use by another sandbox."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from jibit_sandbox.core.models import SCHEMA_VERSION

OURS = {"worlds", "orders"}  # tables that every version of the sandbox has had
PATIENCE = 1  # seconds for a sandbox that was killed just now to be gone
BESIDE = ("", "-wal", "-shm")  # what SQLite calls the parts of one database


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say about a file into an OSError with a sentence."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise OSError(f"The database {path} cannot be used: {reason}.") from error
    except OSError as error:
        if error.filename is None:  # a sentence already
            raise
        about = f"Cannot write {path}: {error.strerror}"
        raise OSError(f"{about}. Name a file elsewhere with --database") from error


class FileLock:
    """Keeps a second sandbox from a file, by SQLite's own lock on ``FILE.lock``.

    It ends with the process, also with a killed one. The file stays: whoever deleted it could
    delete the lock of the next one.
    """

    def __init__(self, path: Path) -> None:
        lock = path.with_name(f"{path.name}.lock")
        create(lock)
        self._held = sqlite3.connect(lock, timeout=PATIENCE, check_same_thread=False)
        self._held.isolation_level = None
        try:
            self._held.execute("PRAGMA journal_mode = MEMORY")  # or a second file would appear
            self._held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self.release()
            if error.sqlite_errorname != "SQLITE_BUSY":
                raise
            taken = "is in use by another sandbox: name another --database, or SANDBOX_DATABASE"
            raise OSError(f"{path} {taken}") from None

    def release(self) -> None:
        self._held.close()


def create(path: Path) -> None:
    """Make an empty file of ours under another name, and then give it this one.

    Opened under its own name, and closed, it would take every lock of this process with it, and
    SQLite's data would be damaged ("How To Corrupt An SQLite Database File", section 2.2).
    """
    if path.exists():
        return
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    fresh.touch(mode=0o600)
    with suppress(OSError):  # another process was first, or there are no links: SQLite makes it
        os.link(fresh, path)
    fresh.unlink()


def keep_to_owner(path: Path) -> None:
    """Create the file if there is none, and let nobody else read it and what SQLite puts beside.

    SQLite gives ``-wal`` and ``-shm`` the rights of the file. A file of another user is left alone.
    Only SQLite may open the file: see ``create``.
    """
    create(path)
    for part in parts(path):
        with suppress(FileNotFoundError, PermissionError):
            part.chmod(0o600)


def parts(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in BESIDE]


def refuse_foreign(path: Path) -> None:
    """Raise OSError for a file that no sandbox wrote, or a newer one: it stays as it is."""
    version = sandbox_version(path)
    if version is None or version > SCHEMA_VERSION:
        whose = "not a sandbox's database" if version is None else "a newer sandbox's database"
        raise OSError(f"{path} is {whose}; name another file with --database")


def set_aside_if_older(path: Path) -> Path | None:
    """Rename a file that an older sandbox wrote; return its new name."""
    if sandbox_version(path) == SCHEMA_VERSION:
        return None
    aside = free_name(path)
    for part, kept in zip(parts(path), parts(aside), strict=True):
        if part.exists():
            part.replace(kept)
    return aside


def free_name(path: Path) -> Path:
    """Return a name with ``.old`` that no file has: what was set aside before stays."""
    names = (path.with_name(f"{path.name}.old{number or ''}") for number in count())
    return next(name for name in names if not any(part.exists() for part in parts(name)))


def sandbox_version(path: Path) -> int | None:
    """Return the version of the sandbox that wrote the file; None if none did.

    A file without any table, as a sandbox leaves that was killed in its first moment, is ours.
    """
    if not path.exists() or (path.is_file() and path.stat().st_size == 0):
        return SCHEMA_VERSION
    with closing(sqlite3.connect(path)) as connection:
        try:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = {name for (name,) in found}
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname == "SQLITE_NOTADB":
                return None
            raise
    if not tables:
        return SCHEMA_VERSION
    return version if version > 0 and tables >= OURS else None
