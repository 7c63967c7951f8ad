"""The worker sends what must go back, and finds what became of refunds that were not answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import PaymentState, Refund, RefundState
from storefront.orders.states import OrderState
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.databases import SqliteFiles
from testkit.scenario import ScenarioDriver
from testkit.settings import at_gateway
from tests.conftest import open_shop

HOUR = 3600


@pytest.fixture
def driver(
    sqlite_files: SqliteFiles, sandbox: SandboxWorld, clock: MovingClock, tmp_path: Path
) -> Iterator[ScenarioDriver]:
    """A shop that takes cards through PPG v3, whose account has refunds."""
    settings = at_gateway(sandbox, "ppg_v3")
    with (
        sqlite_files.fresh(tmp_path / "shop", stocked=True) as url,
        open_shop(url, sandbox, clock, **settings) as app,
    ):
        sandbox.switch(v3_refund=True)
        yield ScenarioDriver(app)


def refund_of(driver: ScenarioDriver, order_id: int) -> Refund:
    with driver.in_the_shop() as services:
        (refund,) = services.engine.refunds_of(driver.number(order_id))
    return refund


def test_a_refund_whose_answer_was_lost_is_found_by_the_worker(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    clock.advance(61)
    jobs.run_job(driver.app, "recover_payments")
    sandbox.behave("reset_after_commit", operation="refund")
    with driver.in_the_shop() as services:
        (payment,) = services.engine.payments_of(driver.number(order_id))
        services.engine.refund(payment.reference, reason="broken", by="Sara")
    assert refund_of(driver, order_id).state is RefundState.IN_DOUBT
    clock.advance(2 * HOUR)
    assert jobs.run_job(driver.app, "advance_refunds") == {"refund_done": 1}
    assert driver.order_state(order_id) is OrderState.REFUNDED


def test_the_worker_sends_back_what_the_gateway_captured_for_a_cancelled_order(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    sandbox.switch(v3_auto_verify=True)
    order_id, switching_url = driver.send_shopper()
    driver.cancel(order_id)
    sandbox.pay_and_vanish(switching_url)
    clock.advance(61)
    jobs.run_job(driver.app, "recover_payments")
    assert driver.states(order_id) == [PaymentState.RETURNED]
    assert jobs.run_job(driver.app, "advance_refunds") == {"refund_in_progress": 1}
    clock.advance(2 * HOUR)
    assert (
        driver.app.test_cli_runner()
        .invoke(args=["recover"])
        .output.startswith("asked: 1 refund_done")
    )
    assert refund_of(driver, order_id).state is RefundState.DONE
