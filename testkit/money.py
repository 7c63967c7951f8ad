"""Bring orders into the states that the back office's pages about money are about."""

from __future__ import annotations

from jibit_sandbox.testing import SandboxWorld
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver

A_DAY, TEN_MINUTES = 24 * 3600, 600


def paid_order(driver: ScenarioDriver, sandbox: SandboxWorld) -> int:
    """An order of two bowls and a cushion that was paid as it should be. Gives its id."""
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.callback(switching_url))
    assert driver.order_state(order_id) is OrderState.PAID
    return order_id


def order_in_review(driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock) -> int:
    """An order about whose payment the gateway said nothing for days; now it answers again."""
    order_id, _ = driver.send_shopper()
    sandbox.behave("error_500", operation="inquiry", times=None)
    for _ in range(2):
        clock.advance(A_DAY)
        driver.worker_passes()
    sandbox.forget_behaviours()
    return order_id


def hours_pass(driver: ScenarioDriver, clock: MovingClock, hours: int) -> None:
    """Let the worker look every ten minutes."""
    for _ in range(hours * 6):
        clock.advance(TEN_MINUTES)
        driver.worker_passes()


def transferred(driver: ScenarioDriver, sandbox: SandboxWorld, order_id: int) -> list[int]:
    """The Rials of each transfer to the payer that the gateway has taken."""
    identifier = str(driver.payments(order_id)[-1].gateway_payment_id)
    return [each["amount_rials"] for each in sandbox.transfers(identifier)]
