"""PPG v3 serves one list call of a merchant at a time: ours never meet each other."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from jibit_sandbox.testing import SandboxWorld
from payment_engine import PaymentEngine, Policy
from payment_engine.errors import TooManyRequests
from payment_engine.gateways.jibit_ppg_v3 import JibitPpgV3
from payment_engine.services import utc_now
from payment_engine.sqlalchemy_store import SqlAlchemyStore

DAY = timedelta(days=1)


@pytest.fixture
def world(running: SandboxWorld) -> SandboxWorld:
    return running.world(f"turns-{secrets.token_hex(6)}")


@pytest.fixture
def engines(world: SandboxWorld, tmp_path: Path) -> Iterator[list[PaymentEngine]]:
    """Two engines on one database, as in two processes."""
    url = f"sqlite:///{tmp_path}/turns.sqlite3"
    databases = [create_engine(url, connect_args={"timeout": 30}) for _ in range(2)]
    policy = Policy(
        callback_url="https://shop.example/{reference}",
        redirect_hosts={world.base_url.removeprefix("http://")},
    )
    yield [
        PaymentEngine(
            gateways=[
                JibitPpgV3(
                    base_url=world.ppg_v3_base_url,
                    api_key=world.api_key,
                    secret_key=world.secret_key,
                )
            ],
            store=SqlAlchemyStore(database).create_tables(),
            policy=policy,
        )
        for database in databases
    ]
    for database in databases:
        database.dispose()


def statuses_of_lists(world: SandboxWorld) -> list[int]:
    """Return the HTTP statuses of all list calls that came."""
    seen = world.requests_seen(gateway="ppg_v3")
    return [each["status"] for each in seen if each["path"].startswith("/ppg/v3/purchases?")]


def test_inquiries_and_reconciliations_of_all_processes_take_turns(
    engines: list[PaymentEngine], world: SandboxWorld
) -> None:
    payments = [
        engines[number % 2].begin(
            order_key=str(number), amount_rials=200_000, payer_mobile="09121234567"
        )
        for number in range(6)
    ]
    world.behave("delay", gateway="ppg_v3", operation="inquiry", times=None, seconds=0.05)

    def ask(number: int) -> None:
        gateway = engines[number % 2].gateways["ppg_v3"]
        gateway.inquire(str(payments[number % 6].gateway_payment_id))
        if number % 4 == 0:
            now = utc_now()
            assert len(list(gateway.payments_between(now - DAY, now + DAY))) == 6

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(16)))
    statuses = statuses_of_lists(world)
    assert len(statuses) >= 20
    assert set(statuses) == {200}


def test_a_call_that_another_system_kept_out_is_made_again(
    engines: list[PaymentEngine], world: SandboxWorld
) -> None:
    payment = engines[0].begin(order_key="1", amount_rials=200_000, payer_mobile="09121234567")
    gateway = engines[0].gateways["ppg_v3"]
    world.behave("too_many_requests", gateway="ppg_v3", operation="inquiry", times=2)
    assert gateway.inquire(str(payment.gateway_payment_id)).reference == payment.reference
    world.behave("too_many_requests", gateway="ppg_v3", operation="inquiry", times=None)
    with pytest.raises(TooManyRequests):
        gateway.inquire(str(payment.gateway_payment_id))
