"""Many workers on one database: what must not be done twice is done by one of them in each tick."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine

from drills.ledgers import rows
from storefront import create_app
from storefront.devserver.main import flask_command
from storefront.worker.jobs import IN_TURN, JOBS
from storefront.worker.turns import InTurn
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.databases import PostgresServer
from testkit.processes import Process, wait_until
from testkit.settings import quiet_environment, quiet_settings
from tests.conftest import give_back_connections

TICK = timedelta(seconds=15)
pytestmark = pytest.mark.both_databases


class Host:
    """A worker on a host whose clock is so much ahead."""

    def __init__(self, url: str, clock: MovingClock, ahead: float = 0) -> None:
        self.clock, self._ahead, self.done = clock, timedelta(seconds=ahead), 0
        self.meanwhile: Callable[[], object] = int
        settings = quiet_settings(DATABASE_URL=url)
        self.app = create_app(settings, clock=self._now, steady=clock.steady)
        self._turn = InTurn(self.app, "raise_alarms", TICK, self._do)

    def _now(self) -> datetime:
        return self.clock.now() + self._ahead

    def _do(self, _app: Flask, _job: str) -> None:
        self.done += 1
        self.meanwhile()

    def tick(self) -> int:
        """Return how often it did the job at this tick."""
        before = self.done
        self._turn.tick()
        return self.done - before


class Killed(Exception):
    """As good as kill -9: nothing is written afterwards."""


def _dies() -> None:
    raise Killed


@pytest.fixture
def hosts(database_url: str, clock: MovingClock) -> Iterator[tuple[Host, Host]]:
    both = Host(database_url, clock), Host(database_url, clock, ahead=5)
    yield both
    for host in both:
        give_back_connections(host.app)


def test_one_of_two_workers_has_the_turn_in_each_tick(hosts: tuple[Host, Host]) -> None:
    one, other = hosts
    for number in range(4):
        with naming(number):
            assert one.tick() + other.tick() == 1
            one.clock.advance(4)
            assert other.tick() == 0, "between two ticks"
            one.clock.advance(11.5)


def test_when_the_one_with_the_turn_dies_one_tick_passes_and_the_other_goes_on(
    hosts: tuple[Host, Host],
) -> None:
    dead, other = hosts
    dead.meanwhile = _dies
    with pytest.raises(Killed):
        dead.tick()
    for done in (0, 0, 1):
        assert other.tick() == done
        other.clock.advance(TICK.total_seconds())
    assert other.tick() == 1


def test_a_job_that_lasts_for_some_ticks_keeps_its_turn(hosts: tuple[Host, Host]) -> None:
    one, other = hosts

    def three_ticks() -> None:
        for _ in range(3):
            one.clock.advance(12)
            assert other.tick() == 0
            one.clock.advance(3)
            one.tick()

    one.meanwhile = three_ticks
    assert one.tick() == 1
    assert other.tick() == 0
    one.clock.advance(TICK.total_seconds())
    assert other.tick() == 1


def test_a_host_that_slept_through_its_turn_takes_none_away(hosts: tuple[Host, Host]) -> None:
    sleeper, other = hosts

    def sleep() -> None:
        sleeper.clock.advance(600)
        assert other.tick() == 1
        sleeper.clock.advance(1)
        sleeper.tick()

    sleeper.meanwhile = sleep
    assert sleeper.tick() == 1
    other.clock.advance(TICK.total_seconds() - 1)
    assert other.tick() == 1


def test_a_clock_that_was_set_back_delays_nothing(hosts: tuple[Host, Host]) -> None:
    one, _ = hosts
    assert one.tick() == 1
    one.clock.advance(-3600)
    assert one.tick() == 1
    assert one.tick() == 0


@pytest.mark.long
def test_two_real_workers_do_each_of_these_jobs_once_in_a_tick(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    """Of those that share rows both do their part; then one is killed, and the other goes on."""
    with postgres_server.fresh(tmp_path, stocked=True) as url:
        settings = quiet_environment(
            DATABASE_URL=url, PPG_BASE_URL="http://127.0.0.1:9", WORKER_TICK_SECONDS=1
        )
        engine = create_engine(url)
        workers = [
            Process(flask_command("worker"), settings, tmp_path / f"{number}.log")
            for number in range(2)
        ]

        def runs() -> Counter[str]:
            return Counter(row["job"] for row in rows(engine, "SELECT job FROM worker_runs"))

        try:
            for worker in workers:
                worker.start()
            wait_until(lambda: runs()["send_emails"] >= 16, "eight ticks have passed")
            counted = runs()
            for job in set(IN_TURN) - {"raise_alarms"}:
                with naming(job):
                    assert counted[job] <= counted["send_emails"] / 2 + 3
            assert counted["raise_alarms"] == 1
            workers[0].kill()
            wait_until(
                lambda: all(
                    runs()[job] >= counted[job] + 2 for job in set(JOBS) - {"raise_alarms"}
                ),
                "the other one goes on",
            )
        finally:
            for worker in workers:
                worker.kill()
            engine.dispose()
