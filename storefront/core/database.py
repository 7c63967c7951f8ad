"""Configure the database and provide the one way to write to it.

Money is at stake, so SQLite runs in WAL with ``synchronous=FULL``, foreign keys on and write
transactions that take their lock at once; PostgreSQL writes lock the rows they change.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, Engine, MetaData, Table, event
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    registry,
)

from payment_engine import sqlalchemy_writing
from payment_engine.sqlalchemy_tables import UTCDateTime
from payment_engine.sqlalchemy_writing import WRITES
from storefront.core import availability, postgresql, private_files
from storefront.core.availability import WriterQueue

PINGED_AFTER = 1.0  # seconds; only tests have a reason to set PING_AFTER_SECONDS


class Base(DeclarativeBase):
    """Constraint names are fixed, so that a migration can change them on any database."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_N_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UTCDateTime()},
    )


# Each has a way of its own to insert a row, or to change the one that is there already.
INSERTS: dict[str, Callable[[Table], postgresql_dialect.Insert | sqlite_dialect.Insert]] = {
    "postgresql": postgresql_dialect.insert,
    "sqlite": sqlite_dialect.insert,
}


class ShopSession(FlaskSession):
    """Reads on PostgreSQL without a transaction, and writes inside :func:`transaction`.

    PostgreSQL's READ COMMITTED shows each statement what is committed at that moment, inside a
    transaction and outside: BEGIN and ROLLBACK around the statements of a page would only be two
    more messages to the server.
    """

    def get_bind(self, *_: Any, bind: Any = None, **__: Any) -> Engine | Connection:
        """Return the engine; for reading, the one whose connections commit by themselves."""
        if bind is not None:
            return cast(Connection, bind)
        return db.engine if WRITES in self.info else _engine_for_reading()


@event.listens_for(ShopSession, "before_flush")
def _refuse_outside_a_transaction(session: Session, *_: object) -> None:
    if WRITES not in session.info:
        raise RuntimeError("written outside a transaction: see storefront.core.database")


# Objects stay readable after a commit: a refresh in the middle of a gateway call would open a
# transaction and hold a pooled connection for as long as the gateway takes.
db = SQLAlchemy(
    model_class=Base, session_options={"expire_on_commit": False, "class_": ShopSession}
)
migrate = Migrate(render_as_batch=True, compare_type=True)

if TYPE_CHECKING:  # the checker cannot see through the class that Flask-SQLAlchemy makes

    class Model(Base):
        __abstract__ = True
        __table__: ClassVar[Table]
else:
    Model = db.Model


class WriteProbe(Model):
    """The one row that is written to see whether the database can be written at all."""

    __tablename__ = "write_probe"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def init_app(app: Flask) -> None:
    """Bind the handle to the application and set every engine as money needs it."""
    app.config["SQLALCHEMY_DATABASE_URI"] = app.config["DATABASE_URL"]
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", _engine_options(app.config["DATABASE_URL"]))
    db.init_app(app)
    migrate.init_app(app, db)
    on_sqlite = app.config["DATABASE_URL"].startswith("sqlite")
    # Only tests have a reason to wait less: it is no setting.
    seconds = float(app.config.get("SQLITE_QUEUE_SECONDS", availability.QUEUE_SECONDS))
    app.extensions["writers"] = WriterQueue(seconds) if on_sqlite else nullcontext()
    with app.app_context():
        event.listen(db.engine, "handle_error", availability.throw_away)
        app.extensions["reading_engine"] = db.engine
        if on_sqlite:
            _prepare_sqlite(db.engine)
        else:
            reading = db.engine.execution_options(isolation_level="AUTOCOMMIT")
            app.extensions["reading_engine"] = reading
            idle = float(app.config.get("PING_AFTER_SECONDS", PINGED_AFTER))
            postgresql.ping_after_idling(db.engine, idle)


def _engine_options(url: str) -> dict[str, Any]:
    # An error would be logged with its statement's parameters: tokens, names, mobile numbers.
    options: dict[str, Any] = {"hide_parameters": True}
    if url.startswith("sqlite"):
        return options | {"connect_args": {"timeout": 15}}
    told = postgresql.connect_args(url)
    return options | {"pool_size": 10, "max_overflow": 10, "connect_args": told}


def _prepare_sqlite(engine: Engine) -> None:
    name = engine.url.database or ":memory:"
    in_a_file = name != ":memory:" and not name.startswith("file:")

    @event.listens_for(engine, "do_connect")
    def keep_to_owner(*_: Any) -> None:
        if in_a_file:
            private_files.create(Path(name))

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        _use_wal(connection)
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Turn WAL on, unless the file is read-only: then pages can still be read.

    Nothing can be written without it: the pool replaces a read-only connection.
    """
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if not availability.is_read_only(error):
            raise


def _engine_for_reading() -> Engine:
    return cast(Engine, current_app.extensions["reading_engine"])


def is_writing() -> bool:
    """Return whether this thread is inside :func:`transaction`."""
    return bool(db.session().info.get(WRITES))


@contextmanager
def transaction() -> Iterator[None]:
    """One short write: takes the lock at once, commits at the end, returns the connection.

    Never call the gateway inside, nor open another one: RuntimeError, since it would commit both.
    Raises :class:`~storefront.core.availability.DatabaseBusy` when too many wait to write to
    SQLite.
    """
    session = db.session()
    if is_writing():
        raise RuntimeError("a transaction inside a transaction")
    end_reading()
    session.info[WRITES] = True
    try:
        with current_app.extensions["writers"]:
            yield from _written(session)
    finally:
        del session.info[WRITES]


def _written(session: Session) -> Iterator[None]:
    try:
        session.connection(execution_options={WRITES: True})
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


@contextmanager
def one_moment() -> Iterator[Connection]:
    """Read as of one moment: sums of several queries agree with each other.

    PostgreSQL would show each statement what is committed by then.
    """
    end_reading()
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def end_reading() -> None:
    """Give the pooled connection back; what was read stays readable."""
    if db.session().in_transaction():
        sqlalchemy_writing.end_reading(db.session())
