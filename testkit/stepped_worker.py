"""A worker on a machine whose clock is set back by an hour: `python -m testkit.stepped_worker`.

It runs `storefront.worker.jobs.run`, configured by its environment as `flask worker` is. At SIGUSR1
the machine's wall clock goes back by an hour, once per signal; the monotonic clock goes on, as it
does on a real machine. Two readers of the wall clock are given the stepped one, and neither is code
of the shop: the modules of APScheduler that ask `datetime.now()`, and `create_app(clock=...)`.

A drill starts it in the place of the worker, waits until its jobs have run, sends the signal and
looks whether they go on:

    Process([sys.executable, "-m", "testkit.stepped_worker"], environment, log)
    process.signal(signal.SIGUSR1)
"""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.executors import base as executors
from apscheduler.schedulers import base as schedulers
from apscheduler.triggers import interval as triggers

from storefront import create_app
from storefront.worker import jobs

STEP = timedelta(hours=-1)


class SteppedDatetime(datetime):
    """A datetime whose `now` is ``step`` away from the machine's."""

    step = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain one
        """Return the moment that the stepped clock shows."""
        return datetime.now(tz) + cls.step


def main() -> None:
    """Run the worker until SIGTERM."""
    for module in (executors, schedulers, triggers):
        module.datetime = SteppedDatetime
    signal.signal(signal.SIGUSR1, lambda *_: _set_back())
    jobs.run(create_app(clock=lambda: SteppedDatetime.now(UTC)))


def _set_back() -> None:
    SteppedDatetime.step += STEP


if __name__ == "__main__":
    main()
