"""Give a job that must not run twice to one worker in each tick, over all hosts.

A turn is taken in one short write, so no connection is held while the job runs. The worker that
has it renews it at every tick for as long as its job lasts. One that dies in the middle renews
nothing: one tick passes, and at the next one another worker goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from flask import Flask
from sqlalchemy import String, and_, or_, update
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core import availability
from storefront.core.clock import SKEW
from storefront.core.database import INSERTS, Model, db, transaction
from storefront.core.services import current_services

logger = logging.getLogger(__name__)

# In ticks. A worker alone is never too early for its own next turn, though no tick is exact, and
# two whose ticks lie apart do not both get one.
OVER_AFTER = 0.75
# A worker that lives has renewed by then, also if two hosts' clocks differ by seconds.
DEAD_AFTER = 1.5


class JobTurn(Model):
    """When a job was begun last, or was still running, on any host."""

    __tablename__ = "job_turns"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    taken_at: Mapped[datetime]
    is_running: Mapped[bool]


def take(job: str, now: datetime, every: timedelta) -> bool:
    """Return whether the turn is ours: nobody has taken it in this tick, and nobody is at it.

    One that was taken in the future was taken before the clock was set back: it is over.
    """
    columns = JobTurn.__table__.c
    done = and_(columns.is_running.is_(False), columns.taken_at <= now - every * OVER_AFTER)
    dead = columns.taken_at <= now - every * DEAD_AFTER
    over = or_(done, dead, columns.taken_at > now + every + SKEW)
    values = {"taken_at": now, "is_running": True}
    insert = INSERTS[db.engine.dialect.name](JobTurn.__table__).values(job=job, **values)
    taken = insert.on_conflict_do_update(index_elements=["job"], set_=values, where=over)
    with transaction():
        return db.session.execute(taken.returning(columns.job)).scalar() is not None


def keep(job: str, begun: datetime, **values: Any) -> None:
    """Change our turn: that it lasts, or that it is done. One that somebody else took is not ours.

    So a host that slept for minutes and wakes up takes no turn away.
    """
    ours = update(JobTurn).where(JobTurn.job == job, JobTurn.taken_at == begun)
    with transaction():
        db.session.execute(ours.values(values))


class InTurn:
    """Does a job at those ticks of this worker at which the turn is its own."""

    def __init__(
        self, app: Flask, job: str, every: timedelta, do: Callable[[Flask, str], object]
    ) -> None:
        self._app, self._job, self._every, self._do = app, job, every, do
        self._doing = Lock()
        self._taken_at: datetime | None = None

    def tick(self) -> None:
        """Do the job if it is our turn; if it is still running here, renew the turn."""
        if not self._doing.acquire(blocking=False):
            self._ask(self._renew)
            return
        try:
            self._taken_at = None
            self._ask(self._take)
            if self._taken_at is not None:
                self._do(self._app, self._job)
                self._ask(self._end)
        finally:
            self._doing.release()

    def _take(self, now: datetime) -> None:
        if take(self._job, now, self._every):
            self._taken_at = now

    def _renew(self, now: datetime) -> None:
        if self._taken_at is not None:
            keep(self._job, self._taken_at, taken_at=now)
            self._taken_at = now

    def _end(self, _now: datetime) -> None:
        if self._taken_at is not None:
            keep(self._job, self._taken_at, is_running=False)

    def _ask(self, ask: Callable[[datetime], None]) -> None:
        """Ask the database; while it is away nobody has a turn."""
        with self._app.app_context():
            try:
                ask(current_services().clock())
            except availability.KINDS as error:
                if not availability.is_temporary(error):
                    raise
                why = availability.reason(error)
                logger.error("the turn of %s: %s", self._job, why)  # noqa: TRY400 - a line will do
