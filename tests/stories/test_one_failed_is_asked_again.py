"""One FAILED of a gateway is not believed against a browser that says it has paid."""

from __future__ import annotations

from jibit_sandbox.testing import SandboxWorld
from payment_engine.states import PaymentState
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.scenes import DECLINED


def test_who_has_paid_is_captured_although_the_gateway_said_failed_once(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("inquiry_failed", operation="inquiry")
    driver.come_back(sandbox.callback(switching_url))
    assert driver.states(order_id) == [PaymentState.IN_DOUBT]
    clock.advance(5)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PAID
    assert sandbox.orders()[0]["state"] == "captured"


def test_failed_twice_is_believed(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("inquiry_failed", operation="inquiry", times=2)
    driver.come_back(sandbox.callback(switching_url))
    clock.advance(5)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.FAILED]


def test_who_was_declined_is_told_at_once_and_may_try_again(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.callback(switching_url, "decline"))
    assert driver.states(order_id) == [DECLINED[driver.gateway]]
    driver.begin(order_id)
    assert driver.order_state(order_id) is OrderState.PLACED
