"""The tokens in the database: one pair for all processes, one renewal at a time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from payment_engine.errors import CredentialsRefused
from payment_engine.gateway import Gateway
from payment_engine.tokens import StoredRefusals, StoredTokens, TokenStore
from testkit.clock import MovingClock
from testkit.cold_threads import THREADS
from testkit.processes import ROOT
from testkit.scenario import ScenarioDriver
from testkit.settings import at_gateways
from tests.client.documents import GENERATE, INQUIRY, ORDER, PAIR
from tests.client.scripted import ScriptedServer, says


@pytest.fixture
def store(app: Flask) -> TokenStore:
    tokens: TokenStore = app.extensions["services"].engine.services.store.tokens("ppg")
    return tokens


def pair(clock: MovingClock, name: str) -> StoredTokens:
    return StoredTokens(f"access-{name}", f"refresh-{name}", clock.now())


def test_a_pair_is_read_back_as_it_was_written(store: TokenStore, clock: MovingClock) -> None:
    assert store.read() is None
    fence = store.try_lease(30)
    assert fence is not None
    assert store.read() is None
    assert store.write(pair(clock, "1"), fence)
    assert store.read() == pair(clock, "1")


def test_only_one_holds_the_lease_until_it_is_released(store: TokenStore) -> None:
    fence = store.try_lease(30)
    assert fence is not None
    assert store.try_lease(30) is None
    store.release(fence)
    assert store.try_lease(30) is not None


def test_a_lease_runs_out_so_that_a_dead_process_blocks_nobody(
    store: TokenStore, clock: MovingClock
) -> None:
    store.try_lease(30)
    clock.advance(31)
    assert store.try_lease(30) is not None


def test_who_lost_the_lease_can_neither_write_nor_release(
    store: TokenStore, clock: MovingClock
) -> None:
    late = store.try_lease(30)
    clock.advance(31)
    current = store.try_lease(30)
    assert late is not None
    assert current is not None
    assert not store.write(pair(clock, "late"), late)
    store.release(late)
    assert store.try_lease(30) is None
    assert store.write(pair(clock, "current"), current)
    assert store.read() == pair(clock, "current")


def test_a_lease_from_before_the_clock_was_set_back_is_free(
    store: TokenStore, clock: MovingClock
) -> None:
    assert store.try_lease(30) is not None
    clock.set_by(-3600)
    assert store.try_lease(30) is not None
    assert store.try_lease(30) is None


def test_a_lease_given_by_a_clock_that_is_a_little_ahead_holds(
    store: TokenStore, clock: MovingClock
) -> None:
    assert store.try_lease(30) is not None
    clock.set_by(-5)
    assert store.try_lease(30) is None


def test_refusals_are_counted_without_a_lease_and_forgotten_with_the_next_pair(
    store: TokenStore, clock: MovingClock
) -> None:
    assert store.refusals() is None
    until = clock.now() + timedelta(seconds=1)
    store.note_refusal(until)
    store.note_refusal(until)
    assert store.refusals() == StoredRefusals(2, until)
    fence = store.try_lease(30)
    assert fence is not None
    assert store.refusals() == StoredRefusals(2, until)
    assert store.write(pair(clock, "1"), fence)
    assert store.refusals() is None


def test_a_pair_that_came_too_late_to_be_stored_forgets_no_refusal(
    store: TokenStore, clock: MovingClock
) -> None:
    late = store.try_lease(30)
    assert late is not None
    clock.advance(31)
    store.try_lease(30)
    store.note_refusal(clock.now())
    assert not store.write(pair(clock, "late"), late)
    assert store.refusals() == StoredRefusals(1, clock.now())


def ppg_of(app: Flask) -> Gateway:
    gateway: Gateway = app.extensions["services"].engine.gateways["ppg"]
    return gateway


def test_a_refusal_pauses_every_process_of_the_shop_and_a_pair_ends_it_for_all(
    another_shop: Callable[..., Flask],
    database_url: str,
    sandbox: SandboxWorld,
    clock: MovingClock,
) -> None:
    settings = {"DATABASE_URL": database_url, **at_gateways(sandbox)}
    web, worker = (ppg_of(another_shop(**settings)) for _ in range(2))
    sandbox.behave("generate_refused", gateway="ppg")
    for process in (web, worker):
        with pytest.raises(CredentialsRefused):
            process.keep_fresh()
    assert len(sandbox.requests_seen(operation="generate")) == 1
    clock.advance(1)
    assert worker.keep_fresh() is True
    assert web.keep_fresh() is False
    assert len(sandbox.requests_seen(operation="generate")) == 2


def test_the_nearest_deadline_is_that_of_the_next_payment_that_can_still_be_verified(
    app: Flask, clock: MovingClock
) -> None:
    driver = ScenarioDriver(app, "ppg")
    store = driver.services.engine.services.store
    assert store.nearest_deadline("ppg", clock.now()) is None
    driver.send_shopper()
    first = clock.now() + timedelta(seconds=900)
    clock.advance(60)
    driver.send_shopper()
    assert store.nearest_deadline("ppg", clock.now()) == first
    assert store.nearest_deadline("wallet", clock.now()) is None
    clock.advance(840)
    assert store.nearest_deadline("ppg", clock.now()) == first + timedelta(seconds=60)


def test_a_payment_that_is_over_sets_no_deadline(
    app: Flask, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    driver = ScenarioDriver(app, "ppg")
    store = driver.services.engine.services.store
    _, switching_url = driver.send_shopper()
    driver.come_back(sandbox.pay(switching_url))
    assert store.nearest_deadline("ppg", clock.now()) is None


@pytest.fixture
def gateway() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    server.on(GENERATE, says(PAIR))
    server.on(INQUIRY, says(ORDER))
    yield server
    server.stop()


def test_sixteen_cold_threads_in_two_processes_make_one_generate_call(
    gateway: ScriptedServer, database_url: str
) -> None:
    command = [sys.executable, "-m", "testkit.cold_threads", gateway.url + "/ppg/v2"]
    processes = [
        subprocess.Popen(
            [*command, database_url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0].split() for process in processes]
    assert answers == [["IN_PROGRESS"] * THREADS] * 2
    assert len(gateway.asked(GENERATE)) == 1
    assert len(gateway.asked(INQUIRY)) == 2 * THREADS
