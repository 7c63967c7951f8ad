"""Tell temporary database errors from others, and queue SQLite's writers.

Error pages and readiness ask here, so that both agree on what a later try can mend.
"""

from __future__ import annotations

import errno
import sqlite3
from threading import BoundedSemaphore, Lock

from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE})
CONNECTION_GONE = "8s2b"  # what SQLAlchemy calls a session whose connection has died meanwhile
READ_ONLY_SQLSTATE, DISK_FULL_SQLSTATE = "25006", "53100"
# A server that stops, that another session has crashed, and that starts or is still a standby.
STOPPING_SQLSTATES = ("57P01", "57P02", "57P03")
CONNECTION_SQLSTATE = "08"  # what all about the connection itself begin with

# Both databases can leave a connection read-only for its whole life: SQLite because the file was
# read-only when it was opened, PostgreSQL because its default was, or because the server became a
# standby. A new connection sees anew.
SPOILS_CONNECTION = frozenset(
    {
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        READ_ONLY_SQLSTATE,
        *STOPPING_SQLSTATES,
    }
)

UNKNOWN = "the database does not answer, or was not migrated"
UNREACHED = "the database does not answer"
NO_FILES = "too many files are open"
BUSY = "the database is busy"
READ_ONLY = "the database is read-only"
DISK_FULL = "the disk of the database is full"
REASONS: dict[int | str | None, str] = {
    None: UNREACHED,  # a driver has no code for what no server has said
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_IOERR: "the disk of the database fails, or is full",
    sqlite3.SQLITE_READONLY: READ_ONLY,
    DISK_FULL_SQLSTATE: DISK_FULL,
    READ_ONLY_SQLSTATE: READ_ONLY,
    **dict.fromkeys(STOPPING_SQLSTATES, "the database is stopping or starting"),
}

# Below SQLite's busy timeout of 15 s: together they stay below the 30 s after which web servers
# commonly give a request up.
QUEUE_SECONDS = 10.0
# More would only wait in vain: who is further back has not written after those 10 seconds either.
QUEUE_LENGTH = 32


class DatabaseBusy(Exception):
    """Too many wait to write, or one has waited for too long; nothing was written."""


# What `is_temporary` may be true for; narrower classes would miss some, as their names differ.
KINDS = (SQLAlchemyError, DatabaseBusy, OSError)


def is_temporary(error: BaseException | None) -> bool:
    """Return whether the shop cannot serve now but may later; then the answer is 503."""
    if isinstance(error, PendingRollbackError):
        return error.code == CONNECTION_GONE
    if isinstance(error, DBAPIError):
        # A lost connection has several classes, and so has a read-only one (see `throw_away`).
        return isinstance(error, OperationalError) or error.connection_invalidated
    if isinstance(error, OSError):
        return error.errno in NO_DESCRIPTORS
    return isinstance(error, (DatabaseBusy, PoolTimeout))


def reason(error: BaseException) -> str:
    """Say what is wrong in words that show neither path nor address; ``UNKNOWN`` at a loss."""
    if isinstance(error, (DatabaseBusy, PoolTimeout)):
        return BUSY
    if isinstance(error, OSError):
        return NO_FILES
    return REASONS.get(_code(getattr(error, "orig", None)), UNKNOWN)


def is_read_only(error: BaseException) -> bool:
    """Return whether a database driver's own error says that the database is read-only."""
    return REASONS.get(_code(error)) == READ_ONLY


def throw_away(context: ExceptionContext) -> None:
    """Let the pool replace its connections after an error that they would go on to give.

    A listener for SQLAlchemy's ``handle_error``.
    """
    code = _code(context.original_exception)
    if code in SPOILS_CONNECTION or str(code).startswith(CONNECTION_SQLSTATE):
        context.is_disconnect = True


def _code(error: BaseException | None) -> int | str | None:
    """Return SQLite's primary result code, or PostgreSQL's SQLSTATE."""
    extended = getattr(error, "sqlite_errorcode", None)
    return getattr(error, "sqlstate", None) if extended is None else extended & 0xFF


class WriterQueue:
    """Lets one thread of the process write at a time; bounds how many wait and how long.

    Left to SQLite, waiting threads would try again at random, and some in vain.
    """

    def __init__(self, seconds: float = QUEUE_SECONDS, length: int = QUEUE_LENGTH) -> None:
        self._seconds = seconds
        self._places = BoundedSemaphore(length)
        self._turn = Lock()

    def __enter__(self) -> None:
        """Wait for the turn. Raises :class:`DatabaseBusy`."""
        if not self._places.acquire(blocking=False):
            raise DatabaseBusy("too many threads wait to write")
        try:
            if not self._turn.acquire(timeout=self._seconds):
                raise DatabaseBusy(f"nobody could write for {self._seconds:g} s")
        finally:
            self._places.release()

    def __exit__(self, *_error: object) -> None:
        """Let the next one write."""
        self._turn.release()
