"""Send outbox messages at least once, again after a failure, and give up at some point."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, update

from payment_engine.redaction import redact_text
from payment_engine.row_queue import Spread, Tally, back_off, process_due
from storefront.core import availability
from storefront.core.clock import Clock, Steady
from storefront.core.database import db, end_reading, transaction
from storefront.core.queue import FIRST_PAUSE, LONGEST_PAUSE
from storefront.notifications import outbox
from storefront.notifications.outbox import Channel, Kind, OutboxMessage
from storefront.orders.attending import attending
from storefront.staff import log


class NotDelivered(Exception):
    """This try did not succeed; the message says why, and holds nothing secret."""


class Undeliverable(NotDelivered):
    """No later try would succeed either: it becomes a dead letter at once."""


class NobodyToTell(Exception):
    """Nobody waits for it: it is dropped, and the message says why."""


def check_somebody_waits(message: OutboxMessage) -> None:
    """Raise NobodyToTell if the order's data was erased, or it was paid after all."""
    order = message.payment.order
    if order.erased_at is not None:
        raise NobodyToTell("the order's personal data was erased")
    if message.kind is Kind.PAYMENT_FAILED and order.paid_at is not None:
        raise NobodyToTell("the order is paid by now")


class ChannelSender(Protocol):
    """Delivers on one channel. Has its own timeouts."""

    def deliver(self, message: OutboxMessage) -> None:
        """Deliver it. Raises :class:`NotDelivered`."""


Channels = Mapping[Channel, ChannelSender]


def run_once(
    channels: Channels, channel: Channel, clock: Clock, steady: Steady, spread: Spread = map
) -> Tally:
    """Deliver what is due on a channel; counts what was delivered, put off, dropped or given up.

    Whatever a delivery raises concerns that message alone: the try is counted, and the next message
    has its turn.
    """
    return process_due(_Outbox(channels, channel, clock), steady, spread)


class _Outbox:
    """The messages of a channel that wait to be delivered, as a queue."""

    name = "outbox"

    def __init__(self, channels: Channels, channel: Channel, clock: Clock) -> None:
        self._channels, self._channel = channels, channel
        self._clock, self._begun = clock, clock()

    def claim(self) -> int | None:
        with transaction():
            return outbox.claim_next(self._channel, self._begun, self._clock())

    def process(self, message_id: int) -> str:
        try:
            self._deliver(message_id)
        except NotDelivered as failure:
            return self._put_off(
                message_id, str(failure), again=not isinstance(failure, Undeliverable)
            )
        except NobodyToTell as reason:
            return self._drop(message_id, str(reason))
        with transaction():
            outbox.note(message_id, delivered_at=self._clock(), next_try_at=None)
        return "delivered"

    def set_aside(self, message_id: int, error: Exception) -> str:
        db.session.rollback()
        return self._put_off(message_id, f"defect: {type(error).__name__}")

    def is_temporary(self, error: Exception) -> bool:
        return availability.is_temporary(error)

    def _deliver(self, message_id: int) -> None:
        message = db.session.get_one(OutboxMessage, message_id, populate_existing=True)
        payment = message.payment
        _ = payment.order.lines  # read now: no transaction is open while delivering
        end_reading()
        sender = self._channels.get(message.channel)
        if sender is None:
            raise NotDelivered("this channel is not configured any more")
        names = payment.order_key, payment.reference
        with attending(f"send {message.kind}", *names, channel=message.channel):
            sender.deliver(message)

    def _drop(self, message_id: int, reason: str) -> str:
        """End a message that is neither delivered nor a dead letter: nobody need look at it."""
        with transaction():
            outbox.note(message_id, last_error=reason, next_try_at=None)
        return "dropped"

    def _put_off(self, message_id: int, reason: str, *, again: bool = True) -> str:
        now, why = self._clock(), redact_text(reason)[:200]
        with transaction():
            tries, in_time = outbox.tried(message_id, now)
            if again and in_time:
                pause = back_off(tries, FIRST_PAUSE, LONGEST_PAUSE)
                outbox.note(message_id, last_error=why, next_try_at=now + pause)
                return "put_off"
            outbox.note(message_id, last_error=why, given_up_at=now, next_try_at=None)
        return "given_up"


def try_again(
    now: datetime,
    *,
    key: str | None = None,
    channel: Channel | None = None,
    by: str | None = None,
) -> int:
    """Give dead letters their time back: one by its key, those of a channel, or all. Count them.

    ``by`` is who of the staff has asked for it, for the log.
    """
    chosen: list[ColumnElement[bool]] = [OutboxMessage.given_up_at.is_not(None)]
    chosen += [OutboxMessage.key == key] if key else []
    chosen += [OutboxMessage.channel == channel] if channel else []
    anew = {"given_up_at": None, "next_try_at": now, "give_up_at": now + outbox.LASTS, "tries": 0}
    with transaction():
        query = update(OutboxMessage).where(*chosen).values(anew)
        count = db.session.connection().execute(query).rowcount
        if by and count:
            log.note("sent_again", by, now, message=key or "all", count=count)
    return count
