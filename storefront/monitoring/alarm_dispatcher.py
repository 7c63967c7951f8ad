"""Notify the merchant of incidents, by e-mail and webhook: at least once, again after a failure.

These rows are apart from the outbox: they refer to no payment, and no backlog of letters to
shoppers delays them. Any process may send them, since each row is leased.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from payment_engine.redaction import redact_text
from payment_engine.row_queue import Tally, back_off, process_due
from storefront.core import availability
from storefront.core.clock import SKEW, Clock
from storefront.core.database import db, end_reading, transaction
from storefront.core.queue import FIRST_PAUSE, LEASE, LONGEST_PAUSE, first_due
from storefront.core.services import Services
from storefront.monitoring import alarm_words
from storefront.monitoring.incidents import AlarmNotice, Event, Incident
from storefront.notifications.channels import mailer, webhook
from storefront.notifications.dispatcher import NotDelivered, Undeliverable
from storefront.notifications.letters import Letter, alarm_letter
from storefront.notifications.outbox import Channel


def channels() -> tuple[Channel, ...]:
    """Return the channels on which the merchant wants to be told."""
    by_mail = (Channel.EMAIL,) if current_app.config["ALARM_EMAILS"] else ()
    return by_mail + ((Channel.WEBHOOK,) if current_app.config["WEBHOOK_URL"] else ())


def send_due(services: Services) -> Tally:
    """Send what is due; counts what was told, put off or given up. No failure raises."""
    return process_due(_Notices(services.clock), services.steady)


class _Notices:
    """The notices that wait to be sent, as a queue."""

    name = "alarm_notices"

    def __init__(self, clock: Clock) -> None:
        self._clock, self._begun = clock, clock()

    def claim(self) -> int | None:
        with transaction():
            return _claim(self._begun, self._clock())

    def process(self, notice_id: int) -> str:
        try:
            _send(notice_id)
        except NotDelivered as failure:
            again = not isinstance(failure, Undeliverable)
            return self._put_off(notice_id, str(failure), again=again)
        with transaction():
            _write(notice_id, told_at=self._clock(), next_try_at=None, last_error=None)
        return "told"

    def set_aside(self, notice_id: int, error: Exception) -> str:
        db.session.rollback()
        return self._put_off(notice_id, f"defect: {type(error).__name__}", again=True)

    def is_temporary(self, error: Exception) -> bool:
        return availability.is_temporary(error)

    def _put_off(self, notice_id: int, reason: str, *, again: bool) -> str:
        now, why = self._clock(), redact_text(reason)[:200]
        with transaction():
            notice = db.session.get_one(AlarmNotice, notice_id, populate_existing=True)
            notice.last_error, notice.next_try_at = why, None
            if again and now < notice.give_up_at:
                notice.next_try_at = now + back_off(notice.tries, FIRST_PAUSE, LONGEST_PAUSE)
                return "put_off"
            notice.given_up_at = now
        return "given_up"


def _claim(begun: datetime, now: datetime) -> int | None:
    due = select(AlarmNotice.id).order_by(AlarmNotice.next_try_at, AlarmNotice.id)
    farthest = now + LEASE + SKEW
    columns = (AlarmNotice.next_try_at, AlarmNotice.tries)
    notice_id = first_due(due, *columns, begun, farthest_first=farthest)
    if notice_id is not None:
        _write(notice_id, next_try_at=now + LEASE, tries=AlarmNotice.tries + 1)
    return notice_id


def _write(notice_id: int, **values: Any) -> None:
    db.session.execute(update(AlarmNotice).where(AlarmNotice.id == notice_id).values(values))


def _send(notice_id: int) -> None:
    """Send one, without a transaction. Raises NotDelivered."""
    notice = db.session.get_one(AlarmNotice, notice_id, populate_existing=True)
    incident, key = notice.incident, _key(notice)
    end_reading()
    if notice.channel not in channels():
        raise Undeliverable("this channel is not configured any more")
    if notice.channel is Channel.WEBHOOK:
        webhook().call(_body(key, notice.event, incident))
    else:
        receivers = current_app.config["ALARM_EMAILS"]
        mailer().write(_letter(notice.event, incident), receivers, key)


def _key(notice: AlarmNotice) -> str:
    """Return the same in every try; SQLite may give a number again, so it has the time, too."""
    announced_at = notice.incident.announced_at
    seconds = int(announced_at.timestamp()) if announced_at else 0
    return f"{notice.event}:{notice.incident_id}-{seconds}:{notice.channel}"


def _letter(event: Event, incident: Incident) -> Letter:
    url = current_app.config["PUBLIC_URL"] + "/admin"
    words = alarm_words.in_both_languages(incident.name)
    return alarm_letter(event, words, incident.began_at, incident.ended_at, url)


def _body(key: str, event: Event, incident: Incident) -> dict[str, Any]:
    """Return what the webhook receives; ``order_number`` is there, as in every other event."""
    ended_at = incident.ended_at if event is Event.ENDED else None
    return {
        "id": key,
        "event": event.value,
        "at": (ended_at or incident.announced_at or incident.began_at).isoformat(),
        "order_number": None,
        "alarm": incident.name,
        "title": alarm_words.in_both_languages(incident.name)["en"].title,
        "began_at": incident.began_at.isoformat(),
        "ended_at": ended_at.isoformat() if ended_at else None,
    }
