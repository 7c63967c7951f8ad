"""Record what happened to an order and its payments, when, and who did it; only appended to.

The engine's history of the payments and the order's own events stand in one table, so that they
keep the order in which they were written. An event is written in the same commit as its change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Mapped

from payment_engine import Actor
from payment_engine.redaction import redact
from storefront.core.database import Model, db
from storefront.core.tables import TABLES
from storefront.orders.models import Order


class HistoryEntry(Model):
    """One event. ``details`` holds nothing secret: it passes through redaction."""

    __table__ = TABLES.events

    if TYPE_CHECKING:
        id: Mapped[int]
        at: Mapped[datetime]
        order_key: Mapped[str]
        payment_id: Mapped[int | None]
        actor: Mapped[Actor]
        event: Mapped[str]
        details: Mapped[dict[str, Any]]


def write(event: str, order: Order, *, at: datetime, actor: Actor, **details: Any) -> None:
    """Append an event of the order itself; the caller's commit makes it true."""
    entry = {
        "at": at,
        "order_key": order.number,
        "payment_id": None,
        "actor": actor,
        "event": event,
        "details": redact(details),
    }
    db.session.execute(insert(TABLES.events), entry)


def of_order(order: Order) -> Sequence[HistoryEntry]:
    """Return everything that happened to an order, in the order in which it was written."""
    query = select(HistoryEntry).where(HistoryEntry.order_key == order.number)
    return db.session.scalars(query.order_by(HistoryEntry.id)).all()
