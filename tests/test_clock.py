"""The wall clock can be set at any time: intervals do not change, and the worker does not stop."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from storefront.core.clock import ClockWatch
from storefront.core.database import db
from storefront.monitoring.runs import WorkerRun
from testkit.clock import MovingClock
from testkit.processes import Process, wait_until
from testkit.settings import quiet_environment

STILL = timedelta()
SOME = 3  # runs of a job: one may have been on its way when the clock was set
TICK_SECONDS = 0.5


@pytest.fixture
def watch(clock: MovingClock) -> ClockWatch:
    return ClockWatch(clock.now, clock.steady)


def test_a_clock_that_only_runs_was_not_set(watch: ClockWatch, clock: MovingClock) -> None:
    for seconds in (0, 1, 24 * 3600):
        clock.advance(seconds)
        assert watch.step() == STILL


@pytest.mark.parametrize("seconds", [-3600, -3, 3, 3600])
def test_a_clock_that_was_set_is_noticed_once(
    watch: ClockWatch, clock: MovingClock, seconds: int
) -> None:
    clock.advance(1)
    clock.set_by(seconds)
    assert watch.step() == timedelta(seconds=seconds)
    clock.advance(1)
    assert watch.step() == STILL


def test_a_clock_that_is_corrected_little_by_little_was_not_set(
    watch: ClockWatch, clock: MovingClock
) -> None:
    for _ in range(10):
        clock.advance(1)
        clock.set_by(-2)
        assert watch.step() == STILL


@pytest.fixture
def worker(bare_app: Flask, tmp_path: Path) -> Iterator[Process]:
    """A worker on a clock that can be set."""
    environment = quiet_environment(
        DATABASE_URL=bare_app.config["DATABASE_URL"],
        PPG_BASE_URL=bare_app.config["PPG_BASE_URL"],
        WORKER_TICK_SECONDS=TICK_SECONDS,
    )
    command = [sys.executable, "-m", "testkit.stepped_worker"]
    process = Process(command, environment, tmp_path / "worker.log")
    process.start()
    yield process
    process.kill()


@pytest.mark.long
def test_a_worker_goes_on_when_the_clock_is_set_back_by_an_hour(
    bare_app: Flask, worker: Process, clock: MovingClock
) -> None:
    half_an_hour_ago = clock.now() - timedelta(minutes=30)
    wait_until(lambda: runs_of(bare_app)["recover_payments"] >= SOME, "it works")
    worker.signal(signal.SIGUSR1)

    def it_goes_on() -> bool:
        later = runs_of(bare_app, before=half_an_hour_ago)
        return later["recover_payments"] >= SOME and later["reconcile"] > 0

    wait_until(it_goes_on, "every job runs by the clock that was set back", patience=15)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert worker.output.count("the clock was set by -3600 s") == 1
    assert "Traceback" not in worker.output


def runs_of(app: Flask, before: datetime | None = None) -> Counter[str]:
    """Count the runs of each job, or those that began before a moment."""
    query = select(WorkerRun.job, func.count()).group_by(WorkerRun.job)
    if before is not None:
        query = query.where(WorkerRun.started_at < before)
    with app.app_context():
        return Counter(dict(db.session.execute(query).all()))
