"""A gateway that serves one inquiry at a time holds up its own payments, and no others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from payment_engine import PaymentEngine, Policy, Standing
from payment_engine.gateway import Inquiry
from payment_engine.sqlalchemy_store import SqlAlchemyStore
from payment_engine.testing import ScriptedGateway
from testkit.clock import MovingClock

SLOW_ONES, PATIENCE = 12, 10
MINUTE = 61


class Narrow(ScriptedGateway):
    """Answers no inquiry before it is told to; counts how many wait for it at once."""

    asks_at_once = 1

    def __init__(self) -> None:
        super().__init__("narrow")
        self.answers = threading.Event()
        self.waiting = self.most = 0
        self._lock = threading.Lock()

    def inquire(self, gateway_payment_id: str, *, language: str = "fa") -> Inquiry:
        with self._lock:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
        assert self.answers.wait(PATIENCE)
        with self._lock:
            self.waiting -= 1
        return super().inquire(gateway_payment_id, language=language)


class Wide(ScriptedGateway):
    """Tells when it is asked."""

    def __init__(self) -> None:
        super().__init__("wide")
        self.asked = threading.Event()

    def inquire(self, gateway_payment_id: str, *, language: str = "fa") -> Inquiry:
        self.asked.set()
        return super().inquire(gateway_payment_id, language=language)


@pytest.fixture
def gateways() -> tuple[Narrow, Wide]:
    return Narrow(), Wide()


@pytest.fixture
def engine(
    gateways: tuple[Narrow, Wide], clock: MovingClock, tmp_path: Path
) -> Iterator[PaymentEngine]:
    url = f"sqlite:///{tmp_path}/lanes.sqlite3"
    database = create_engine(url, connect_args={"timeout": PATIENCE})
    yield PaymentEngine(
        gateways=gateways,
        store=SqlAlchemyStore(database, clock=clock.now).create_tables(),
        policy=Policy(
            callback_url="https://shop.example/{reference}", redirect_hosts={ScriptedGateway.host}
        ),
        clock=clock.now,
        monotonic=clock.steady,
    )
    database.dispose()


def test_payments_of_other_gateways_do_not_wait_behind_those_of_a_narrow_one(
    engine: PaymentEngine, gateways: tuple[Narrow, Wide], clock: MovingClock
) -> None:
    narrow, wide = gateways
    keys = [f"slow-{number}" for number in range(SLOW_ONES)]
    for key in [*keys, "quick"]:
        name = "wide" if key == "quick" else "narrow"
        payment = engine.begin(
            order_key=key, amount_rials=200_000, payer_mobile="09121234567", gateway=name
        )
        (wide if key == "quick" else narrow).pay(str(payment.gateway_payment_id))
    clock.advance(MINUTE)
    with ThreadPoolExecutor(4) as pool, ThreadPoolExecutor(1) as worker:
        passing = worker.submit(engine.recover_once, pool.map)
        assert wide.asked.wait(PATIENCE), "the quick one is asked about while the others wait"
        assert narrow.waiting <= 2
        narrow.answers.set()
        assert passing.result(PATIENCE * 3)["paid"] == SLOW_ONES + 1
    assert narrow.most <= 2
    assert {engine.state_of(key) for key in [*keys, "quick"]} == {Standing.PAID}
