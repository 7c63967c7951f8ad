"""Implement the store on SQLAlchemy 2, for SQLite and PostgreSQL."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import Self

from sqlalchemy import (
    Engine,
    MetaData,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from payment_engine.services import Clock, utc_now
from payment_engine.sqlalchemy_statements import statements
from payment_engine.sqlalchemy_tables import PaymentTables, payment_tables
from payment_engine.sqlalchemy_tokens import SqlAlchemyTokenStore
from payment_engine.sqlalchemy_turns import SqlAlchemyTurns
from payment_engine.sqlalchemy_work import SqlAlchemyUnitOfWork
from payment_engine.sqlalchemy_writing import begin_writing, end_reading, writing_options
from payment_engine.states import CAPTURABLE
from payment_engine.store import CallerTransactionOpen
from payment_engine.tokens import TokenCipher

NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE})


class SqlAlchemyStore:
    """Keep payments in a database. Thread-safe.

    Args:
        engine: SQLite or PostgreSQL.
        session: gives the application's own session, such as Flask-SQLAlchemy's ``db.session``. The
            engine then works and commits in it, so that hooks may use everything that is written
            for that session. Without it the engine makes sessions of its own.
        tables: what :func:`~payment_engine.sqlalchemy_tables.payment_tables` returned, if the
            application adds the tables to its own metadata, for Alembic; else they are made in a
            metadata of their own.
        prefix: of the tables' names.
        clock: for the leases of tokens and turns.
        token_cipher: encrypts the gateways' tokens; without it they are stored as they are.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        session: Callable[[], Session] | None = None,
        tables: PaymentTables | None = None,
        prefix: str = "",
        clock: Clock = utc_now,
        token_cipher: TokenCipher | None = None,
    ) -> None:
        self._engine, self._clock, self._token_cipher = engine, clock, token_cipher
        self._is_shared = session is not None
        self._session = session or sessionmaker(engine, expire_on_commit=False)
        self.tables = tables or payment_tables(MetaData(), prefix)
        self._statements = statements(self.tables)

    def create_tables(self) -> Self:
        """Create the tables that are missing, with their triggers; return the store."""
        self.tables.payments.metadata.create_all(
            self._engine,
            tables=[getattr(self.tables, each.name) for each in fields(self.tables)],
        )
        return self

    @contextmanager
    def transaction(self) -> Iterator[SqlAlchemyUnitOfWork]:
        """Begin a writing transaction, commit at the end, roll back on an exception."""
        self.check_idle()
        session = self._session()
        try:
            with self.writing(session):
                yield SqlAlchemyUnitOfWork(session, self.tables, self._statements)
        finally:
            self._give_back(session)

    @contextmanager
    def writing(self, session: Session) -> Iterator[None]:
        """Take the write lock, and commit or roll back at the end; override to do more."""
        try:
            begin_writing(session.connection(execution_options=writing_options()))
            yield
            session.commit()
        except BaseException:
            session.rollback()
            raise

    @contextmanager
    def reading(self) -> Iterator[SqlAlchemyUnitOfWork]:
        """Read, and give the connection back at the end, unless the caller was reading already."""
        session = self._session()
        was_open = session.in_transaction()
        try:
            yield SqlAlchemyUnitOfWork(session, self.tables, self._statements)
        finally:
            if not was_open:
                end_reading(session)
                self._give_back(session)

    def _give_back(self, session: Session) -> None:
        if not self._is_shared:
            session.close()

    def check_idle(self) -> None:
        """Raise CallerTransactionOpen if the application's session has a transaction open."""
        if self._is_shared and self._session().in_transaction():
            raise CallerTransactionOpen("commit first: the engine may call a gateway now")

    def after_fork(self) -> None:
        """Let go of the connections that belong to the process this one was forked from."""
        self._engine.dispose(close=False)

    def is_temporary(self, error: BaseException) -> bool:
        """Return whether the database cannot serve now but may later."""
        if isinstance(error, DBAPIError):
            return isinstance(error, OperationalError) or error.connection_invalidated
        if isinstance(error, OSError):
            return error.errno in NO_DESCRIPTORS
        return isinstance(error, PoolTimeout)

    def tokens(self, account: str) -> SqlAlchemyTokenStore:
        """Return the token store of one merchant account."""
        return SqlAlchemyTokenStore(
            self._engine, self.tables.tokens, account, self._clock, self._token_cipher
        )

    def turns(self, name: str) -> SqlAlchemyTurns:
        """Return the turns at one thing that all processes together do one at a time."""
        return SqlAlchemyTurns(self._engine, self.tables.turns, name, self._clock)

    def nearest_deadline(self, gateway: str, now: datetime) -> datetime | None:
        """Return when the next open payment of a gateway can no longer be verified."""
        columns = self.tables.payments.c
        query = select(func.min(columns.expires_at)).where(
            columns.state.in_(CAPTURABLE),
            # An expression: by this column SQLite would read all that the gateway ever had.
            columns.gateway + "" == gateway,
            columns.expires_at > now,
        )
        with self._engine.connect() as connection:
            deadline: datetime | None = connection.scalar(query)
        return deadline
