"""Two live attempts for one order: one is captured, the other one's money is returned."""

from __future__ import annotations

import pytest

from jibit_sandbox.core.callback import Callback
from jibit_sandbox.testing import SandboxWorld
from payment_engine import GatewayUnavailable, NotPayable, Standing
from payment_engine.states import PaymentState
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.scenes import CREATES, other, v2_only
from testkit.shopper import Shopper


def both_paid(driver: ScenarioDriver, sandbox: SandboxWorld) -> tuple[int, list[Callback]]:
    """The shopper pays in two tabs, at one gateway and at the other."""
    order_id, first_url = driver.send_shopper()
    second_url = str(driver.begin(order_id, other(driver.gateway)).redirect_url)
    return order_id, [sandbox.callback(first_url), sandbox.callback(second_url)]


def test_of_two_paid_attempts_one_is_captured_and_one_goes_home(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, callbacks = both_paid(driver, sandbox)
    for callback in callbacks:
        driver.come_back(callback)
    assert driver.order_state(order_id) is OrderState.PAID
    states = [order["state"] for order in sandbox.orders()]
    assert states == ["captured", "paid"]
    clock.advance(1801)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.PAID, PaymentState.EXPIRED]
    assert [order["state"] for order in sandbox.orders()] == ["captured", "expired"]
    assert driver.stock() == (0, 2)


@v2_only  # the others' inquiries know what became of a capture
def test_while_one_capture_is_unanswered_no_other_is_tried(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, callbacks = both_paid(driver, sandbox)
    first = sandbox.orders()[0]["identifier"]
    sandbox.behave("reset_after_commit", operation="verify", order=first)
    driver.come_back(callbacks[0])
    driver.come_back(callbacks[1])
    assert driver.order_state(order_id) is OrderState.PLACED
    verified = {seen["order_identifier"] for seen in sandbox.requests_seen(operation="verify")}
    assert verified == {first}


@v2_only  # the others' inquiries do not lag: they have a word for captured
@pytest.mark.parametrize("behaviour", ["verify_unknown_after_commit", "unknown_status"])
def test_a_capture_that_was_answered_unclearly_keeps_the_claim_whatever_is_said_later(
    driver: ScenarioDriver, sandbox: SandboxWorld, behaviour: str
) -> None:
    order_id, callbacks = both_paid(driver, sandbox)
    first = sandbox.orders()[0]["identifier"]
    sandbox.behave(behaviour, operation="verify", order=first)
    sandbox.behave("inquiry_in_progress", order=first, times=None)  # their inquiry lags behind
    sandbox.switch(verify_again="Failed")
    for callback in (callbacks[0], callbacks[0], callbacks[1]):
        driver.come_back(callback)
    assert [order["state"] for order in sandbox.orders()] == ["captured", "paid"]
    assert driver.states(order_id)[0] is PaymentState.IN_DOUBT


def test_no_other_attempt_is_begun_while_money_may_have_moved(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("reset", operation="verify")
    driver.come_back(sandbox.callback(switching_url))
    with pytest.raises(NotPayable) as refusal:
        driver.begin(order_id)
    assert refusal.value.state is Standing.CONFIRMING


def test_an_order_is_tried_three_times_and_then_lets_its_products_go(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = driver.place()
    for _ in range(3):
        driver.come_back(sandbox.callback(str(driver.begin(order_id).redirect_url), "decline"))
    with pytest.raises(NotPayable):
        driver.begin(order_id)
    page = Shopper(driver.app).open(f"/orders/{driver.token(order_id)}")
    assert "tried as many times as" in page.text
    assert "Pay again" not in page.text
    clock.advance(901)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.EXPIRED
    assert driver.stock() == (0, 0)


def test_a_live_third_attempt_is_gone_on_with(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id = driver.place()
    for _ in range(2):
        driver.come_back(sandbox.callback(str(driver.begin(order_id).redirect_url), "decline"))
    third = driver.begin(order_id).redirect_url
    assert driver.begin(order_id).redirect_url == third


def test_an_orphan_and_its_successor_never_meet(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = driver.place()
    sandbox.behave("reset_after_commit", operation="create", times=CREATES[driver.gateway])
    with pytest.raises(GatewayUnavailable):
        driver.begin(order_id)
    driver.come_back(sandbox.callback(str(driver.begin(order_id).redirect_url)))
    clock.advance(901)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.EXPIRED, PaymentState.PAID]
    assert sorted(order["state"] for order in sandbox.orders()) == ["captured", "expired"]
