"""Send outbox messages at least once, again after a failure, and give up at some point."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, update

from payment_engine.redaction import redact_text
from storefront.core.clock import SKEW, Clock
from storefront.core.database import db, end_reading, transaction
from storefront.notifications import outbox
from storefront.notifications.outbox import Channel, Farthest, OutboxMessage

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
LEASE = timedelta(minutes=2)  # longer than any sender takes; a worker that dies delays by this
BATCH = 100  # in one pass; the worker's next pass goes on

logger = logging.getLogger(__name__)


class NotDelivered(Exception):
    """This try did not succeed; the message says why, and holds nothing secret."""


class ChannelSender(Protocol):
    """Delivers on one channel. Has its own timeouts."""

    def deliver(self, message: OutboxMessage) -> None:
        """Deliver it. Raises :class:`NotDelivered`."""


Channels = Mapping[Channel, ChannelSender]


def run_once(channels: Channels, channel: Channel, clock: Clock) -> dict[str, int]:
    """Deliver what is due on a channel; counts what was delivered, put off or given up.

    Each message is claimed at its turn, for :data:`LEASE`. Whatever its delivery raises concerns it
    alone: the try is counted, and the next message has its turn.
    """
    begun, counts = clock(), Counter[str]()
    for _ in range(BATCH):
        message_id = _claim(channel, begun, clock())
        if message_id is None:
            break
        counts[_try(channels, message_id, clock)] += 1
    return dict(counts)


def _claim(channel: Channel, begun: datetime, now: datetime) -> int | None:
    farthest = Farthest(now + LEASE + SKEW, now + LONGEST_PAUSE + SKEW)
    with transaction():
        return outbox.claim_next(channel, begun, now + LEASE, farthest)


def _try(channels: Channels, message_id: int, clock: Clock) -> str:
    try:
        _deliver(channels, message_id)
    except NotDelivered as failure:
        return _put_off(message_id, clock(), str(failure))
    except Exception as defect:  # of this message; another one may be delivered
        db.session.rollback()
        logger.exception("notification %s cannot be delivered", message_id)
        return _put_off(message_id, clock(), f"defect: {type(defect).__name__}")
    with transaction():
        delivered = db.session.get_one(OutboxMessage, message_id)
        delivered.delivered_at, delivered.next_try_at = clock(), None
    return "delivered"


def _deliver(channels: Channels, message_id: int) -> None:
    message = db.session.get_one(OutboxMessage, message_id, populate_existing=True)
    _ = message.payment.order.lines  # read now: no transaction is open while delivering
    end_reading()
    sender = channels.get(message.channel)
    if sender is None:
        raise NotDelivered("this channel is not configured any more")
    sender.deliver(message)


def _put_off(message_id: int, now: datetime, reason: str) -> str:
    with transaction():
        message = db.session.get_one(OutboxMessage, message_id)
        message.last_error = redact_text(reason)[:200]
        if now < message.give_up_at:
            message.next_try_at = now + pause_after(message.tries)
            return "put_off"
        message.given_up_at, message.next_try_at = now, None
    return "given_up"


def pause_after(tries: int) -> timedelta:
    """Capped exponential back-off with full jitter: anything up to the cap is as likely."""
    ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tries - 1, 20)).total_seconds()
    return timedelta(seconds=random.uniform(0, ceiling))  # noqa: S311 - spreads load, guards nothing


def try_again(now: datetime, *, key: str | None = None, channel: Channel | None = None) -> int:
    """Give dead letters their time back: one by its key, those of a channel, or all. Count them."""
    chosen: list[ColumnElement[bool]] = [OutboxMessage.given_up_at.is_not(None)]
    chosen += [OutboxMessage.key == key] if key else []
    chosen += [OutboxMessage.channel == channel] if channel else []
    anew = {"given_up_at": None, "next_try_at": now, "give_up_at": now + outbox.LASTS, "tries": 0}
    with transaction():
        query = update(OutboxMessage).where(*chosen).values(anew)
        return db.session.connection().execute(query).rowcount
