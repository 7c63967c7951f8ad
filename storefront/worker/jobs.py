"""Run the jobs on a schedule; each does one pass and counts what it did.

Run as many as you like; what one has taken, the others leave.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock, Semaphore
from typing import Any, NoReturn

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app
from sqlalchemy import JSON, Index, String, delete
from sqlalchemy.orm import Mapped, mapped_column

from payment_engine import recovery
from payment_engine.recovery import Spread, Tally
from storefront.core.clock import ClockWatch
from storefront.core.database import Model, db, transaction
from storefront.core.services import Services, current_services
from storefront.notifications import dispatcher
from storefront.notifications.outbox import Channel
from storefront.orders import expiry

logger = logging.getLogger(__name__)

KEPT = timedelta(days=7)  # how long runs are remembered


class WorkerRun(Model):
    """One run of a job: when, and what it counted; ``error`` names what stopped it."""

    __tablename__ = "worker_runs"
    __table_args__ = (Index("ix_worker_runs_job_started_at", "job", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    error: Mapped[str | None] = mapped_column(String(200))


def refresh_tokens(services: Services) -> Tally:
    """Renew every gateway's tokens before they expire."""
    return services.engine.refresh_tokens_once()


def recover_payments(services: Services, spread: Spread = map) -> Tally:
    """Ask about payments whose callback never came."""
    return recovery.ask_due(services.engine.services, spread)


def expire_orders(services: Services, spread: Spread = map) -> Tally:
    """Look up creates that were not answered, then expire orders that nobody paid in time."""
    looked_up = recovery.look_up_due(services.engine.services, spread)
    return {**looked_up, **expiry.expire_once(services)}


def reconcile(services: Services) -> Tally:
    """Compare the gateways' ledgers with ours when that is due."""
    return services.engine.reconcile_when_due()


def send_emails(services: Services) -> Tally:
    """Send the e-mails to shoppers that are due."""
    return dispatcher.run_once(current_app.extensions["channels"], Channel.EMAIL, services.clock)


def send_webhooks(services: Services) -> Tally:
    """Make the calls to the merchant's systems that are due; a slow mail server delays none."""
    return dispatcher.run_once(current_app.extensions["channels"], Channel.WEBHOOK, services.clock)


JOBS: dict[str, Callable[..., Tally]] = {
    "refresh_tokens": refresh_tokens,
    "recover_payments": recover_payments,
    "expire_orders": expire_orders,
    "send_emails": send_emails,
    "send_webhooks": send_webhooks,
    "reconcile": reconcile,
}
SPREAD_OUT = ("recover_payments", "expire_orders")  # these ask about payments in parallel
RECONCILE_SECONDS = 600  # how often the worker checks whether a reconciliation is due
LOOK_SECONDS = 1  # how often the clock is checked for having been set


def run_job(app: Flask, name: str, *spread: Spread) -> Tally:
    """Run one job once and keep what it counted; an unexpected error is kept and logged."""
    with app.app_context():
        services = current_services()
        started, counts, error = services.clock(), Tally(), None
        try:
            counts = JOBS[name](services, *spread)
        except Exception as caught:
            logger.exception("%s stopped", name)
            error = f"{type(caught).__name__}"
        _keep(WorkerRun(job=name, started_at=started, counts=counts, error=error), services.clock())
    return counts


def _keep(run: WorkerRun, now: datetime) -> None:
    run.finished_at = now
    with transaction():
        db.session.add(run)
        db.session.execute(delete(WorkerRun).where(WorkerRun.started_at < now - KEPT))


def run(app: Flask) -> None:
    """Run every job at every tick until SIGTERM or Ctrl-C.

    Questions that are on their way are finished first.
    """
    # A pass that takes longer than a tick is normal: the next tick goes on where it ended.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler, stop = BackgroundScheduler(timezone="UTC"), Stop()
    # A handler that stops the scheduler itself could wait for a lock that it has interrupted.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    threads = app.config["WORKER_THREADS"]
    for bulkhead in app.extensions["services"].engine.services.bulkheads.values():
        bulkhead.widen(threads)
    with ThreadPoolExecutor(threads * len(SPREAD_OUT)) as pool:
        spread = on_threads(app, pool, threads, stop)
        for name in JOBS:
            scheduler.add_job(
                run_job,
                "interval",
                args=[app, name, *([spread] if name in SPREAD_OUT else [])],
                seconds=RECONCILE_SECONDS
                if name == "reconcile"
                else app.config["WORKER_TICK_SECONDS"],
                id=name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,  # a late run is better than none
                next_run_time=datetime.now().astimezone(),
            )
        try:
            scheduler.start()
            _follow_the_clock(scheduler, app.extensions["services"])
        except KeyboardInterrupt:
            stop.ask()
            if scheduler.running:
                scheduler.shutdown(wait=False)


def _follow_the_clock(scheduler: BackgroundScheduler, services: Services) -> NoReturn:
    """Run every job at once whenever the clock was set; jobs run on threads of their own.

    The scheduler waits until the wall clock shows a job's next time: after the clock was set back
    by an hour, nothing would run for an hour.
    """
    watch = ClockWatch(services.clock, services.steady)
    while True:
        time.sleep(LOOK_SECONDS)
        if step := watch.step():
            seconds = step.total_seconds()
            logger.warning("the clock was set by %+.0f s: every job runs now", seconds)
            for job in scheduler.get_jobs():
                job.modify(next_run_time=services.clock())  # wakes the scheduler, too


class Stop:
    """Whether the worker was asked to stop. Whoever is handing something over ends that first."""

    def __init__(self) -> None:
        self._lock, self._asked = Lock(), False

    def ask(self) -> None:
        """From now on nothing new is begun."""
        with self._lock:
            self._asked = True

    @contextmanager
    def held_off(self) -> Iterator[bool]:
        """Nobody asks meanwhile; whether nobody has yet, so that something may be begun."""
        with self._lock:
            yield not self._asked


def on_threads(app: Flask, pool: ThreadPoolExecutor, threads: int, stop: Stop) -> Spread:
    """Work like `map`, on so many of the pool's threads, each step with a session of its own.

    The next payment is taken when a thread is free for it; none is when it is time to stop.
    """

    def spread(step: Callable[[int], str], ids: Iterator[int]) -> list[str]:
        free, running = Semaphore(threads), []

        def in_context(payment_id: int) -> str:
            try:
                with app.app_context():
                    return step(payment_id)
            finally:
                free.release()

        while free.acquire():
            with stop.held_off() as go_on:
                payment_id = next(ids, None) if go_on else None
                if payment_id is None:
                    break
                running.append(pool.submit(in_context, payment_id))
        return [each.result() for each in running]

    return spread
