"""Record what happened to an order and its payments, when, and who did it; only appended to.

The engine's history of the payments and the order's own events stand in one table, so that they
keep the order in which they were written. An event is written in the same commit as its change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Mapped

from payment_engine import Actor
from payment_engine.redaction import redact
from storefront.core.database import Model, db
from storefront.core.tables import TABLES
from storefront.orders.models import Order

ON_A_PAGE = 50  # entries; most orders have fewer than ten


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


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some entries of an order, oldest first; ``after`` leads to the next, None at the end."""

    entries: Sequence[HistoryEntry]
    after: int | None


_WRITE = insert(TABLES.events)  # built once


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
    db.session.execute(_WRITE, entry)


def trace_of(number: str) -> str | None:
    """Return the trace in which an order was placed; None if nobody traced that."""
    query = select(HistoryEntry.details).where(
        HistoryEntry.order_key == number, HistoryEntry.event == "order_placed"
    )
    return (db.session.scalar(query.limit(1)) or {}).get("trace")


def of_order(order: Order) -> Iterator[HistoryEntry]:
    """Yield everything that happened to an order as it was written, read page by page."""
    page = page_of(order)
    while True:
        yield from page.entries
        if page.after is None:
            return
        page = page_of(order, after=page.after)


def page_of(order: Order, *, after: int = 0) -> HistoryPage:
    """Return the entries that follow one, by its id; from the beginning on with 0."""
    query = select(HistoryEntry).where(
        HistoryEntry.order_key == order.number, HistoryEntry.id > after
    )
    found = db.session.scalars(query.order_by(HistoryEntry.id).limit(ON_A_PAGE + 1)).all()
    entries = found[:ON_A_PAGE]
    return HistoryPage(entries, after=entries[-1].id if len(found) > ON_A_PAGE else None)
