"""Store notifications in the commit of what they are about; they are sent afterwards.

Each is sent at least once; ``key`` is the same in every try, so that receivers find repeats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, load_only, mapped_column, relationship

from payment_engine import Payment as EnginePayment
from payment_engine import Refund as EngineRefund
from payment_engine.sqlalchemy_tables import one_of
from storefront.core.clock import SKEW
from storefront.core.database import Model, db
from storefront.core.queue import LEASE, first_due
from storefront.core.tables import TABLES
from storefront.orders.models import Order
from storefront.orders.payments import Payment, Refund

MOST_TRIES = 500  # three times what LASTS has room for: no damaged moment tries for ever
LASTS = timedelta(hours=72)  # how long delivery is tried: a long weekend of the receiver's server


class Kind(StrEnum):
    """What happened."""

    ORDER_PAID = "order_paid"
    PAYMENT_FAILED = "payment_failed"
    MONEY_RETURNED = "money_returned"  # taken at the bank and not kept: goes back to the payer
    ORDER_REFUNDED = "order_refunded"  # of a paid order, all or a part has gone back
    ORDER_SENT = "order_sent"  # its parcel is on its way; only the shopper is told


class Channel(StrEnum):
    """Who receives a notification, and how."""

    EMAIL = "email"  # the shopper
    SMS = "sms"  # the shopper, on the telephone
    WEBHOOK = "webhook"  # the merchant's own systems


SHOPPERS = frozenset({Channel.EMAIL, Channel.SMS})


def _only(rows: str) -> dict[str, Any]:
    return {"sqlite_where": text(rows), "postgresql_where": text(rows)}


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
    refund_id: Mapped[int | None] = mapped_column(ForeignKey(TABLES.refunds.c.id))
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    give_up_at: Mapped[datetime]
    given_up_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))

    payment: Mapped[Payment] = relationship()
    refund: Mapped[Refund | None] = relationship()


READ_BY_PEOPLE = (OutboxMessage.key, OutboxMessage.tries, OutboxMessage.last_error)


def put(
    kind: Kind,
    order: Order,
    payment: EnginePayment | Payment,
    channels: Iterable[Channel],
    now: datetime,
    *,
    refund: EngineRefund | None = None,
) -> None:
    """Add a row for each channel to the session; the caller's commit makes it true.

    ``refund`` is what the notification is about, if it is about one.

    The caller holds the order's lock: an address, and a number, is told once that the order is not
    paid, however many payments of it fail, as anybody can order to anybody's.
    """
    for channel in channels:
        key = _key(kind, order, payment, channel, refund)
        if channel in SHOPPERS and (not _address(order, channel) or _is_stored(key)):
            continue
        db.session.add(
            OutboxMessage(
                key=key,
                kind=kind,
                channel=channel,
                payment_id=payment.id,
                refund_id=refund.id if refund else None,
                created_at=now,
                next_try_at=now,
                give_up_at=now + LASTS,
                tries=0,
            )
        )


def _key(
    kind: Kind,
    order: Order,
    payment: EnginePayment | Payment,
    channel: Channel,
    refund: EngineRefund | None,
) -> str:
    if refund is not None:
        return f"{kind}:{payment.reference}-{refund.id}:{channel}"
    once_for_an_order = kind is Kind.PAYMENT_FAILED and channel in SHOPPERS
    return f"{kind}:{order.number if once_for_an_order else payment.reference}:{channel}"


def _address(order: Order, channel: Channel) -> str | None:
    return order.mobile if channel is Channel.SMS else order.email


def _is_stored(key: str) -> bool:
    return db.session.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key)) is not None


def claim_next(channel: Channel, begun: datetime, now: datetime) -> int | None:
    """Claim the message of a channel that has waited longest; count the try. Returns its id.

    None if no message was due when the pass had ``begun`` that another worker has not claimed.
    """
    waiting = select(OutboxMessage.id).where(OutboxMessage.channel == channel)
    message_id = first_due(
        waiting.order_by(OutboxMessage.next_try_at, OutboxMessage.id),
        OutboxMessage.next_try_at,
        OutboxMessage.tries,
        begun,
        farthest_first=now + LEASE + SKEW,
    )
    if message_id is not None:
        note(message_id, next_try_at=now + LEASE, tries=OutboxMessage.tries + 1)
    return message_id


def note(message_id: int, **values: Any) -> None:
    """Write about a message without reading it, as it may hold what cannot be read."""
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .values(values)
        .execution_options(synchronize_session="evaluate")
    )


def tried(message_id: int, now: datetime) -> tuple[int, bool]:
    """Return how often a message was tried, and whether there is time for another try.

    A moment that is none (a damaged one) leaves no time, or all: the database compares it.
    """
    query = select(OutboxMessage.tries, OutboxMessage.give_up_at > now)
    tries, in_time = db.session.execute(query.where(OutboxMessage.id == message_id)).one()
    return tries, bool(in_time) and tries < MOST_TRIES


def given_up() -> Sequence[OutboxMessage]:
    """Return the dead letters, the oldest first; of each, what people read."""
    query = (
        select(OutboxMessage)
        .where(OutboxMessage.given_up_at.is_not(None))
        .options(load_only(*READ_BY_PEOPLE))
        .order_by(OutboxMessage.id)
    )
    return db.session.scalars(query).all()
