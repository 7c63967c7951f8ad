"""Keep a row for each alarm from when it begins until it has been away for some minutes.

The merchant is told once when it begins and once when it ends: a row for each and each channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column, relationship

from payment_engine.row_queue import Tally
from payment_engine.sqlalchemy_tables import one_of
from storefront.core.database import Model, db, transaction
from storefront.notifications.outbox import LASTS, Channel

AWAY = timedelta(minutes=5)  # an alarm that comes back sooner is the same incident
# What often ends by itself is told when it has lasted: a worker that begins has no runs yet, and a
# gateway that does not answer is asked again after half a minute.
LASTING = {
    "breakers": timedelta(minutes=5),
    "limits_down": timedelta(minutes=5),
    "jobs": timedelta(minutes=2),
}
KEPT = timedelta(days=90)  # from the end
MOST_SHOWN = 20
IS_OPEN = text("ended_at IS NULL")
INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class Event(StrEnum):
    """What is told about an incident."""

    RAISED = "alarm_raised"
    ENDED = "alarm_ended"


class Incident(Model):
    """One alarm (``name`` is of ``ShopStatus.alarms``), and the last time that it was seen.

    ``announced_at`` is None until it has lasted for as long as its kind must.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index(
            "ix_incidents_open_name",
            "name",
            unique=True,
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    announced_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)

    notices: Mapped[list[AlarmNotice]] = relationship(
        back_populates="incident", order_by="AlarmNotice.id"
    )


class AlarmNotice(Model):
    """What is told on one channel; done when ``told_at`` or ``given_up_at`` is set."""

    __tablename__ = "alarm_notices"
    __table_args__ = (UniqueConstraint("incident_id", "event", "channel"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    event: Mapped[Event] = mapped_column(one_of(Event, "event_known"))
    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel_known"))
    next_try_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    give_up_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))

    incident: Mapped[Incident] = relationship(back_populates="notices")


def note(
    alarms: Iterable[str], channels: Iterable[Channel], now: datetime, *, ends: bool = True
) -> Tally:
    """Note which alarms there are now, and what is to be told; count what began and ended.

    Who does not see every alarm says so with ``ends=False``: then no incident ends.
    """
    seen, told = frozenset(alarms), tuple(channels)
    if not seen and not _open_ids():
        return {}
    counts: Tally = {}
    with transaction():
        _see(seen, now)
        for incident in _open_ones(lock=True):
            if word := _advance(incident, seen, told, now, ends=ends):
                counts[word] = counts.get(word, 0) + 1
    return counts


def _see(names: frozenset[str], now: datetime) -> None:
    """Begin an incident for each alarm that has none, and note that the others are still there."""
    insert = INSERTS[db.engine.dialect.name]
    for name in sorted(names):
        row = insert(Incident).values(name=name, began_at=now, seen_at=now)
        db.session.execute(
            row.on_conflict_do_update(
                index_elements=["name"], index_where=IS_OPEN, set_={"seen_at": now}
            )
        )


def _advance(
    incident: Incident,
    seen: frozenset[str],
    channels: tuple[Channel, ...],
    now: datetime,
    *,
    ends: bool,
) -> str | None:
    # The clock may have been set back since.
    incident.began_at = min(incident.began_at, now)
    incident.seen_at = min(incident.seen_at, now)
    if ends and now - incident.seen_at >= AWAY:
        return _end(incident, channels, now)
    lasted = now - incident.began_at >= LASTING.get(incident.name, timedelta())
    if incident.announced_at is None and incident.name in seen and lasted:
        incident.announced_at = now
        _put(incident, Event.RAISED, channels, now)
        return "raised"
    return None


def _end(incident: Incident, channels: tuple[Channel, ...], now: datetime) -> str | None:
    """End an incident, and forget old ones; what was never told leaves nothing behind."""
    _forget(now - KEPT)
    if incident.announced_at is None:
        db.session.delete(incident)
        return None
    incident.ended_at = now
    _put(incident, Event.ENDED, channels, now)
    return "ended"


def _put(incident: Incident, event: Event, channels: tuple[Channel, ...], now: datetime) -> None:
    for channel in channels:
        incident.notices.append(
            AlarmNotice(event=event, channel=channel, next_try_at=now, give_up_at=now + LASTS)
        )


def _forget(before: datetime) -> None:
    old = select(Incident.id).where(Incident.ended_at < before)
    db.session.execute(delete(AlarmNotice).where(AlarmNotice.incident_id.in_(old)))
    db.session.execute(delete(Incident).where(Incident.ended_at < before))


def _open_ids() -> Sequence[int]:
    return db.session.scalars(select(Incident.id).where(Incident.ended_at.is_(None))).all()


def _open_ones(*, lock: bool) -> Sequence[Incident]:
    query = select(Incident).where(Incident.ended_at.is_(None)).order_by(Incident.id)
    query = query.with_for_update() if lock else query
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def open_incidents() -> Sequence[Incident]:
    """Return those that the merchant was told of and that go on, the oldest first."""
    return [each for each in _open_ones(lock=False) if each.announced_at is not None]


def past_incidents() -> Sequence[Incident]:
    """Return those that have ended last, the youngest first."""
    query = select(Incident).where(Incident.ended_at.is_not(None)).limit(MOST_SHOWN)
    return db.session.scalars(query.order_by(Incident.ended_at.desc(), Incident.id.desc())).all()
