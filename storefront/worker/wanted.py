"""Keep which jobs a person wants now, so that the worker does them at its next tick."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import INSERTS, Model, db, transaction


class WantedJob(Model):
    """A job that a person has asked for and that is not done yet; a job is there once."""

    __tablename__ = "wanted_jobs"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    by: Mapped[str] = mapped_column(String(40))
    wanted_at: Mapped[datetime]


def ask_for(job: str, by: str, now: datetime) -> None:
    """Have a job done soon; the caller's commit makes it true. Twice is no error."""
    insert = INSERTS[db.engine.dialect.name](WantedJob.__table__)
    values = {"job": job, "by": by, "wanted_at": now}
    db.session.execute(insert.values(values).on_conflict_do_nothing())


def asked_for(job: str) -> WantedJob | None:
    """Return what was asked for and is not done yet."""
    return db.session.get(WantedJob, job, populate_existing=True)


def carried_out(asked: WantedJob) -> None:
    """Forget what was asked for, after it was done: if the worker dies before, it is done again."""
    with transaction():
        db.session.execute(delete(WantedJob).where(WantedJob.job == asked.job))
