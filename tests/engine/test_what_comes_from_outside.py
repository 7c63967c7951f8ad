"""Names, keys and references that a database could not store are refused before it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from payment_engine import PaymentEngine, PaymentState, Standing
from payment_engine.testing import ScriptedGateway
from testkit.cases import naming
from testkit.databases import PostgresServer
from tests.engine.databases import empty_postgresql
from tests.engine.workers import create_tables, engine_on, paid_orders

LONG_NAME = "a-gateway-with-a-name-of-more-than-forty-characters-up-to-64-ok!"


@pytest.fixture(params=["sqlite", "postgresql"])  # one stores text of any length, one refuses it
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database with the engine's tables."""
    with ExitStack() as lent:
        url = f"sqlite:///{tmp_path}/payments.sqlite3"
        if request.param == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres_server")
            url = lent.enter_context(empty_postgresql(server, tmp_path))
        database = create_engine(url)
        create_tables(database)
        yield database
        database.dispose()


@pytest.fixture
def gateway() -> ScriptedGateway:
    return ScriptedGateway(LONG_NAME)


@pytest.fixture
def engine(database: Engine, gateway: ScriptedGateway) -> PaymentEngine:
    return engine_on(database, gateway, gateway.host)


def test_a_gateway_with_a_long_name_takes_payments(
    engine: PaymentEngine, gateway: ScriptedGateway, database: Engine
) -> None:
    assert len(LONG_NAME) == 64
    payment = engine.begin(order_key="k" * 64, amount_rials=1, payer_mobile="09121234567")
    callback = gateway.pay(str(payment.gateway_payment_id))
    assert engine.handle_callback(payment.reference, callback).payment.state is PaymentState.PAID
    assert engine.reconcile_once().complete
    assert engine.services.store.tokens(LONG_NAME + "-0123456789ab").try_lease(1) is not None
    assert paid_orders(database) == ["k" * 64]


def test_a_gateway_with_an_impossible_name_is_refused_at_once(database: Engine) -> None:
    for name in ("", "x" * 65, "two\nlines", "\x00"):
        with naming(name), pytest.raises(ValueError, match="name"):
            engine_on(database, ScriptedGateway(name), "gateway.test")


def test_an_impossible_order_key_is_refused_at_once(engine: PaymentEngine) -> None:
    for order_key in ("", "k" * 65, "\x00", "\ud800"):
        with naming(order_key), pytest.raises(ValueError, match="order_key"):
            engine.begin(order_key=order_key, amount_rials=1, payer_mobile="09121234567")


def test_an_impossible_amount_is_refused_at_once(engine: PaymentEngine) -> None:
    for amount in (0, -1, 2**63, 1.5, True):
        with naming(amount):
            with pytest.raises(ValueError, match="amount_rials"):
                engine.begin(
                    order_key="1",
                    amount_rials=amount,  # type: ignore[arg-type]  # wrong on purpose
                    payer_mobile="09121234567",
                )
            assert engine.state_of("1") is Standing.OPEN


def test_the_smallest_and_the_largest_amount_can_be_paid(engine: PaymentEngine) -> None:
    for amount in (1, 2**63 - 1):
        payment = engine.begin(
            order_key=f"of {amount}", amount_rials=amount, payer_mobile="09121234567"
        )
        assert payment.amount_rials == amount


def test_a_callback_with_an_impossible_reference_is_nobodys(engine: PaymentEngine) -> None:
    for reference in ("", "unknown", "x" * 10_000, "\x00", "\ud800"):
        with naming(reference), pytest.raises(LookupError):
            engine.handle_callback(reference, {})
