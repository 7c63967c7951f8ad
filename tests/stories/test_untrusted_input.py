"""The callback proves nothing, and an answer about another price does not count."""

from __future__ import annotations

import pytest

from jibit_sandbox.core.callback import Callback
from jibit_sandbox.testing import SandboxWorld
from payment_engine.states import PaymentState
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.scenes import CALLBACKS, v2_only


def callback_for(
    driver: ScenarioDriver, order_id: int, identifier: str | None, *, success: bool = True
) -> Callback:
    """A forged callback in the gateway's words; None: it names no identifier."""
    (payment,) = driver.payments(order_id)
    words = CALLBACKS[driver.gateway]
    claim = {words.identifier: identifier} if identifier is not None else {}
    claim |= {words.state: words.success if success else words.failure, "amount": "1"}
    url = f"http://shop.example/payments/{payment.reference}/callback"
    if words.is_posted:
        return Callback(url, claim)
    return Callback(f"{url}?" + "&".join(f"{name}={value}" for name, value in claim.items()))


def captured(sandbox: SandboxWorld) -> list[str]:
    return [order["identifier"] for order in sandbox.orders() if order["state"] == "captured"]


def test_a_forged_success_pays_nothing(driver: ScenarioDriver, sandbox: SandboxWorld) -> None:
    order_id, _ = driver.send_shopper()
    identifier = sandbox.orders()[0]["identifier"]
    driver.come_back(callback_for(driver, order_id, identifier))
    assert driver.order_state(order_id) is OrderState.PLACED
    assert driver.states(order_id) == [PaymentState.AWAITING_PAYER]


def test_a_forged_failure_cancels_nothing(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    identifier = sandbox.orders()[0]["identifier"]
    forged = callback_for(driver, order_id, identifier, success=False)
    driver.come_back(forged)
    assert driver.states(order_id) == [PaymentState.AWAITING_PAYER]
    clock.advance(5)
    driver.come_back(sandbox.callback(switching_url))
    driver.come_back(forged)
    assert driver.order_state(order_id) is OrderState.PAID


def test_a_cheap_paid_order_does_not_settle_a_dear_one(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    cheap, cheap_url = driver.send_shopper()
    dear, _ = driver.send_shopper()
    paid_callback = sandbox.callback(cheap_url)
    cheap_identifier = driver.payments(cheap)[0].gateway_payment_id
    assert str(cheap_identifier) in str(paid_callback)
    assert driver.come_back(callback_for(driver, dear, cheap_identifier)) is None
    assert driver.order_state(dear) is OrderState.PLACED
    assert driver.order_state(cheap) is OrderState.PLACED
    driver.come_back(paid_callback)
    assert driver.order_state(cheap) is OrderState.PAID


@pytest.mark.parametrize("identifier", [None, "", "%00", "x" * 5000])
def test_who_does_not_know_the_identifier_is_shown_nothing(
    driver: ScenarioDriver, identifier: str | None
) -> None:
    order_id, _ = driver.send_shopper()
    assert driver.come_back(callback_for(driver, order_id, identifier)) is None


def test_who_paid_and_comes_back_without_the_identifier_is_found_within_a_minute(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    without = sandbox.pay(switching_url).partition("?")[0]
    clock.advance(30)
    assert driver.come_back(without) is None
    assert sandbox.requests_seen(operation="inquiry") == []
    clock.advance(30)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PAID


def test_an_unknown_reference_number_is_nobodys(driver: ScenarioDriver) -> None:
    with pytest.raises(LookupError):
        driver.come_back("http://shop.example/payments/unheard-of/callback?refnum=1")


def test_a_callback_that_comes_five_times_pays_once(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    callback = sandbox.callback(switching_url)
    for _ in range(5):
        shown = driver.come_back(callback)
        assert shown is not None
    assert driver.order_state(order_id) is OrderState.PAID
    assert driver.stock() == (0, 2)
    assert driver.history(order_id).count("payment_paid") == 1


@pytest.mark.parametrize(
    ("behaviour", "difference"),
    [
        ("inquiry_other_amount", "amount_rials"),
        ("inquiry_other_reference", "reference"),
    ],
)
def test_another_price_is_never_captured_and_the_money_goes_home(
    driver: ScenarioDriver,
    sandbox: SandboxWorld,
    clock: MovingClock,
    behaviour: str,
    difference: str,
) -> None:
    pay_with_edited_answers(driver, sandbox, clock, behaviour, difference)


@v2_only  # the wallet's answers name no currency, and v3's must name one
def test_another_currency_is_another_price(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    pay_with_edited_answers(driver, sandbox, clock, "inquiry_other_currency", "currency")


def pay_with_edited_answers(
    driver: ScenarioDriver,
    sandbox: SandboxWorld,
    clock: MovingClock,
    behaviour: str,
    difference: str,
) -> None:
    """The inquiry lies until the window is over; nothing is captured, and the goods are free."""
    order_id, switching_url = driver.send_shopper()
    sandbox.behave(behaviour, times=None)
    driver.come_back(sandbox.callback(switching_url))
    assert driver.states(order_id) == [PaymentState.IN_DOUBT]
    assert driver.history_entries(order_id)[-1].details["differences"][0] == difference
    clock.advance(901)
    driver.worker_passes()
    sandbox.forget_behaviours()
    clock.advance(61)
    driver.worker_passes()
    assert captured(sandbox) == []
    assert driver.states(order_id) == [PaymentState.EXPIRED]
    assert driver.order_state(order_id) is OrderState.EXPIRED
    assert driver.stock() == (0, 0)


def test_a_lie_that_stops_in_time_costs_the_shopper_nothing(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("inquiry_other_amount")
    driver.come_back(sandbox.callback(switching_url))
    clock.advance(61)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PAID
