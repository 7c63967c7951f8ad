"""Store the runs of the worker's jobs, by which everybody sees whether a worker is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Index, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from payment_engine.row_queue import FAILED
from storefront.core.database import Model, db, transaction

KEPT = timedelta(days=7)  # how long runs are remembered
JOB_NAMES = (
    *("refresh_tokens", "recover_payments", "expire_orders", "advance_refunds"),
    *("send_emails", "send_sms", "send_webhooks", "raise_alarms", "reconcile"),
    *("erase_personal_data", "forget_carts"),
)


class WorkerRun(Model):
    """One run of a job: when, and what it counted; ``error`` names what stopped it."""

    __tablename__ = "worker_runs"
    __table_args__ = (Index("ix_worker_runs_job_id", "job", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    error: Mapped[str | None] = mapped_column(String(200))

    @property
    def trouble(self) -> str | None:
        """Return what was wrong: the error that stopped the run, or how many rows raised one."""
        failed = self.counts.get(FAILED, 0)
        return self.error or (f"{failed} × {FAILED}" if failed else None)


def keep(run: WorkerRun, now: datetime) -> None:
    """Store a run that ends now; forget those that are older than KEPT."""
    run.finished_at = now
    with transaction():
        db.session.add(run)
        db.session.execute(delete(WorkerRun).where(WorkerRun.started_at < now - KEPT))


def last_run(job: str | None = None) -> WorkerRun | None:
    """Return the run that was written last: of a job, or of any.

    By their times, runs from before the clock was set back would hide the later ones.
    """
    query = select(WorkerRun).order_by(WorkerRun.id.desc()).limit(1)
    return db.session.scalar(query.where(WorkerRun.job == job) if job else query)
