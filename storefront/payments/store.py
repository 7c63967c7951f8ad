"""Run the engine's store on the shop's own session, so that hooks use the shop's functions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from payment_engine.sqlalchemy_store import SqlAlchemyStore
from payment_engine.store import CallerTransactionOpen
from payment_engine.tokens import TokenCipher
from storefront.core import availability
from storefront.core.clock import Clock
from storefront.core.database import db, end_reading, is_writing, transaction
from storefront.core.tables import TABLES


class ShopStore(SqlAlchemyStore):
    """Write as the whole shop writes: one writer at a time on SQLite, and bounded waiting."""

    def __init__(self, engine: Engine, clock: Clock, token_cipher: TokenCipher) -> None:
        super().__init__(
            engine, session=db.session, tables=TABLES, clock=clock, token_cipher=token_cipher
        )

    def check_idle(self) -> None:
        """End what was only read; raise CallerTransactionOpen inside a writing transaction."""
        if is_writing():
            raise CallerTransactionOpen("the engine is called inside a transaction of the shop")
        end_reading()

    @contextmanager
    def writing(self, session: Session) -> Iterator[None]:
        """Write in the shop's own kind of transaction."""
        with transaction():
            yield

    def is_temporary(self, error: BaseException) -> bool:
        """Return whether the shop cannot serve now but may later."""
        return availability.is_temporary(error)
