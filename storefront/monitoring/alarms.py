"""Watch the shop for what wants a person, and tell the merchant: the worker's part, and the web's.

The worker sees every alarm, but not that no worker runs. So each process that serves pages looks
once a minute whether one does, and tells the merchant itself if none has for some minutes.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from threading import Lock, Thread

from flask import Flask

from payment_engine.row_queue import Tally
from storefront.core.limits import current_limits
from storefront.core.services import Services
from storefront.monitoring import alarm_dispatcher, incidents
from storefront.monitoring.runs import last_run
from storefront.monitoring.status import LATE_JOB, SLIP, shop_status

logger = logging.getLogger(__name__)

LOOK_SECONDS = 60.0


def run_once(services: Services) -> Tally:
    """Note the alarms that there are, and send what is due, also if the first has failed."""
    try:
        alarms = shop_status(services).alarms
        counts = incidents.note(alarms, alarm_dispatcher.channels(), services.clock())
    finally:
        told = alarm_dispatcher.send_due(services)
    return dict(Counter(counts) + Counter(told))


class WorkerWatch:
    """Looks from a process that serves pages; keeps quiet for a minute after each look."""

    def __init__(self, app: Flask, services: Services) -> None:
        self._app, self._services = app, services
        self._next, self._lock = services.steady() + LOOK_SECONDS, Lock()
        self._teller: Thread | None = None

    def look(self) -> None:
        """Look, if it is time; never raises, as the page that was asked for has been made."""
        if not self._is_time():
            return
        try:
            with self._app.app_context():
                self._note()
        except Exception:  # whoever asked for a page has no part in it
            logger.exception("the worker could not be watched")

    def _is_time(self) -> bool:
        with self._lock:
            now = self._services.steady()
            due, self._next = now >= self._next, max(self._next, now + LOOK_SECONDS)
            return due

    def _note(self) -> None:
        now = self._services.clock()
        is_silent = worker_is_silent(now)
        alarms = {"jobs"} if is_silent else set()
        guards = self._services.engine.services.bulkheads.values()
        alarms |= {"breakers"} if any(each.breaker.state == "open" for each in guards) else set()
        alarms |= {"limits_down"} if current_limits().is_down else set()
        if alarms:
            incidents.note(alarms, alarm_dispatcher.channels(), now, ends=False)
        if is_silent:
            self._tell()

    def _tell(self) -> None:
        """Send on a thread of its own, one at a time: a mail server may take a minute."""
        if self._teller is None or not self._teller.is_alive():
            self._teller = Thread(target=self._tell_due, name="alarms", daemon=True)
            self._teller.start()

    def _tell_due(self) -> None:
        try:
            with self._app.app_context():
                alarm_dispatcher.send_due(self._services)
        except Exception:  # a thread of its own: nobody else would log it
            logger.exception("the merchant could not be told of an alarm")


def worker_is_silent(now: datetime) -> bool:
    """Return whether no job of any worker has ended within some minutes."""
    run = last_run()
    return run is None or not -SLIP <= now - run.finished_at <= LATE_JOB
