"""A payment whose create was not answered and that recovery has found in the gateway's list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from payment_engine import GatewayUnavailable, Payment, PaymentEngine, PaymentState
from payment_engine.testing import ScriptedGateway
from testkit.clock import MovingClock
from tests.engine.workers import create_tables, engine_on


@pytest.fixture
def gateway() -> ScriptedGateway:
    return ScriptedGateway()


@pytest.fixture
def engine(tmp_path: Path, gateway: ScriptedGateway, clock: MovingClock) -> Iterator[PaymentEngine]:
    database = create_engine(f"sqlite:///{tmp_path}/payments.sqlite3")
    create_tables(database)
    yield engine_on(database, gateway, gateway.host, clock=clock.now, monotonic=clock.steady)
    database.dispose()


def begin(engine: PaymentEngine) -> Payment:
    return engine.begin(order_key="1", amount_rials=1000, payer_mobile="09121234567")


def test_nobody_is_sent_to_a_payment_without_a_page(
    engine: PaymentEngine, gateway: ScriptedGateway, clock: MovingClock
) -> None:
    """After a clock that was set back, such a payment is found with its window still open."""
    gateway.lose_answer("open")
    with pytest.raises(GatewayUnavailable):
        begin(engine)
    clock.advance(15 * 60)
    engine.recover_once()
    (found,) = engine.payments_of("1")
    assert (found.state, found.redirect_url) == (PaymentState.AWAITING_PAYER, None)
    clock.set_by(-5 * 60)
    payment = begin(engine)
    assert payment.id != found.id
    assert payment.redirect_url is not None
