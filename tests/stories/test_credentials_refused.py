"""The gateway refuses good credentials for a while: payments are captured all the same."""

from __future__ import annotations

import pytest

from jibit_sandbox.testing import SandboxWorld
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver

WINDOW = 900  # seconds in which a payment can be verified


def tokens_die_and_none_are_given(sandbox: SandboxWorld, *, times: int | None) -> None:
    """Let the next question meet dead tokens, and the credentials be refused so often."""
    sandbox.behave("token_revoked", operation="inquiry")
    sandbox.behave("generate_refused", times=times)


def worker_passes_until_the_end(
    driver: ScenarioDriver, clock: MovingClock, seconds_left: int
) -> None:
    """Let the worker look every five seconds, and stop a moment before the payment's deadline."""
    for _ in range(seconds_left // 5 - 1):
        clock.advance(5)
        driver.worker_passes()


def assert_captured(driver: ScenarioDriver, sandbox: SandboxWorld, order_id: int) -> None:
    assert driver.order_state(order_id) is OrderState.PAID
    assert [order["state"] for order in sandbox.orders()] == ["captured"]


@pytest.mark.parametrize("seconds_left", [25, 40, 60])
def test_one_refusal_near_the_end_does_not_cost_the_payment(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, seconds_left: int
) -> None:
    order_id, switching_url = driver.send_shopper()
    clock.advance(WINDOW - seconds_left)
    tokens_die_and_none_are_given(sandbox, times=1)
    driver.come_back(sandbox.callback(switching_url))
    assert driver.order_state(order_id) is OrderState.PLACED
    worker_passes_until_the_end(driver, clock, seconds_left)
    assert_captured(driver, sandbox, order_id)


def test_credentials_that_were_refused_for_minutes_are_tried_in_time_for_the_payment(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    clock.advance(WINDOW - 400)
    tokens_die_and_none_are_given(sandbox, times=None)
    driver.come_back(sandbox.callback(switching_url))
    for _ in range(24):
        clock.advance(15)
        driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PLACED
    sandbox.forget_behaviours()
    worker_passes_until_the_end(driver, clock, seconds_left=40)
    assert_captured(driver, sandbox, order_id)


def test_a_second_after_one_shopper_met_a_refusal_another_ones_payment_is_captured(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    first, first_url = driver.send_shopper()
    second, second_url = driver.send_shopper()
    tokens_die_and_none_are_given(sandbox, times=1)
    driver.come_back(sandbox.callback(first_url))
    clock.advance(1)
    driver.come_back(sandbox.callback(second_url))
    assert driver.order_state(first) is OrderState.PLACED
    assert driver.order_state(second) is OrderState.PAID
