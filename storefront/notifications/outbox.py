"""Store notifications in the commit of what they are about; they are sent afterwards.

Each is sent at least once; ``key`` is the same in every try, so that receivers find repeats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from payment_engine import Payment as EnginePayment
from payment_engine.sqlalchemy_tables import one_of
from storefront.core.database import Model, db
from storefront.core.tables import TABLES
from storefront.orders.models import Order
from storefront.orders.payments import Payment


class Kind(StrEnum):
    """What happened."""

    ORDER_PAID = "order_paid"
    PAYMENT_FAILED = "payment_failed"
    MONEY_RETURNED = "money_returned"  # taken at the bank, not captured: goes back to the payer


class Channel(StrEnum):
    """Who receives a notification, and how."""

    EMAIL = "email"  # the shopper
    WEBHOOK = "webhook"  # the merchant's own systems


def _only(rows: str) -> dict[str, Any]:
    return {"sqlite_where": text(rows), "postgresql_where": text(rows)}


class OutboxMessage(Model):
    """One notification on one channel; done when it is delivered or given up."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("delivered_at IS NULL OR given_up_at IS NULL", name="one_end"),
        Index("ix_outbox_next_try_at", "next_try_at"),
        # What is delivered stays; these hold only what is not.
        Index("ix_outbox_waiting_created_at", "created_at", **_only("next_try_at IS NOT NULL")),
        Index("ix_outbox_given_up_id", "id", **_only("given_up_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[Kind] = mapped_column(one_of(Kind, "kind_known"))
    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel_known"))
    payment_id: Mapped[int] = mapped_column(ForeignKey(TABLES.payments.c.id), index=True)
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))

    payment: Mapped[Payment] = relationship()


def put(
    kind: Kind, order: Order, payment: EnginePayment, channels: Iterable[Channel], now: datetime
) -> None:
    """Add a row for each channel to the session; the caller's commit makes it true."""
    for channel in channels:
        if channel is Channel.EMAIL and not order.email:
            continue
        db.session.add(
            OutboxMessage(
                key=f"{kind}:{payment.reference}:{channel}",
                kind=kind,
                channel=channel,
                payment_id=payment.id,
                created_at=now,
                next_try_at=now,
                tries=0,
            )
        )


def due(now: datetime, limit: int) -> Sequence[OutboxMessage]:
    """Return what is to be delivered now, the oldest first."""
    return _first(limit, OutboxMessage.next_try_at <= now)


def out_of_reach(
    first_try_by: datetime, next_try_by: datetime, limit: int
) -> Sequence[OutboxMessage]:
    """Return what would be tried later than it was ever put off to: the clock was set back.

    ``first_try_by`` is the farthest for what was not tried yet; ``next_try_by``, which is later,
    for the rest.
    """
    late = or_(OutboxMessage.tries == 0, OutboxMessage.next_try_at > next_try_by)
    return _first(limit, OutboxMessage.next_try_at > first_try_by, late)


def _first(limit: int, *wanted: ColumnElement[bool]) -> Sequence[OutboxMessage]:
    query = (
        select(OutboxMessage).where(*wanted).order_by(OutboxMessage.next_try_at, OutboxMessage.id)
    )
    return db.session.scalars(query.limit(limit)).all()


def take(message: OutboxMessage, until: datetime) -> bool:
    """Take a due message for this worker until a moment; False if another worker was faster."""
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id, OutboxMessage.next_try_at == message.next_try_at)
        .values(next_try_at=until)
        .execution_options(synchronize_session=False)
    )
    return bool(db.session.execute(statement).rowcount == 1)  # type: ignore[attr-defined]  # an UPDATE has it


def given_up() -> Sequence[OutboxMessage]:
    """Return the dead letters, the oldest first."""
    query = (
        select(OutboxMessage)
        .where(OutboxMessage.given_up_at.is_not(None))
        .order_by(OutboxMessage.id)
    )
    return db.session.scalars(query).all()
