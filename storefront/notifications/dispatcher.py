"""Delivers what the outbox holds: at least once, again after a failure, and never for ever."""

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
from storefront.notifications.outbox import Channel, Notice

MOST_TRIES = 12
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
LEASE = timedelta(minutes=2)  # longer than any postman takes; a worker that dies delays by this
BATCH = 100


class NotDelivered(Exception):
    """This try did not succeed; the message says why, and holds nothing secret."""


class Postman(Protocol):
    """Delivers on one channel. Has its own timeouts."""

    def deliver(self, notice: Notice) -> None:
        """Raises :class:`NotDelivered`."""


Postmen = Mapping[Channel, Postman]


def run_once(postmen: Postmen, now: datetime) -> dict[str, int]:
    """Deliver what is due; gives how many were delivered, are put off or were given up."""
    with transaction():
        mine = [n for n in _due(now) if outbox.take(n, now + LEASE)]
        for notice in mine:
            _ = notice.payment.order.lines  # read now: no transaction is open while delivering
    return dict(Counter(_deliver(postmen, notice, now) for notice in mine))


def _due(now: datetime) -> list[Notice]:
    first_try_by, next_try_by = now + LEASE + SKEW, now + LONGEST_PAUSE + SKEW
    return [*outbox.due(now, BATCH), *outbox.out_of_reach(first_try_by, next_try_by, BATCH)]


def _deliver(postmen: Postmen, notice: Notice, now: datetime) -> str:
    postman = postmen.get(notice.channel)
    if postman is None:
        return _put_off(notice.id, now, "this channel is not configured any more")
    try:
        postman.deliver(notice)
    except NotDelivered as failure:
        return _put_off(notice.id, now, str(failure))
    with transaction():
        delivered = db.session.get_one(Notice, notice.id)
        delivered.delivered_at, delivered.next_try_at = now, None
    return "delivered"


def _put_off(notice_id: int, now: datetime, reason: str) -> str:
    with transaction():
        notice = db.session.get_one(Notice, notice_id)
        notice.tries += 1
        notice.last_error = redact_text(reason)[:200]
        if notice.tries < MOST_TRIES:
            notice.next_try_at = now + pause_after(notice.tries)
            return "put_off"
        notice.given_up_at, notice.next_try_at = now, None
    return "given_up"


def pause_after(tries: int) -> timedelta:
    """Capped exponential back-off with full jitter: anything up to the cap is as likely."""
    ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1)).total_seconds()
    return timedelta(seconds=random.uniform(0, ceiling))  # noqa: S311 - spreads load, guards nothing


def try_again(key: str, now: datetime) -> bool:
    """Give a dead letter its tries back; False if there is none with this key."""
    with transaction():
        query = select(Notice).where(Notice.key == key, Notice.given_up_at.is_not(None))
        notice = db.session.scalar(query)
        if notice is None:
            return False
        notice.given_up_at, notice.next_try_at, notice.tries = None, now, 0
    return True
