"""Implement the part of the SQLAlchemy store that reconciliation uses: discrepancies and runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from payment_engine.discrepancies import Discrepancy, Kind, ReconciliationRun
from payment_engine.sqlalchemy_tables import PaymentTables
from payment_engine.sqlalchemy_writing import insert_unless_there
from payment_engine.store import Conflict


class SqlAlchemyLedgers:
    """Keep discrepancies and runs in one transaction of a SQLAlchemy session."""

    def __init__(self, session: Session, tables: PaymentTables) -> None:
        self.session = session  # the hooks write in it; the engine's statements need no more than
        self._connection = session.connection()  # its connection, which takes them sooner
        self._tables = tables

    def known_discrepancy(self, gateway: str, kind: Kind, key: str) -> Discrepancy | None:
        """Read and lock the discrepancy with this key."""
        columns = self._tables.discrepancies.c
        found = self._locked_discrepancies(
            columns.gateway == gateway, columns.kind == kind, columns.key == key
        )
        return found[0] if found else None

    def discrepancy(self, discrepancy_id: int) -> Discrepancy | None:
        """Read and lock a discrepancy."""
        found = self._locked_discrepancies(self._tables.discrepancies.c.id == discrepancy_id)
        return found[0] if found else None

    def unseen_discrepancies(
        self, gateway: str, since: datetime, until: datetime, before: datetime
    ) -> Sequence[Discrepancy]:
        """Read and lock open ones that lie within a span and were last seen before a moment."""
        columns = self._tables.discrepancies.c
        return self._locked_discrepancies(
            columns.gateway == gateway,
            columns.closed_at.is_(None),
            columns.lies_from >= since,
            columns.lies_to <= until,
            columns.last_seen_at <= before,
        )

    def _locked_discrepancies(self, *conditions: ColumnElement[bool]) -> list[Discrepancy]:
        table = self._tables.discrepancies
        return self._discrepancies(
            select(table).where(*conditions).order_by(table.c.id).with_for_update()
        )

    def open_discrepancies(self, also: Iterable[int] = ()) -> Sequence[Discrepancy]:
        """Read all open ones and those with these ids, oldest first."""
        table = self._tables.discrepancies
        wanted = or_(table.c.closed_at.is_(None), table.c.id.in_(list(also)))
        return self._discrepancies(select(table).where(wanted).order_by(table.c.id))

    def _discrepancies(self, query: Select[Any]) -> list[Discrepancy]:
        return [Discrepancy(**row) for row in self._connection.execute(query).mappings()]

    def save_discrepancy(self, row: Discrepancy) -> None:
        """Insert a discrepancy without an id, or update the one it has."""
        table, values = self._tables.discrepancies, asdict(row)
        del values["id"]
        if row.id:
            self._connection.execute(update(table).where(table.c.id == row.id).values(values))
            return
        new = insert_unless_there(self._connection, table, "gateway", "kind", "key")
        made = self._connection.scalar(new.values(values).returning(table.c.id))
        if made is None:
            raise Conflict("this discrepancy was saved meanwhile")
        row.id = made

    def add_run(self, run: ReconciliationRun) -> None:
        """Keep a run."""
        self._connection.execute(insert(self._tables.runs).values(asdict(run)))

    def last_run(self, *, complete: bool) -> ReconciliationRun | None:
        """Read the run written last of those that followed on.

        By its time, one from before the clock was set back would stay the last until then.
        """
        columns = self._tables.runs.c
        query = select(self._tables.runs).where(columns.follows_on)
        if complete:
            query = query.where(columns.complete)
        latest = query.order_by(columns.id.desc()).limit(1)
        row = self._connection.execute(latest).mappings().first()
        if row is None:
            return None
        return ReconciliationRun(
            **{each.name: row[each.name] for each in fields(ReconciliationRun)}
        )
