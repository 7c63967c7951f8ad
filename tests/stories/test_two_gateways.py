"""One order, two gateways: a shopper changes their mind, and every Rial is in its place."""

from __future__ import annotations

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine.gateway import InquiryStatus, VerificationStatus
from payment_engine.states import PaymentState
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.mishaps import reconciled
from testkit.scenario import ScenarioDriver
from testkit.scenes import wallet_only
from tests.engine.gateway import ObedientGateway

pytestmark = wallet_only  # the card has its part in each of these stories
GATEWAYS = ("ppg", "wallet")


def paid_at_both(driver: ScenarioDriver, sandbox: SandboxWorld) -> tuple[int, dict[str, str]]:
    """An order with a live payment at each gateway, both paid. Gives the callbacks by gateway."""
    order_id = driver.place()
    pages = {name: str(driver.begin(order_id, name).redirect_url) for name in GATEWAYS}
    return order_id, {name: sandbox.pay(page) for name, page in pages.items()}


@pytest.mark.parametrize(("first", "second"), [GATEWAYS, GATEWAYS[::-1]])
def test_who_paid_at_both_is_captured_once_and_the_other_money_goes_home(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, first: str, second: str
) -> None:
    order_id, callbacks = paid_at_both(driver, sandbox)
    driver.come_back(callbacks[first])
    driver.come_back(callbacks[second])
    assert driver.order_state(order_id) is OrderState.PAID
    clock.advance(901)
    driver.worker_passes()
    states = {payment.gateway: payment.state for payment in driver.payments(order_id)}
    assert states == {first: PaymentState.PAID, second: PaymentState.EXPIRED}
    there = {order["gateway"]: order["state"] for order in sandbox.orders()}
    assert there == {first: "captured", second: "expired"}
    assert driver.stock() == (0, 2)


@pytest.mark.parametrize(("first", "second"), [GATEWAYS, GATEWAYS[::-1]])
def test_while_one_gateway_does_not_answer_a_verification_the_other_is_not_verified(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, first: str, second: str
) -> None:
    order_id, callbacks = paid_at_both(driver, sandbox)
    identifiers = {p.gateway: p.gateway_payment_id for p in driver.payments(order_id)}
    sandbox.behave("reset", operation="verify", order=identifiers[first])
    driver.come_back(callbacks[first])
    driver.come_back(callbacks[second])
    assert driver.order_state(order_id) is OrderState.PLACED
    verified = {seen["order_identifier"] for seen in sandbox.requests_seen(operation="verify")}
    assert verified == {identifiers[first]}
    clock.advance(61)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PAID
    assert [order["state"] for order in sandbox.orders()].count("captured") == 1


@pytest.mark.both_databases
def test_two_payments_that_are_asked_about_together_do_not_keep_each_other_out_for_ever(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    """While it is tried whether the unpaid one can be captured, the paid one has to wait."""
    unpaid = ObedientGateway()
    unpaid.says, unpaid.verifies = InquiryStatus.IN_PROGRESS, VerificationStatus.FAILED
    driver.gateway = "ppg"
    driver.set_gateway(unpaid)
    driver.set_policy(
        redirect_hosts=(*driver.services.engine.services.policy.redirect_hosts, unpaid.host)
    )
    order_id = driver.place()
    driver.begin(order_id, "ppg")
    sandbox.pay_and_vanish(str(driver.begin(order_id, "wallet").redirect_url))

    def another_worker() -> None:
        if unpaid.asked[-1].operation == "verify":
            driver.worker_passes()

    unpaid.takes(another_worker)
    clock.advance(60)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.AWAITING_PAYER, PaymentState.PAID]


def test_who_was_declined_by_the_bank_pays_by_wallet(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id = driver.place()
    driver.come_back(sandbox.decline(str(driver.begin(order_id, "ppg").redirect_url)))
    driver.come_back(sandbox.pay(str(driver.begin(order_id, "wallet").redirect_url)))
    assert driver.states(order_id) == [PaymentState.FAILED, PaymentState.PAID]
    assert driver.order_state(order_id) is OrderState.PAID


def test_a_gateway_that_is_down_leaves_the_other_to_pay_at(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    sandbox.behave("error_500", operation="create")
    order_id = driver.place()
    with pytest.raises(Exception, match="create"):
        driver.begin(order_id, "ppg")
    driver.come_back(sandbox.pay(str(driver.begin(order_id, "wallet").redirect_url)))
    assert driver.states(order_id) == [PaymentState.INITIATED, PaymentState.PAID]


def test_the_same_cart_costs_the_same_rials_in_all_four_ledgers(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    """Ours and theirs, card and wallet: nobody has taken Toman for Rials."""
    bought = {name: driver.place() for name in GATEWAYS}
    for name, order_id in bought.items():
        driver.come_back(sandbox.pay(str(driver.begin(order_id, name).redirect_url)))
    ours = {name: driver.payments(order_id)[0] for name, order_id in bought.items()}
    theirs = {order["gateway"]: order for order in sandbox.orders()}
    amounts = [payment.amount_rials for payment in ours.values()]
    amounts += [order["amount_rials"] for order in theirs.values()]
    assert len(amounts) == 4
    assert len(set(amounts)) == 1
    assert {name: order["identifier"] for name, order in theirs.items()} == {
        name: payment.gateway_payment_id for name, payment in ours.items()
    }
    report = reconciled(driver)
    assert report.complete
    assert report.counts == {"there": 1, "here": 2, "asked": 1, "open": 0}
