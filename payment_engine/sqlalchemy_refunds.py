"""Implement the part of the SQLAlchemy store that keeps refunds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, insert, or_, select, update

from payment_engine.refund import ENDED, Refund, RefundState
from payment_engine.sqlalchemy_ledgers import SqlAlchemyLedgers
from payment_engine.store import LONGEST_AHEAD, Conflict

OPEN = tuple(state for state in RefundState if state not in ENDED)  # an index finds these


class SqlAlchemyRefunds(SqlAlchemyLedgers):
    """Keep refunds in one transaction of a SQLAlchemy session."""

    def add_refund(self, refund: Refund) -> None:
        """Insert a refund and set its ``id``."""
        values = asdict(refund)
        del values["id"]
        made = self._connection.execute(insert(self._tables.refunds).values(values))
        refund.id = cast(Any, made.inserted_primary_key)[0]

    def save_refund(self, refund: Refund) -> None:
        """Write a refund, and raise its version."""
        columns, before = self._tables.refunds.c, refund.version
        refund.version = before + 1
        values = asdict(refund)
        del values["id"]
        chosen = update(self._tables.refunds).where(
            columns.id == refund.id, columns.version == before
        )
        if self._connection.execute(chosen.values(values)).rowcount != 1:
            raise Conflict(f"refund {refund.id} was changed meanwhile")

    def refund(self, refund_id: int) -> Refund:
        """Read a refund as it is now. Raises LookupError."""
        found = self._read_refunds(self._tables.refunds.c.id == refund_id)
        if not found:
            raise LookupError(refund_id)
        return found[0]

    def refunds_of(self, payment_id: int) -> Sequence[Refund]:
        """Read the refunds of a payment, oldest first."""
        return self._read_refunds(self._tables.refunds.c.payment_id == payment_id)

    def refunds_of_order(self, order_key: str) -> Sequence[Refund]:
        """Read the refunds of an order, oldest first."""
        return self._read_refunds(self._tables.refunds.c.order_key == order_key)

    def unfinished_refunds(self, limit: int) -> Sequence[Refund]:
        """Read the refunds that are not final, oldest first, at most so many."""
        return self._read_refunds(self._tables.refunds.c.state.in_(OPEN), limit=limit)

    def _read_refunds(self, *which: ColumnElement[bool], limit: int | None = None) -> list[Refund]:
        table = self._tables.refunds
        query: Select[Any] = select(table).where(*which).order_by(table.c.id).limit(limit)
        return [Refund(**row) for row in self._connection.execute(query).mappings()]

    def claim_next_refund(
        self, gateways: Collection[str], now: datetime, until: datetime
    ) -> int | None:
        """Take the refund that has been due for longest; see the port."""
        columns = self._tables.refunds.c
        due = or_(columns.next_check_at <= now, columns.next_check_at > now + 2 * LONGEST_AHEAD)
        query = (
            select(columns.id)
            .where(columns.state.in_(OPEN), columns.gateway.in_(gateways), due)
            .order_by(columns.next_check_at, columns.id)
            .limit(1)
        )
        taken = self._connection.scalar(query.with_for_update(skip_locked=True))
        if taken is not None:
            chosen = update(self._tables.refunds).where(columns.id == taken)
            self._connection.execute(chosen.values(next_check_at=until))
        return taken
