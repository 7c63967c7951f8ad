"""The gateway's staff moves on what was over; a person of the shop decides what becomes of it."""

from __future__ import annotations

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import PaymentState, RefundMethod, RefundState
from payment_engine.discrepancies import Kind
from storefront.notifications.outbox import Channel
from storefront.notifications.outbox import Kind as Notification
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.mishaps import A_DAY, reconciled
from testkit.scenario import ScenarioDriver
from testkit.scenes import v3_only
from tests.sandbox.v3_merchant import V3Merchant
from tests.stories.going_back import (
    HOUR,
    command,
    paid,
    price,
    purchase,
    requested,
    time_passes,
    transferred,
)

pytestmark = v3_only  # v2 and the wallet end a payment once
WEEKS = 3 * 7 * A_DAY
LAST_ONE = {23: 1}  # the bundled goods have one piece of it


def given_up(
    driver: ScenarioDriver,
    sandbox: SandboxWorld,
    clock: MovingClock,
    action: str = "decline",
    pieces: dict[int, int] | None = None,
) -> int:
    """An order that is over here, as its payment is at the gateway. Gives its id."""
    order_id = driver.place(pieces) if pieces else driver.place()
    driver.set_channels([Channel.WEBHOOK])
    switching_url = str(driver.begin(order_id).redirect_url)
    if action == "decline":
        driver.come_back(sandbox.callback(switching_url, action))
    clock.advance(901)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.EXPIRED
    return order_id


def paid_after_all(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, order_id: int
) -> str:
    """Let the gateway's staff find its money, weeks later; return the number of what is found."""
    clock.advance(WEEKS)
    assert reconciled(driver).complete
    sandbox.contradict(purchase(driver, order_id), "MANUALLY_SUCCESS")
    (row,) = reconciled(driver).open_discrepancies
    assert (row.kind, row.theirs["state"]) == (Kind.PAID_THERE_NOT_HERE, "MANUALLY_SUCCESS")
    return str(row.id)


def close(driver: ScenarioDriver, number: str, outcome: str) -> tuple[int, str]:
    words = ("--as", outcome, "--reason", "Jibit's support says so", "--by", "Sara")
    return command(driver, "reconciliation", "close", number, *words)


@pytest.mark.parametrize("ended", ["decline", "never paid"])
def test_what_turns_out_to_be_paid_weeks_later_is_paid_when_a_person_says_so(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, ended: str
) -> None:
    order_id = given_up(driver, sandbox, clock, ended)
    number = paid_after_all(driver, sandbox, clock, order_id)
    assert driver.order_state(order_id) is OrderState.EXPIRED
    assert driver.stock() == (0, 0)
    said = close(driver, number, "paid")
    assert said == (0, f"discrepancy {number} (paid_there_not_here) is closed\n")
    assert driver.states(order_id) == [PaymentState.PAID]
    assert driver.order_state(order_id) is OrderState.PAID
    assert driver.stock() == (0, 2)
    assert driver.notifications(order_id)[-1] is Notification.ORDER_PAID
    assert reconciled(driver).open_discrepancies == []


def test_an_order_that_still_waits_is_paid_and_takes_its_stock_once(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.callback(switching_url, "decline"))
    sandbox.contradict(purchase(driver, order_id), "MANUALLY_SUCCESS")
    (row,) = reconciled(driver).open_discrepancies
    assert driver.order_state(order_id) is OrderState.PLACED
    assert close(driver, str(row.id), "paid")[0] == 0
    assert driver.states(order_id) == [PaymentState.PAID]
    assert driver.order_state(order_id) is OrderState.PAID
    assert driver.stock() == (0, 2)


@pytest.mark.long
def test_it_is_not_paid_when_the_stock_is_gone_and_goes_back_instead(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    sandbox.switch(v3_refund=True)
    order_id = given_up(driver, sandbox, clock, pieces=LAST_ONE)
    another = driver.place(LAST_ONE)
    driver.come_back(sandbox.callback(str(driver.begin(another).redirect_url)))
    number = paid_after_all(driver, sandbox, clock, order_id)
    code, output = close(driver, number, "paid")
    assert (code, "cannot deliver this order any more" in output) == (1, True)
    assert driver.order_state(order_id) is OrderState.EXPIRED
    assert close(driver, number, "returned")[0] == 0
    assert driver.states(order_id) == [PaymentState.RETURNED]
    time_passes(driver, clock, 2 * HOUR)
    assert [refund.state for refund in driver.refunds(order_id)] == [RefundState.DONE]
    assert transferred(sandbox, purchase(driver, order_id)) == [price(driver, order_id)]
    assert driver.notifications(order_id)[-1] is Notification.MONEY_RETURNED
    assert driver.order_state(order_id) is OrderState.EXPIRED


def test_it_is_not_paid_when_the_order_was_paid_otherwise(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.callback(switching_url, "decline"))
    declined = purchase(driver, order_id)
    driver.come_back(sandbox.callback(str(driver.begin(order_id).redirect_url)))
    sandbox.contradict(declined, "MANUALLY_SUCCESS")
    (row,) = reconciled(driver).open_discrepancies
    code, output = close(driver, str(row.id), "paid")
    assert (code, output) == (
        1,
        "Error: another payment of this order is paid or being captured\n",
    )
    assert driver.states(order_id) == [PaymentState.FAILED, PaymentState.PAID]


def test_what_turns_out_to_be_returned_needs_nobody(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = given_up(driver, sandbox, clock)
    sandbox.contradict(purchase(driver, order_id), "REVERSED")
    clock.advance(A_DAY)
    assert reconciled(driver).open_discrepancies == []
    assert driver.order_state(order_id) is OrderState.EXPIRED


def test_a_paid_payment_that_was_reversed_at_the_gateway_is_refunded_when_a_person_says_so(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    sandbox.switch(v3_reverse=True, v3_refund=True)
    order_id = paid(driver, sandbox)
    merchant = V3Merchant(sandbox)
    merchant.generate()
    assert merchant.reverse(purchase(driver, order_id)).ok  # from another system
    clock.advance(WEEKS)
    (row,) = reconciled(driver).open_discrepancies
    assert (row.kind, row.theirs["state"]) == (Kind.PAID_HERE_NOT_THERE, "REVERSED")
    code, output = close(driver, str(row.id), "paid")
    assert (code, "cannot be decided as paid" in output) == (1, True)
    assert close(driver, str(row.id), "returned")[0] == 0
    (refund,) = driver.refunds(order_id)
    assert (refund.method, refund.state) == (RefundMethod.BY_HAND, RefundState.DONE)
    assert driver.order_state(order_id) is OrderState.REFUNDED
    assert transferred(sandbox, purchase(driver, order_id)) == []
    assert reconciled(driver).open_discrepancies == []


def test_what_the_shop_has_reversed_itself_is_no_discrepancy(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    sandbox.switch(v3_reverse=True)
    order_id = paid(driver, sandbox)
    requested(driver, order_id)
    clock.advance(A_DAY)
    assert driver.order_state(order_id) is OrderState.REFUNDED
    assert reconciled(driver).open_discrepancies == []


def test_a_decision_is_not_carried_out_once_the_gateway_says_something_else(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = given_up(driver, sandbox, clock)
    number = paid_after_all(driver, sandbox, clock, order_id)
    sandbox.behave("inquiry_failed", operation="inquiry")
    code, output = close(driver, number, "paid")
    assert (code, "the gateway says FAILED now" in output) == (1, True)
    sandbox.behave("error_500", operation="inquiry")
    code, output = close(driver, number, "paid")
    assert (code, "the gateway could not be asked" in output) == (1, True)
    assert driver.states(order_id) == [PaymentState.FAILED]
    assert close(driver, number, "noted")[0] == 0
    assert driver.states(order_id) == [PaymentState.FAILED]
