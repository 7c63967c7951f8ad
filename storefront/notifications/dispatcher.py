"""Send outbox messages at least once, again after a failure, and give up at some point."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select

from payment_engine.redaction import redact_text
from storefront.core.clock import SKEW
from storefront.core.database import db, transaction
from storefront.notifications import outbox
from storefront.notifications.outbox import Channel, OutboxMessage

MOST_TRIES = 12
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
LEASE = timedelta(minutes=2)  # longer than any sender takes; a worker that dies delays by this
BATCH = 100


class NotDelivered(Exception):
    """This try did not succeed; the message says why, and holds nothing secret."""


class ChannelSender(Protocol):
    """Delivers on one channel. Has its own timeouts."""

    def deliver(self, message: OutboxMessage) -> None:
        """Deliver it. Raises :class:`NotDelivered`."""


Channels = Mapping[Channel, ChannelSender]


def run_once(channels: Channels, now: datetime) -> dict[str, int]:
    """Deliver what is due; gives how many were delivered, are put off or were given up."""
    with transaction():
        mine = [each for each in _due(now) if outbox.take(each, now + LEASE)]
        for message in mine:
            _ = message.payment.order.lines  # read now: no transaction is open while delivering
    return dict(Counter(_deliver(channels, message, now) for message in mine))


def _due(now: datetime) -> list[OutboxMessage]:
    first_try_by, next_try_by = now + LEASE + SKEW, now + LONGEST_PAUSE + SKEW
    return [*outbox.due(now, BATCH), *outbox.out_of_reach(first_try_by, next_try_by, BATCH)]


def _deliver(channels: Channels, message: OutboxMessage, now: datetime) -> str:
    sender = channels.get(message.channel)
    if sender is None:
        return _put_off(message.id, now, "this channel is not configured any more")
    try:
        sender.deliver(message)
    except NotDelivered as failure:
        return _put_off(message.id, now, str(failure))
    with transaction():
        delivered = db.session.get_one(OutboxMessage, message.id)
        delivered.delivered_at, delivered.next_try_at = now, None
    return "delivered"


def _put_off(message_id: int, now: datetime, reason: str) -> str:
    with transaction():
        message = db.session.get_one(OutboxMessage, message_id)
        message.tries += 1
        message.last_error = redact_text(reason)[:200]
        if message.tries < MOST_TRIES:
            message.next_try_at = now + pause_after(message.tries)
            return "put_off"
        message.given_up_at, message.next_try_at = now, None
    return "given_up"


def pause_after(tries: int) -> timedelta:
    """Capped exponential back-off with full jitter: anything up to the cap is as likely."""
    ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1)).total_seconds()
    return timedelta(seconds=random.uniform(0, ceiling))  # noqa: S311 - spreads load, guards nothing


def try_again(key: str, now: datetime) -> bool:
    """Give a dead letter its tries back; False if there is none with this key."""
    with transaction():
        query = select(OutboxMessage).where(
            OutboxMessage.key == key, OutboxMessage.given_up_at.is_not(None)
        )
        message = db.session.scalar(query)
        if message is None:
            return False
        message.given_up_at, message.next_try_at, message.tries = None, now, 0
    return True
