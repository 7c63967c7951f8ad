"""Begin a writing transaction on either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.orm import Session

WRITES = "payment_engine_writes"


def writing_options() -> dict[str, Any]:
    """Return the execution options that mark a connection's transaction as a writing one.

    An application that begins SQLite's transactions itself, in a listener for SQLAlchemy's
    ``begin``, reads the option ``WRITES`` there and says BEGIN IMMEDIATE.
    """
    return {WRITES: True}


def begin_writing(connection: Connection) -> None:
    """Take SQLite's write lock now: a transaction that begins by reading could fail later on.

    PostgreSQL locks the rows that are read for a change.
    """
    if connection.dialect.name != "sqlite":
        return
    driver: Any = connection.connection.dbapi_connection
    if not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def writing_on(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a short writing transaction of its own; commit at the end."""
    with engine.execution_options(**writing_options()).begin() as connection:
        begin_writing(connection)
        yield connection


def end_reading(session: Session) -> None:
    """Give a session's connection back after it was only read; what was read stays readable.

    If the connection has died there is nothing to end, and the error of that is on its way.
    """
    try:
        session.commit()  # a rollback would expire what the caller has read
    except PendingRollbackError:
        session.rollback()
    except BaseException:
        session.rollback()
        raise


def insert_unless_there(connection: Connection, table: Table, *unique: str) -> Any:
    """Return an INSERT that writes nothing if another row has these values of unique columns.

    Any other rule of the database still refuses the row with an error.
    """
    dialect: Any = {"postgresql": postgresql, "sqlite": sqlite}[connection.dialect.name]
    return dialect.insert(table).on_conflict_do_nothing(index_elements=unique)
