"""Store notifications in the commit of what they are about; they are sent afterwards.

Each is sent at least once; ``key`` is the same in every try, so that receivers find repeats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    and_,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from payment_engine import Payment as EnginePayment
from payment_engine.sqlalchemy_tables import one_of
from storefront.core.database import Model, db
from storefront.core.tables import TABLES
from storefront.orders.models import Order
from storefront.orders.payments import Payment

LASTS = timedelta(hours=72)  # how long delivery is tried: a long weekend of the receiver's server


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


class Farthest(NamedTuple):
    """The latest moments at which a first and any other try can be due by the clock as it is."""

    first_try: datetime
    next_try: datetime


class OutboxMessage(Model):
    """One notification on one channel; done when it is delivered or given up."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("delivered_at IS NULL OR given_up_at IS NULL", name="one_end"),
        Index("ix_outbox_channel_next_try_at", "channel", "next_try_at"),
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
    give_up_at: Mapped[datetime]
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
                give_up_at=now + LASTS,
                tries=0,
            )
        )


def claim_next(channel: Channel, now: datetime, until: datetime, farthest: Farthest) -> int | None:
    """Claim the due message of a channel that has waited longest, until a moment; count the try.

    Returns its id; None if no message is due that another worker has not claimed. A message whose
    next try is later than it was ever put off to is due as well: the clock was set back.
    """
    late = or_(OutboxMessage.tries == 0, OutboxMessage.next_try_at > farthest.next_try)
    out_of_reach = and_(OutboxMessage.next_try_at > farthest.first_try, late)
    for wanted in (OutboxMessage.next_try_at <= now, out_of_reach):
        query = (
            select(OutboxMessage)
            .where(OutboxMessage.channel == channel, wanted)
            .order_by(OutboxMessage.next_try_at, OutboxMessage.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        message = db.session.scalar(query)
        if message is not None:
            message.next_try_at, message.tries = until, message.tries + 1
            return message.id
    return None


def given_up() -> Sequence[OutboxMessage]:
    """Return the dead letters, the oldest first."""
    query = (
        select(OutboxMessage)
        .where(OutboxMessage.given_up_at.is_not(None))
        .order_by(OutboxMessage.id)
    )
    return db.session.scalars(query).all()
