"""What happened to an order, when, who did it and what the gateway said: appended, never changed.

An entry is written in the same commit as the change that it tells of.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, Index, String, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from jibit_client.errors import GatewayError
from jibit_client.redaction import redact
from storefront.core.columns import one_of
from storefront.core.database import Model, db

if TYPE_CHECKING:
    from storefront.payments.models import Payment


class Actor(StrEnum):
    """Who acted."""

    SHOPPER = "shopper"
    WORKER = "worker"
    AUDIT = "audit"
    MERCHANT = "merchant"


class JournalEntry(Model):
    """One thing that happened. ``details`` holds nothing secret: it passes through redaction."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_order_id_id", "order_id", "id"),
        Index("ix_journal_event_at", "event", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    actor: Mapped[Actor] = mapped_column(one_of(Actor, "actor_known"))
    event: Mapped[str] = mapped_column(String(60))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


_APPEND = insert(JournalEntry.__table__)  # what is never changed needs no object kept in step


def write(
    event: str,
    *,
    order_id: int,
    at: datetime,
    actor: Actor,
    payment_id: int | None = None,
    **details: Any,
) -> None:
    """Append an entry; the caller's commit makes it true."""
    entry = {
        "at": at,
        "order_id": order_id,
        "payment_id": payment_id,
        "actor": actor,
        "event": event,
        "details": redact(details),
    }
    db.session.execute(_APPEND, entry)


def about(payment: Payment, at: datetime, actor: Actor, event: str, **details: Any) -> None:
    """Append an entry about one payment."""
    write(event, order_id=payment.order_id, payment_id=payment.id, at=at, actor=actor, **details)


def last_at(payment: Payment, event: str) -> datetime | None:
    """When something last happened to a payment; None if it never did."""
    query = select(JournalEntry.at).where(
        JournalEntry.order_id == payment.order_id,
        JournalEntry.payment_id == payment.id,
        JournalEntry.event == event,
    )
    return db.session.scalar(query.order_by(JournalEntry.id.desc()).limit(1))


def of_order(order_id: int) -> Sequence[JournalEntry]:
    """Everything that happened to an order, in the order in which it was written."""
    query = select(JournalEntry).where(JournalEntry.order_id == order_id)
    return db.session.scalars(query.order_by(JournalEntry.id)).all()


def told(error: GatewayError) -> dict[str, Any]:
    """What an error says, in the words of the journal."""
    return {
        "answer": type(error).__name__,
        "reason": error.reason,
        "http_status": error.http_status,
        "codes": list(error.codes),
        "fingerprint": error.fingerprint,
    }
