"""Unpaid orders hold their stock for one window, however often somebody begins to pay."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import NotPayable, PaymentState, Standing
from storefront.notifications.outbox import Channel, Kind
from storefront.orders import expiry
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.scenes import other
from testkit.shopper import Shopper

WINDOW = 900  # seconds
LATEST = 600  # a new payment needs the last third


def begun_again(driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock) -> int:
    """An order whose shopper begins another payment as late as possible. Gives its id."""
    order_id, first_url = driver.send_shopper()
    clock.advance(LATEST)
    driver.come_back(sandbox.callback(first_url, "decline"))
    driver.begin(order_id)
    return order_id


def test_no_attempt_prolongs_the_hold(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    placed_at = clock.now()
    order_id = begun_again(driver, sandbox, clock)
    driver.begin(order_id, other(driver.gateway))
    ends = {payment.expires_at for payment in driver.payments(order_id)}
    assert ends == {placed_at + timedelta(seconds=WINDOW)}
    clock.advance(WINDOW - LATEST)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PLACED
    clock.advance(1)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.EXPIRED
    assert driver.stock() == (0, 0)


def test_who_pays_a_late_attempt_inside_the_hold_has_the_order_without_any_callback(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = begun_again(driver, sandbox, clock)
    sandbox.pay_and_vanish(str(driver.payments(order_id)[-1].redirect_url))
    clock.advance(WINDOW - LATEST + 1)
    with driver.in_the_shop() as services:
        expiry.expire_once(services)
    assert driver.order_state(order_id) is OrderState.PAID


def test_who_pays_after_the_hold_is_not_captured_and_gets_the_money_back(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    driver.set_channels([Channel.WEBHOOK])
    order_id = begun_again(driver, sandbox, clock)
    clock.advance(WINDOW - LATEST + 1)
    driver.worker_passes()
    late = driver.payments(order_id)[-1]
    driver.come_back(sandbox.callback(str(late.redirect_url)))
    assert driver.order_state(order_id) is OrderState.EXPIRED
    clock.advance(2 * WINDOW)
    driver.worker_passes()
    assert driver.states(order_id)[-1] is PaymentState.EXPIRED
    assert "captured" not in {order["state"] for order in sandbox.orders()}
    assert driver.notifications(order_id)[-1] is Kind.MONEY_RETURNED
    assert driver.stock() == (0, 0)


def test_a_gateway_that_does_not_answer_at_the_end_keeps_the_stock(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = begun_again(driver, sandbox, clock)
    sandbox.behave("reset", operation="inquiry", times=None)
    clock.advance(WINDOW - LATEST + 1)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PLACED
    assert driver.stock() == (2, 0)
    sandbox.forget_behaviours()
    clock.advance(60)
    driver.worker_passes()
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.EXPIRED


def test_a_gateway_that_may_not_be_asked_at_the_end_is_asked_ten_seconds_later(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = begun_again(driver, sandbox, clock)
    clock.advance(WINDOW - LATEST + 1)
    gateways = dict(driver.services.engine.gateways)
    driver.turn_gateways_off()
    driver.worker_passes()
    for name, gateway in gateways.items():
        driver.add_gateway(name, gateway)
    clock.advance(9.999)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PLACED
    assert driver.stock() == (2, 0)
    clock.advance(0.001)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.EXPIRED


def test_too_late_for_another_attempt_the_page_says_what_to_do(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, first_url = driver.send_shopper()
    clock.advance(LATEST + 1)
    driver.come_back(sandbox.callback(first_url, "decline"))
    with pytest.raises(NotPayable) as refusal:
        driver.begin(order_id)
    assert refusal.value.state is Standing.CLOSED
    page = Shopper(driver.app).open(f"/orders/{driver.token(order_id)}")
    assert page.heading == "It is too late to pay this order"
    assert not page.soup.select("form[action$='/pay']")
    assert (
        Shopper(driver.app, "fa").open(page.path).heading
        == "فرصت کافی برای پرداخت این سفارش نمانده است"
    )


def test_late_in_the_hold_an_open_payment_is_gone_on_with_and_no_other_is_offered(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    order_id, first_url = driver.send_shopper()
    clock.advance(WINDOW - 1)
    shopper = Shopper(driver.app)
    page = shopper.open(f"/orders/{driver.token(order_id)}")
    buttons = page.soup.select("form[action$='/pay'] button")
    assert [button.get("value") for button in buttons] == [driver.gateway]
    shopper.press("Continue to the gateway")
    assert shopper.sent_to == first_url


def test_a_cancelled_order_leads_to_no_gateway(driver: ScenarioDriver) -> None:
    order_id, _ = driver.send_shopper()
    driver.cancel(order_id)
    with pytest.raises(NotPayable) as refusal:
        driver.begin(order_id)
    assert refusal.value.state is Standing.CLOSED
