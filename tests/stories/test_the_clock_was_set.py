"""The shop's clock is set while a payment is open; at the gateway its time runs on."""

from __future__ import annotations

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine.states import PaymentState
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver

MINUTES, HOUR, DAY = 60, 3600, 24 * 3600  # seconds
TICK = 30


@pytest.mark.parametrize("seconds", [14 * MINUTES, HOUR, DAY])
def test_who_paid_and_vanished_before_is_found_while_the_money_can_be_taken(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, seconds: int
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    clock.set_by(-seconds)
    for _ in range(14 * MINUTES // TICK):
        clock.advance(TICK)
        driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.PAID]
    assert driver.order_state(order_id) is OrderState.PAID
    assert sandbox.orders()[0]["state"] == "captured"


def test_an_order_is_looked_at_once_in_a_pass_also_when_its_hold_just_comes_into_reach(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    order_id, _ = driver.send_shopper()
    clock.set_by(-31 * MINUTES)  # and a minute's difference of two hosts' clocks is allowed
    driver.worker_passes()
    clock.advance(30 * MINUTES)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PLACED


def test_a_shopper_who_is_still_typing_is_asked_about_at_the_usual_pace(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    clock.set_by(-HOUR)
    asked = []
    for _ in range(6):
        asked.append(driver.worker_passes())
        clock.advance(TICK)
    assert asked == [{"awaiting_payer": 1}, {}] * 3
    driver.come_back(sandbox.callback(switching_url))
    assert driver.order_state(order_id) is OrderState.PAID


@pytest.mark.long
def test_who_pays_and_vanishes_after_the_clock_was_set_forward_is_found(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    """By the shop's clock the window is over, and nobody comes back to say otherwise."""
    order_id, switching_url = driver.send_shopper()
    clock.set_by(10 * HOUR)
    driver.worker_passes()
    sandbox.pay_and_vanish(switching_url)
    for _ in range(14 * MINUTES // TICK):
        clock.advance(TICK)
        driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PAID


def test_products_are_not_held_for_as_long_as_the_clock_was_set_back(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    order_id = driver.place()
    clock.set_by(-DAY)
    clock.advance(15 * MINUTES)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.EXPIRED
    assert driver.stock() == (0, 0)
