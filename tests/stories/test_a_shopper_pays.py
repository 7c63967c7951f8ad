"""A shopper pays: every ending that a payment can have when the browser comes back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import GatewayUnavailable, NotPayable, Standing
from payment_engine.errors import GatewayError, NoAnswer, NotSent, Refused
from payment_engine.states import PaymentState
from storefront.orders.checkout import EmptyCart
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.scenes import CREATES, DECLINED, card_only, other

LAST_ONE = 23  # the bundled goods have one piece of it


def test_who_pays_gets_a_paid_order_and_the_products_are_sold(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    assert driver.stock() == (2, 0)
    shown = driver.come_back(sandbox.callback(switching_url))
    assert shown is not None
    assert shown.id == order_id
    assert driver.order_state(order_id) is OrderState.PAID
    assert driver.stock() == (0, 2)
    (payment,) = driver.payments(order_id)
    assert payment.state is PaymentState.PAID
    assert payment.payer_card == sandbox.orders()[0]["payer_card"]
    assert sandbox.orders()[0]["state"] == "captured"
    assert sandbox.orders()[0]["amount_rials"] == payment.amount_rials


def test_the_history_tells_what_happened_from_top_to_bottom(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.callback(switching_url))
    assert driver.history(order_id) == [
        "order_placed",
        "payment_initiated",
        "payment_opened",
        "callback",
        "verifying",
        "payment_paid",
    ]


def test_who_declines_may_pay_again_for_the_same_order(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.callback(switching_url, "decline"))
    assert driver.states(order_id) == [DECLINED[driver.gateway]]
    assert driver.order_state(order_id) is OrderState.PLACED
    second = driver.begin(order_id)
    driver.come_back(sandbox.callback(str(second.redirect_url)))
    assert driver.states(order_id) == [DECLINED[driver.gateway], PaymentState.PAID]
    assert driver.order_state(order_id) is OrderState.PAID


def test_who_cancels_keeps_the_order_and_pays_nothing(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.callback(switching_url, "cancel"))
    assert driver.states(order_id) == [PaymentState.FAILED]
    assert driver.order_state(order_id) is OrderState.PLACED


def test_the_same_checkout_key_gives_the_same_order(driver: ScenarioDriver) -> None:
    first, second = driver.check_out("double-click"), driver.check_out("double-click")
    assert first.id == second.id
    assert driver.stock() == (2, 0)


@pytest.mark.both_databases
@pytest.mark.parametrize("pieces", [{1: 2}, {LAST_ONE: 1}], ids=["many left", "the last one"])
def test_eight_clicks_at_once_give_one_order_and_one_payment(
    driver: ScenarioDriver, sandbox: SandboxWorld, pieces: dict[int, int]
) -> None:
    together = threading.Barrier(8)

    def click(_: int) -> str:
        together.wait()
        try:
            return driver.check_out("impatient", pieces).order_key
        except NotPayable as refusal:  # another click's payment is being opened at this moment
            return refusal.order_key

    with ThreadPoolExecutor(8) as pool:
        clicked = set(pool.map(click, range(8)))
    assert clicked == {driver.number(order_id) for order_id in driver.orders()}
    assert len(clicked) == len(sandbox.orders()) == 1
    assert [driver.stock(product_id) for product_id in pieces] == [(n, 0) for n in pieces.values()]


def test_a_payment_that_is_still_open_is_gone_on_with(driver: ScenarioDriver) -> None:
    order_id, switching_url = driver.send_shopper()
    assert driver.begin(order_id).redirect_url == switching_url
    assert driver.states(order_id) == [PaymentState.AWAITING_PAYER]


def test_a_second_click_while_the_gateway_is_being_asked_waits(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id = driver.place()
    sandbox.behave("hold", operation="create")
    first = threading.Thread(target=driver.begin, args=[order_id])
    first.start()
    sandbox.wait_until_held()
    with pytest.raises(NotPayable) as refusal:
        driver.begin(order_id)
    assert refusal.value.state is Standing.OPENING
    sandbox.release()
    first.join()
    assert driver.states(order_id) == [PaymentState.AWAITING_PAYER]
    assert len(sandbox.orders()) == 1


def test_nothing_can_be_ordered_from_an_empty_cart(driver: ScenarioDriver) -> None:
    with pytest.raises(EmptyCart):
        driver.check_out("nothing", pieces={})


def test_a_paid_order_cannot_be_paid_again(driver: ScenarioDriver, sandbox: SandboxWorld) -> None:
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.callback(switching_url))
    with pytest.raises(NotPayable):
        driver.begin(order_id)
    assert len(sandbox.orders()) == 1


def test_a_refused_create_ends_the_attempt_and_keeps_the_order(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id = driver.place()
    sandbox.switch(merchant="inactive")
    with pytest.raises(GatewayUnavailable) as refusal:
        driver.begin(order_id)
    refused_as = {"ppg": "merchant.inactive", "ppg_v3": "client.not_active", "wallet": "400"}
    cause = refusal.value.__cause__
    assert isinstance(cause, Refused)
    assert cause.codes == (refused_as[driver.gateway],)
    assert driver.states(order_id) == [PaymentState.FAILED]
    assert driver.order_state(order_id) is OrderState.PLACED


@pytest.mark.parametrize(
    "behaviour",
    ["reset", "reset_after_commit", "error_500_after_commit", "bad_gateway", "truncated_json"],
)
def test_an_unanswered_create_never_blocks_the_shopper(
    driver: ScenarioDriver, sandbox: SandboxWorld, behaviour: str
) -> None:
    order_id = driver.place()
    sandbox.behave(behaviour, operation="create", times=CREATES[driver.gateway])
    with pytest.raises(GatewayUnavailable) as trouble:
        driver.begin(order_id)
    assert isinstance(trouble.value.__cause__, NoAnswer)
    assert driver.states(order_id) == [PaymentState.INITIATED]
    second = driver.begin(order_id)
    driver.come_back(sandbox.callback(str(second.redirect_url)))
    assert driver.states(order_id) == [PaymentState.INITIATED, PaymentState.PAID]
    assert driver.order_state(order_id) is OrderState.PAID


def test_a_gateway_that_cannot_be_reached_was_certainly_not_told(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id = driver.place()
    sandbox.behave("error_500", operation="generate")
    with pytest.raises(GatewayUnavailable) as trouble:
        driver.begin(order_id)
    assert isinstance(trouble.value.__cause__, NotSent)
    assert driver.states(order_id) == [PaymentState.FAILED]


def test_the_shopper_is_sent_to_no_host_but_the_gateways(driver: ScenarioDriver) -> None:
    order_id = driver.place()
    driver.set_policy(redirect_hosts=("psp.example",))
    with pytest.raises(GatewayUnavailable, match="unknown host"):
        driver.begin(order_id)
    (payment,) = driver.payments(order_id)
    assert payment.state is PaymentState.FAILED
    assert payment.redirect_url is None


def test_an_unverified_payment_of_an_earlier_attempt_does_not_stop_a_late_one(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, _ = driver.send_shopper()
    second = driver.begin(order_id, other(driver.gateway))
    driver.come_back(sandbox.callback(str(second.redirect_url)))
    clock.advance(1801)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.EXPIRED, PaymentState.PAID]


@card_only  # the wallet's errors have no fingerprint
def test_errors_of_the_gateway_carry_its_fingerprint_into_the_history(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id = driver.place()
    sandbox.behave("error_500", operation="create", times=CREATES[driver.gateway])
    with pytest.raises(GatewayUnavailable) as trouble:
        driver.begin(order_id)
    failure = trouble.value.__cause__
    assert isinstance(failure, GatewayError)
    assert failure.fingerprint
    assert sandbox.requests_seen(fingerprint=failure.fingerprint)
    entry = driver.history_entries(order_id)[-1]
    assert entry.details["fingerprint"] == failure.fingerprint
