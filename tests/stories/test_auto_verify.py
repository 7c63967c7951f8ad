"""A terminal captures by itself: what the order cannot keep goes back to the payer exactly once."""

from __future__ import annotations

import pytest

from jibit_sandbox.core.callback import Callback
from jibit_sandbox.testing import SandboxWorld
from payment_engine import PaymentState, Refund, RefundMethod, RefundState
from storefront.notifications.outbox import Channel, Kind
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.mishaps import reconciled
from testkit.scenario import ScenarioDriver
from testkit.scenes import v3_only
from tests.stories.going_back import HOUR, MINUTE, price, purchase, time_passes, transferred

pytestmark = v3_only  # v2 and the wallet return what nobody verifies
WINDOW = 15 * MINUTE
LAST_ONE = {23: 1}  # the bundled goods have one piece of it


@pytest.fixture(autouse=True)
def _captures_by_itself(sandbox: SandboxWorld) -> None:
    sandbox.switch(v3_auto_verify=True, v3_refund=True)


@pytest.fixture(params=["transfer", "reversal"])
def way(request: pytest.FixtureRequest, sandbox: SandboxWorld) -> str:
    """How this merchant can return money."""
    way: str = request.param
    sandbox.switch(v3_reverse=way == "reversal")
    return way


def went_back(driver: ScenarioDriver, sandbox: SandboxWorld, order_id: int, way: str) -> Refund:
    """Check that the whole of its first payment went back once; return how."""
    (refund,) = driver.refunds(order_id)
    payment = driver.payments(order_id)[0]
    assert (refund.state, refund.automatic) == (RefundState.DONE, True)
    assert refund.amount_rials == payment.amount_rials
    transfers = transferred(sandbox, str(payment.gateway_payment_id))
    assert transfers == ([payment.amount_rials] if way == "transfer" else [])
    there = sandbox.order(str(payment.gateway_payment_id))["state"]
    assert there == ("captured" if way == "transfer" else "reversed")
    return refund


def paid_after_cancelling(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> tuple[int, Callback]:
    """An order that its shopper gave up and then paid in another tab."""
    order_id, switching_url = driver.send_shopper()
    driver.cancel(order_id)
    clock.advance(10)
    return order_id, sandbox.callback(switching_url)


def test_what_the_order_waits_for_is_paid_and_nothing_is_verified(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.callback(switching_url))
    assert driver.order_state(order_id) is OrderState.PAID
    assert driver.stock() == (0, 2)
    assert sandbox.requests_seen(operation="verify") == []
    assert driver.payments(order_id)[0].verifications_sent == 0
    assert driver.refunds(order_id) == []


def test_who_paid_and_vanished_has_the_order(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    clock.advance(61)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PAID


def test_what_was_paid_for_a_cancelled_order_goes_back_and_its_shopper_is_told(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, way: str
) -> None:
    driver.set_channels([Channel.WEBHOOK])
    order_id, callback = paid_after_cancelling(driver, sandbox, clock)
    driver.come_back(callback)
    assert driver.states(order_id) == [PaymentState.RETURNED]
    assert driver.order_state(order_id) is OrderState.CANCELLED
    time_passes(driver, clock, 2 * HOUR)
    refund = went_back(driver, sandbox, order_id, way)
    assert refund.reason == "captured by the gateway: the order cannot take it"
    assert driver.notifications(order_id) == [Kind.MONEY_RETURNED]
    assert driver.stock() == (0, 0)


@pytest.mark.long
@pytest.mark.one_case_in(2)
def test_what_was_paid_too_late_for_the_last_piece_goes_back(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, way: str
) -> None:
    late = driver.place(LAST_ONE)
    clock.advance(WINDOW - 5 * MINUTE)
    switching_url = str(driver.begin(late).redirect_url)
    clock.advance(5 * MINUTE + 1)  # our hold is over, and the gateway's own window is not
    driver.worker_passes()
    assert driver.order_state(late) is OrderState.EXPIRED
    another = driver.place(LAST_ONE)
    driver.come_back(sandbox.callback(str(driver.begin(another).redirect_url)))
    driver.come_back(sandbox.callback(switching_url))
    time_passes(driver, clock, 2 * HOUR)
    assert driver.order_state(another) is OrderState.PAID
    assert driver.refunds(another) == []
    went_back(driver, sandbox, late, way)


@pytest.mark.parametrize("first", ["ppg_v3", "wallet"])
def test_of_two_payments_of_an_order_one_is_kept_and_the_other_goes_back(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, first: str
) -> None:
    order_id, card_url = driver.send_shopper()
    wallet_url = str(driver.begin(order_id, "wallet").redirect_url)
    callbacks = {"ppg_v3": sandbox.callback(card_url), "wallet": sandbox.callback(wallet_url)}
    driver.come_back(callbacks.pop(first))
    driver.come_back(callbacks.popitem()[1])
    time_passes(driver, clock, 2 * HOUR)
    assert driver.order_state(order_id) is OrderState.PAID
    assert driver.stock() == (0, 2)
    if first == "wallet":
        assert driver.states(order_id) == [PaymentState.RETURNED, PaymentState.PAID]
        went_back(driver, sandbox, order_id, "transfer")
    else:
        assert driver.states(order_id) == [PaymentState.PAID, PaymentState.EXPIRED]
        assert driver.refunds(order_id) == []


@pytest.mark.one_case_in(2)
def test_captured_money_whose_order_was_paid_otherwise_goes_back_by_reconciliation(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, way: str
) -> None:
    order_id, card_url = driver.send_shopper()
    wallet_url = str(driver.begin(order_id, "wallet").redirect_url)
    driver.come_back(sandbox.callback(wallet_url))
    sandbox.pay_and_vanish(card_url)
    report = reconciled(driver)
    assert report.open_discrepancies == []
    time_passes(driver, clock, 2 * HOUR)
    went_back(driver, sandbox, order_id, way)


def test_another_amount_than_was_asked_for_goes_back_as_the_gateway_names_it(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("inquiry_other_amount", amount=5_000_000, times=None)
    driver.come_back(sandbox.callback(switching_url))
    assert driver.states(order_id) == [PaymentState.RETURNED]
    assert driver.refunds(order_id)[0].reason == "captured by the gateway: amount_rials"
    time_passes(driver, clock, 2 * HOUR)
    assert transferred(sandbox, purchase(driver, order_id)) == [5_000_000]
    assert price(driver, order_id) != 5_000_000
    assert driver.order_state(order_id) is OrderState.EXPIRED


@pytest.mark.one_case_in(4)
@pytest.mark.parametrize("behaviour", ["reset_after_commit", "reset", "error_500"])
def test_whatever_becomes_of_the_answer_it_goes_back_once(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, way: str, behaviour: str
) -> None:
    operation = {"transfer": "refund", "reversal": "reverse"}[way]
    sandbox.behave(behaviour, operation=operation)
    order_id, callback = paid_after_cancelling(driver, sandbox, clock)
    driver.come_back(callback)
    time_passes(driver, clock, 3 * HOUR)
    refund = went_back(driver, sandbox, order_id, way)
    assert refund.method is (RefundMethod.REFUND if way == "transfer" else RefundMethod.REVERSE)


@pytest.mark.long
def test_a_merchant_without_money_is_waited_for(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    sandbox.switch(v3_refund_balance="refused")
    order_id, callback = paid_after_cancelling(driver, sandbox, clock)
    driver.come_back(callback)
    time_passes(driver, clock, HOUR)
    (refund,) = driver.refunds(order_id)
    assert (refund.state, refund.last_failure) == (RefundState.REQUESTED, "balances.not_enough")
    sandbox.switch(v3_refund_balance="enough")
    time_passes(driver, clock, 3 * HOUR)
    went_back(driver, sandbox, order_id, "transfer")
