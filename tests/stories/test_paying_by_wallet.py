"""What is different at the wallet: it tells unpaid, paid and captured apart, and it has no list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import GatewayUnavailable
from payment_engine.discrepancies import Closing, Kind
from payment_engine.gateway import Verification
from payment_engine.states import PaymentState
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.mishaps import failed_here_paid_there, paid_by_decision, reconciled
from testkit.scenario import SHOPPER, ScenarioDriver
from testkit.scenes import wallet_only
from tests.stories.relay import Relay

pytestmark = wallet_only
MINUTE = 60


def test_a_callback_that_says_purchased_is_a_rumour_until_the_inquiry_says_so_too(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, _ = driver.send_shopper()
    (payment,) = driver.payments(order_id)
    claim = f"orderId={payment.gateway_payment_id}&status=PURCHASE_BY_USER"
    driver.come_back(f"http://shop.example/payments/{payment.reference}/callback?{claim}")
    assert len(sandbox.requests_seen(operation="inquiry")) == 1
    assert sandbox.requests_seen(operation="verify") == []
    assert driver.states(order_id) == [PaymentState.AWAITING_PAYER]


def test_nobody_is_verified_while_still_typing(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    for _ in range(5):
        clock.advance(MINUTE)
        assert driver.worker_passes() == {"awaiting_payer": 1}
    assert sandbox.requests_seen(operation="verify") == []
    driver.come_back(sandbox.pay(switching_url))
    assert driver.order_state(order_id) is OrderState.PAID


def test_at_the_last_minute_too_who_vanished_is_paid_at_the_first_question(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    driver.set_policy(verify_without_callback=False)
    order_id, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    clock.advance(MINUTE)
    assert driver.worker_passes() == {"paid": 1}
    assert driver.order_state(order_id) is OrderState.PAID


@pytest.mark.parametrize(
    "lost",
    [
        "reset_after_commit",
        "error_500_after_commit",
        "truncated_json",
        "verify_unknown_after_commit",
        "verify_failed_after_commit",
    ],
)
def test_whatever_became_of_the_answer_a_captured_payment_is_paid_at_once(
    driver: ScenarioDriver, sandbox: SandboxWorld, lost: str
) -> None:
    """The inquiry says PURCHASE_CONFIRM_BY_MERCHANT: that was us."""
    order_id, switching_url = driver.send_shopper()
    sandbox.behave(lost, operation="verify")
    driver.come_back(sandbox.pay(switching_url))
    assert driver.order_state(order_id) is OrderState.PAID
    assert len(sandbox.requests_seen(operation="verify")) == 1
    assert driver.stock() == (0, 2)


@pytest.mark.parametrize("behaviour", ["reset", "verify_unknown", "verify_failed"])
def test_a_verification_that_captured_nothing_is_sent_again_until_it_does(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, behaviour: str
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.behave(behaviour, operation="verify", times=2)
    driver.come_back(sandbox.pay(switching_url))
    assert driver.states(order_id) == [PaymentState.IN_DOUBT]
    for _ in range(2):
        clock.advance(MINUTE)
        driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.PAID
    assert sandbox.orders()[0]["state"] == "captured"


class Otherwise(Relay):
    """Stands before a gateway: it takes the money, and repeats another amount."""

    def verify(self, gateway_payment_id: str, *, language: str = "fa") -> Verification:
        return replace(super().verify(gateway_payment_id, language=language), amount_rials=1)


def test_a_capture_that_repeats_another_amount_is_for_a_person(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    driver.set_gateway(Otherwise(driver.services.engine.gateways[driver.gateway]))
    driver.come_back(sandbox.pay(switching_url))
    assert driver.states(order_id) == [PaymentState.NEEDS_REVIEW]
    assert driver.order_state(order_id) is OrderState.PLACED
    assert driver.stock() == (2, 0)


@pytest.mark.parametrize(
    ("minutes", "state", "there"),
    [(15, PaymentState.EXPIRED, "expired"), (30, PaymentState.PAID, "captured")],
)
def test_a_worker_that_was_away_for_twenty_minutes_finds_the_money_gone_home_or_takes_it(
    driver: ScenarioDriver,
    sandbox: SandboxWorld,
    clock: MovingClock,
    minutes: int,
    state: PaymentState,
    there: str,
) -> None:
    """The document says 15 minutes in one place and 30 in another: the shop can live with both."""
    sandbox.switch(wallet_minutes=minutes)
    order_id, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    clock.advance(20 * MINUTE)
    driver.worker_passes()
    assert driver.states(order_id) == [state]
    assert sandbox.orders()[0]["state"] == there


def test_money_that_was_never_verified_is_back_in_the_wallet(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    before = sandbox.balance(SHOPPER.mobile)
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("inquiry_other_amount", times=None)
    driver.come_back(sandbox.pay(switching_url))
    assert sandbox.balance(SHOPPER.mobile) == before - driver.payments(order_id)[0].amount_rials
    clock.advance(15 * MINUTE + 1)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.EXPIRED]
    assert sandbox.balance(SHOPPER.mobile) == before


@pytest.mark.parametrize("lost", ["reset", "reset_after_commit"])
def test_a_create_whose_answer_was_lost_is_closed_without_a_list(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, lost: str
) -> None:
    """Whether it arrived, nobody can know; nobody was sent there, so nobody can have paid it."""
    order_id = driver.place()
    sandbox.behave(lost, operation="create")
    with pytest.raises(GatewayUnavailable):
        driver.begin(order_id)
    clock.advance(15 * MINUTE + 1)
    assert driver.worker_passes() == {"expired": 1, "orders_expired": 1}
    assert driver.history(order_id)[-2:] == ["nobody_was_sent_there", "order_expired"]
    assert sandbox.requests_seen(operation="inquiry") == []


def test_the_reconciliation_asks_about_every_payment_since_there_is_no_list(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    for _ in range(2):
        _, switching_url = driver.send_shopper()
        driver.come_back(sandbox.pay(switching_url))
    driver.send_shopper()
    report = reconciled(driver)
    assert report.complete
    assert report.counts == {"here": 3, "asked": 3, "open": 0}


def test_money_that_somebody_else_captured_is_found_at_once(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id = failed_here_paid_there(driver, sandbox)
    (payment,) = driver.payments(order_id)
    assert reconciled(driver).discrepancies == []  # paid and not captured: it is returned by itself
    driver.services.engine.gateways[driver.gateway].verify(str(payment.gateway_payment_id))
    (row,) = reconciled(driver).open_discrepancies
    assert row.kind is Kind.PAID_THERE_NOT_HERE
    assert row.theirs["state"] == "PURCHASE_CONFIRM_BY_MERCHANT"
    assert driver.states(order_id) == [PaymentState.FAILED]


def test_a_capture_that_we_were_never_told_of_is_mended_by_the_reconciliation(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("reset_after_commit", operation="verify")
    sandbox.behave("inquiry_unknown", operation="inquiry", times=2)
    driver.come_back(sandbox.pay(switching_url))
    assert driver.states(order_id) == [PaymentState.IN_DOUBT]
    (row,) = reconciled(driver).discrepancies
    assert (row.kind, row.how) == (Kind.PAID_THERE_NOT_HERE, Closing.MENDED)
    assert driver.states(order_id) == [PaymentState.PAID]


def test_a_capture_that_was_not_ours_is_for_a_person(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    (payment,) = driver.payments(order_id)
    callback = sandbox.pay(switching_url)
    driver.services.engine.gateways[driver.gateway].verify(str(payment.gateway_payment_id))
    driver.come_back(callback)
    assert driver.states(order_id) == [PaymentState.NEEDS_REVIEW]
    assert driver.order_state(order_id) is OrderState.PLACED


def test_what_only_we_call_paid_is_found(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    paid_by_decision(driver, sandbox, clock)
    (row,) = reconciled(driver).open_discrepancies
    assert row.kind is Kind.PAID_HERE_NOT_THERE
    assert row.theirs["state"] == "CANCEL_BY_SYSTEM"
