"""Run the jobs on a schedule; each does one pass and counts what it did.

Run as many as you like, on as many hosts: what one has taken, the others leave. The jobs that share
rows run everywhere at once; those in IN_TURN run on one worker in each tick.
"""

from __future__ import annotations

import logging
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import NoReturn

from apscheduler.events import EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from flask import Flask, current_app

from payment_engine import recovery, refunding
from payment_engine.row_queue import LONGEST_PASS, Spread, Tally
from storefront.core import availability
from storefront.core.clock import ClockWatch
from storefront.core.database import db
from storefront.core.log_context import about, new_id
from storefront.core.services import Services, current_services
from storefront.monitoring import alarms, keys
from storefront.monitoring.runs import WorkerRun, keep
from storefront.notifications import dispatcher
from storefront.notifications.outbox import Channel
from storefront.orders import carts, drafts, expiry, privacy
from storefront.worker import wanted
from storefront.worker.threads import Stop, on_threads
from storefront.worker.turns import InTurn

logger = logging.getLogger(__name__)


def refresh_tokens(services: Services) -> Tally:
    """Renew every gateway's tokens before they expire."""
    return services.engine.refresh_tokens_once()


def recover_payments(services: Services, spread: Spread = map) -> Tally:
    """Ask about payments whose callback never came."""
    return recovery.ask_due(services.engine.services, spread)


def expire_orders(services: Services, spread: Spread = map) -> Tally:
    """Look up creates that were not answered, then expire orders that nobody paid in time."""
    looked_up = recovery.look_up_due(services.engine.services, spread)
    return dict(Counter(looked_up) + Counter(expiry.expire_once(services, spread)))


def advance_refunds(services: Services, spread: Spread = map) -> Tally:
    """Send the refunds that are due, or ask what became of them."""
    return refunding.advance_due(services.engine.services, spread)


def reconcile(services: Services) -> Tally:
    """Compare the gateways' ledgers with ours when that is due, or a person has asked for it."""
    asked = wanted.asked_for("reconcile")
    if asked is None:
        return services.engine.reconcile_when_due()
    report = services.engine.reconcile_once()
    wanted.carried_out(asked)
    return {**report.counts, "incomplete": int(not report.complete)}


def send_emails(services: Services, spread: Spread = map) -> Tally:
    """Send the e-mails to shoppers that are due."""
    return _send(services, Channel.EMAIL, spread)


def send_sms(services: Services, spread: Spread = map) -> Tally:
    """Send the text messages to shoppers that are due."""
    return _send(services, Channel.SMS, spread)


def send_webhooks(services: Services, spread: Spread = map) -> Tally:
    """Make the calls to the merchant's systems that are due; a slow mail server delays none."""
    return _send(services, Channel.WEBHOOK, spread)


def _send(services: Services, channel: Channel, spread: Spread) -> Tally:
    senders = current_app.extensions["channels"]
    return dispatcher.run_once(senders, channel, services.clock, services.steady, spread)


def raise_alarms(services: Services) -> Tally:
    """Note what wants a person and what does no more; tell the merchant."""
    return alarms.run_once(services)


def erase_personal_data(services: Services) -> Tally:
    """Erase the personal data of orders that have kept it for long enough."""
    return privacy.erase_due(services, privacy.policy_from(current_app.config))


def forget_carts(services: Services) -> Tally:
    """Forget carts that nobody has changed for a long time, and the codes typed for others."""
    drafts.forget_old_codes(services.clock())
    return carts.forget_old(services.clock())


JOBS: dict[str, Callable[..., Tally]] = {
    "refresh_tokens": refresh_tokens,
    "recover_payments": recover_payments,
    "expire_orders": expire_orders,
    "advance_refunds": advance_refunds,
    "send_emails": send_emails,
    "send_sms": send_sms,
    "send_webhooks": send_webhooks,
    "raise_alarms": raise_alarms,
    "reconcile": reconcile,
    "erase_personal_data": erase_personal_data,
    "forget_carts": forget_carts,
}
ASKING = ("recover_payments", "expire_orders")  # these ask on WORKER_THREADS threads each
# These work on a few: servers limit connections, and PPG v3 the inquiries at once.
SENDING = ("advance_refunds", "send_emails", "send_sms", "send_webhooks")
SENDERS = 4
# Two at once would tell the merchant twice, or ask a gateway twice for the same.
IN_TURN = ("refresh_tokens", "raise_alarms", "reconcile", "erase_personal_data", "forget_carts")
# How often, where it is not at every tick.
SECONDS = {"raise_alarms": 60.0}
LOOK_SECONDS = 1  # how often the clock is checked for having been set


def run_job(app: Flask, name: str, *spread: Spread) -> Tally:
    """Run one job once and keep what it counted; an unexpected error is kept and logged."""
    with app.app_context(), about(job=name, run_id=new_id()):
        services = current_services()
        started, counts, error = services.clock(), Tally(), None
        try:
            counts = JOBS[name](services, *spread)
        except Exception as caught:  # noqa: BLE001 - it is logged and stored
            db.session.rollback()
            _say_what_stopped(name, caught)
            error = f"{type(caught).__name__}"
        run = WorkerRun(job=name, started_at=started, counts=counts, error=error)
        _keep(run, services.clock())
    return counts


def _say_what_stopped(name: str, error: Exception) -> None:
    """Log a database that is away in a line: every job meets it at every tick."""
    if availability.is_temporary(error):
        logger.error("%s stopped: %s", name, availability.reason(error))
    else:
        logger.exception("%s stopped", name)


def _keep(run: WorkerRun, now: datetime) -> None:
    """Store a run; while the database is away its log line is all there is."""
    job = run.job
    try:
        keep(run, now)
    except availability.KINDS as error:
        if not availability.is_temporary(error):
            raise
        why = availability.reason(error)
        logger.error("the run of %s is not stored: %s", job, why)  # noqa: TRY400 - a line will do


def run(app: Flask) -> None:
    """Run every job at every tick until SIGTERM or Ctrl-C.

    Questions that are on their way are finished first.
    """
    # A pass that takes longer than a tick is normal: it skips ticks.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # A thread for each job, and one that renews the turn of each that may have one.
    own_threads = {"default": {"type": "threadpool", "max_workers": len(JOBS) + len(IN_TURN) + 1}}
    scheduler, stop = BackgroundScheduler(timezone="UTC", executors=own_threads), Stop()
    # A handler that stops the scheduler itself could wait for a lock that it has interrupted.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    threads = app.config["WORKER_THREADS"]
    services: Services = app.extensions["services"]
    scheduler.add_listener(
        lambda event: go_on(scheduler, event, services.clock()), EVENT_JOB_EXECUTED
    )
    for bulkhead in services.engine.services.bulkheads.values():
        bulkhead.widen(threads)
    shares = dict.fromkeys(ASKING, threads) | dict.fromkeys(SENDING, SENDERS)
    with ThreadPoolExecutor(sum(shares.values())) as pool:
        for name in JOBS:
            spread = [on_threads(app, pool, shares[name], stop)] if name in shares else []
            _schedule(scheduler, app, name, spread)
        _every(scheduler, "keys", partial(keys.look, app), keys.LOOK_SECONDS, services.clock())
        try:
            scheduler.start()
            _follow_the_clock(scheduler, services)
        except KeyboardInterrupt:
            stop.ask()
            if scheduler.running:
                scheduler.shutdown(wait=False)


def go_on(scheduler: BaseScheduler, event: JobExecutionEvent, now: datetime) -> None:
    """Run a job again at once after a pass that took as long as one may: more may be due.

    The ticks that came meanwhile were skipped, and the next one may be a whole tick away.
    """
    if now - event.scheduled_run_time >= LONGEST_PASS:
        scheduler.modify_job(event.job_id, next_run_time=now)


def _schedule(scheduler: BackgroundScheduler, app: Flask, name: str, spread: list[Spread]) -> None:
    seconds = SECONDS.get(name, app.config["WORKER_TICK_SECONDS"])
    now = app.extensions["services"].clock()
    if name in IN_TURN:
        turn = InTurn(app, name, timedelta(seconds=seconds), run_job)
        _every(scheduler, name, turn.tick, seconds, now, at_once=2)  # the second renews the turn
    else:
        _every(scheduler, name, partial(run_job, app, name, *spread), seconds, now)


def _every(
    scheduler: BackgroundScheduler,
    name: str,
    do: Callable[[], object],
    seconds: float,
    first_at: datetime,
    at_once: int = 1,
) -> None:
    scheduler.add_job(
        do,
        "interval",
        seconds=seconds,
        id=name,
        coalesce=True,
        max_instances=at_once,
        misfire_grace_time=None,  # a late run is better than none
        next_run_time=first_at,
    )


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
