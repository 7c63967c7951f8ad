"""Threads, processes, forks and asyncio: whoever meets at a payment, it is captured once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from jibit_sandbox.testing import SandboxWorld
from payment_engine import NotPayable, Payment, PaymentEngine, Returned
from payment_engine.gateway import InquiryStatus
from payment_engine.testing import ScriptedGateway
from testkit.clock import MovingClock
from testkit.forks import CONTEXT
from tests.engine.databases import empty_postgresql
from tests.engine.workers import (
    Shop,
    create_tables,
    engine_on,
    paid_orders,
    preloads,
    recovers,
)

pytestmark = pytest.mark.both_databases

PATIENCE = 30  # seconds; only a deadlock takes so long
ORDERS = [str(number) for number in range(6)]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/payments.sqlite3"
        return
    with empty_postgresql(request.getfixturevalue("postgres_server"), tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    database = create_engine(database_url, pool_size=20)
    create_tables(database)
    yield database
    database.dispose()


@pytest.fixture
def gateway() -> ScriptedGateway:
    return ScriptedGateway()


@pytest.fixture
def engine(database: Engine, gateway: ScriptedGateway, clock: MovingClock) -> PaymentEngine:
    return engine_on(database, gateway, gateway.host, clock=clock.now, monotonic=clock.steady)


@pytest.fixture
def world(running: SandboxWorld) -> SandboxWorld:
    return running.world(f"w{secrets.token_hex(6)}")


def begin(engine: PaymentEngine, order_key: str = "1") -> Payment:
    return engine.begin(order_key=order_key, amount_rials=1000, payer_mobile="09121234567")


def at_once(*calls: Callable[[], object]) -> None:
    with ThreadPoolExecutor(len(calls)) as threads:
        for done in [threads.submit(call) for call in calls]:
            done.result(PATIENCE)


# threads


def test_threads_that_press_the_button_together_open_one_payment(
    engine: PaymentEngine, gateway: ScriptedGateway
) -> None:
    def press() -> None:
        with suppress(NotPayable):  # while another one is opening it
            begin(engine)

    at_once(*[press] * 6)
    assert len(gateway.calls_of("open")) == 1


def test_threads_of_browsers_and_workers_capture_each_payment_once(
    engine: PaymentEngine, gateway: ScriptedGateway, database: Engine, clock: MovingClock
) -> None:
    payments = [begin(engine, order_key) for order_key in ORDERS]
    callbacks = [gateway.pay(str(each.gateway_payment_id)) for each in payments]
    clock.advance(60)

    def browsers() -> None:
        for payment, callback in zip(payments, callbacks, strict=True):
            assert engine.handle_callback(payment.reference, callback).knows_payment

    at_once(browsers, browsers, browsers, engine.recover_once, engine.recover_once)
    assert paid_orders(database) == ORDERS
    assert {row.status for row in gateway.rows.values()} == {InquiryStatus.CAPTURED}


def test_threads_that_meet_at_two_paid_attempts_capture_one(
    engine: PaymentEngine, gateway: ScriptedGateway, database: Engine, clock: MovingClock
) -> None:
    attempts = [begin(engine)]
    clock.advance(15 * 60)
    attempts.append(begin(engine))
    names = [str(each.gateway_payment_id) for each in attempts]
    callbacks = [gateway.pay(name) for name in names]
    browsers = [
        partial(engine.handle_callback, attempt.reference, callback)
        for attempt, callback in zip(attempts, callbacks, strict=True)
    ]
    at_once(*browsers * 4)
    assert paid_orders(database) == ["1"]
    assert len({call.about for call in gateway.calls_of("verify")}) == 1


# asyncio


def test_coroutines_call_the_engine_on_threads(
    engine: PaymentEngine, gateway: ScriptedGateway, database: Engine
) -> None:
    async def shopper(order_key: str) -> Returned:
        payment = await asyncio.to_thread(begin, engine, order_key)
        callback = gateway.pay(str(payment.gateway_payment_id))
        return await asyncio.to_thread(engine.handle_callback, payment.reference, callback)

    async def shoppers() -> list[Returned]:
        return await asyncio.gather(*map(shopper, ORDERS))

    with ThreadPoolExecutor(1) as fresh:  # a browser test may have left a loop in this thread
        returned = fresh.submit(asyncio.run, shoppers()).result()
    assert all(each.payment.is_final for each in returned)
    assert paid_orders(database) == ORDERS


# processes


@pytest.fixture
def vanished(world: SandboxWorld, database: Engine, database_url: str) -> Shop:
    """A shop whose payers have all paid, a minute ago, and never came back."""
    shop = Shop.at(world, database_url)
    engine = shop.engine(database)
    for order_key in ORDERS:
        world.pay_and_vanish(str(begin(engine, order_key).redirect_url))
    engine.gateways["ppg"].close()
    world.clock.advance(61)
    return replace(shop, later=timedelta(seconds=61))


def finished(*processes: BaseProcess) -> None:
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
    assert [process.exitcode for process in processes] == [0] * len(processes)


def test_processes_that_recover_together_capture_each_payment_once(
    vanished: Shop, world: SandboxWorld, database: Engine
) -> None:
    finished(*(CONTEXT.Process(target=recovers, args=(vanished,)) for _ in range(3)))
    assert paid_orders(database) == ORDERS
    assert len(world.requests_seen(operation="verify")) == len(ORDERS)


def test_an_engine_that_was_used_before_a_fork_works_in_all_processes(
    vanished: Shop, world: SandboxWorld, database: Engine
) -> None:
    finished(CONTEXT.Process(target=preloads, args=(vanished, 3)))
    assert paid_orders(database) == ORDERS
    assert len(world.requests_seen(operation="verify")) == len(ORDERS)
