"""Read discrepancies and the runs of reconciliation for the back office."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, func, select

from storefront.core.database import db
from storefront.core.tables import TABLES
from storefront.orders.payments import Discrepancy

MOST_OPEN = 100


def count_open() -> int:
    """Return how many discrepancies wait for a person."""
    query = select(func.count()).select_from(Discrepancy).where(Discrepancy.closed_at.is_(None))
    return db.session.scalar(query) or 0


def open_ones() -> Sequence[Discrepancy]:
    """Return those that wait, the oldest first; not more than a page shows."""
    query = select(Discrepancy).where(Discrepancy.closed_at.is_(None)).order_by(Discrepancy.id)
    fresh = query.limit(MOST_OPEN).execution_options(populate_existing=True)
    return db.session.scalars(fresh).all()


def last_runs(most: int) -> Sequence[RowMapping]:
    """Return the runs that were written last, the youngest first."""
    runs = TABLES.runs
    query: Any = select(runs).order_by(runs.c.id.desc()).limit(most)
    return db.session.execute(query).mappings().all()
