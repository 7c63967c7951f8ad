"""A merchant returns money: once, never more than was paid, and whatever becomes of an answer."""

from __future__ import annotations

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import RefundMethod, RefundState
from payment_engine.gateway import Gateway, RefundRequest, RefundSeen
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.scenes import v3_only
from tests.sandbox.v3_merchant import V3Merchant
from tests.stories.going_back import (
    HOUR,
    MINUTE,
    WHY,
    command,
    paid,
    price,
    purchase,
    requested,
    time_passes,
    transferred,
)
from tests.stories.relay import Relay

pytestmark = v3_only  # v2 and the wallet have no refunds


@pytest.fixture(autouse=True)
def _refunds_are_on(sandbox: SandboxWorld) -> None:
    sandbox.switch(v3_refund=True)


@pytest.fixture
def order_id(driver: ScenarioDriver, sandbox: SandboxWorld, _refunds_are_on: None) -> int:
    """A paid order."""
    return paid(driver, sandbox)


def states(driver: ScenarioDriver, order_id: int) -> list[RefundState]:
    return [refund.state for refund in driver.refunds(order_id)]


def test_the_whole_amount_goes_back_and_the_order_is_refunded(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, order_id: int
) -> None:
    assert "in_progress (refund)" in requested(driver, order_id)
    assert driver.order_state(order_id) is OrderState.PAID
    time_passes(driver, clock, 2 * HOUR)
    assert states(driver, order_id) == [RefundState.DONE]
    assert driver.order_state(order_id) is OrderState.REFUNDED
    assert transferred(sandbox, purchase(driver, order_id)) == [price(driver, order_id)]
    assert driver.stock() == (0, 2)
    assert driver.history(order_id)[-5:] == [
        "refund_sent",
        "refund_not_sent",  # the reversal, which this merchant does not have
        "refund_sent",
        "refund_in_progress",
        "refund_done",
    ]


@pytest.mark.long
def test_parts_go_back_one_after_the_other_and_never_more_than_is_left(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, order_id: int
) -> None:
    whole = price(driver, order_id)
    requested(driver, order_id, "--amount-rials", "1000000")
    again = command(driver, "refunds", "request", driver.number(order_id), *WHY)
    assert again == (1, "Error: another refund of this payment is under way\n")
    time_passes(driver, clock, 2 * HOUR)
    too_much = ("--amount-rials", str(whole - 1_000_000 + 1))
    code, output = command(driver, "refunds", "request", driver.number(order_id), *WHY, *too_much)
    assert (code, f"{whole - 1_000_000} Rials of this payment are left" in output) == (1, True)
    assert driver.order_state(order_id) is OrderState.PAID
    requested(driver, order_id)
    time_passes(driver, clock, 2 * HOUR)
    assert transferred(sandbox, purchase(driver, order_id)) == [1_000_000, whole - 1_000_000]
    assert driver.order_state(order_id) is OrderState.REFUNDED
    code, output = command(driver, "refunds", "request", driver.number(order_id), *WHY)
    assert (code, output) == (1, "Error: all of this payment has gone back already\n")


@pytest.mark.parametrize(
    ("switch", "why"),
    [
        ({"v3_refund": False}, "refund.not_supported"),
        ({"v3_refund_balance": "refused"}, "balances.not_enough"),
    ],
    ids=["no refunds", "no money"],
)
def test_a_clear_no_is_told_at_once_and_the_refund_can_be_asked_for_again(
    driver: ScenarioDriver,
    sandbox: SandboxWorld,
    order_id: int,
    switch: dict[str, object],
    why: str,
) -> None:
    sandbox.switch(**switch)
    code, output = command(driver, "refunds", "request", driver.number(order_id), *WHY)
    assert (code, "failed (refund)" in output, why in output) == (1, True, True)
    assert transferred(sandbox, purchase(driver, order_id)) == []
    sandbox.switch(v3_refund=True, v3_refund_balance="enough")
    requested(driver, order_id)
    assert states(driver, order_id) == [RefundState.FAILED, RefundState.IN_PROGRESS]


@pytest.mark.long
def test_a_refund_that_waits_for_the_merchants_money_goes_on_when_it_has_come(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, order_id: int
) -> None:
    sandbox.switch(v3_refund_balance="on_hold")
    requested(driver, order_id)
    time_passes(driver, clock, HOUR)
    (refund,) = driver.refunds(order_id)
    assert (refund.state, refund.said) == (RefundState.WAITING, "ON_HOLD_BALANCES_NOT_ENOUGH")
    merchant = V3Merchant(sandbox)
    merchant.generate()
    path = f"/purchases/refunds/{purchase(driver, order_id)}/retry"
    assert merchant.call("POST", path).ok
    time_passes(driver, clock, 3 * HOUR)
    assert states(driver, order_id) == [RefundState.DONE]


def test_a_cancellable_refund_is_cancelled_within_its_hour_and_not_later(
    driver: ScenarioDriver, clock: MovingClock, order_id: int
) -> None:
    requested(driver, order_id, "--amount-rials", "1000000", "--cancellable")
    clock.advance(MINUTE)  # the worker has not asked yet
    assert states(driver, order_id) == [RefundState.IN_PROGRESS]
    code, output = command(driver, "refunds", "cancel", "1", "--by", "Sara")
    assert (code, "refund 1 " in output) == (0, True)
    time_passes(driver, clock, HOUR)
    assert states(driver, order_id) == [RefundState.CANCELLED]
    requested(driver, order_id, "--cancellable")
    time_passes(driver, clock, 3 * HOUR)
    code, output = command(driver, "refunds", "cancel", "2", "--by", "Sara")
    assert (code, output.startswith("Error: refund 2 is done; ")) == (1, True)
    assert driver.order_state(order_id) is OrderState.REFUNDED


@pytest.mark.long
def test_a_refund_that_must_be_confirmed_waits_for_the_merchant(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, order_id: int
) -> None:
    sandbox.switch(v3_refund_verification=True)
    requested(driver, order_id)
    time_passes(driver, clock, 2 * HOUR)
    (refund,) = driver.refunds(order_id)
    assert (refund.state, refund.said) == (RefundState.WAITING, "ON_HOLD_WAIT_FOR_VERIFY")
    code, output = command(driver, "refunds", "confirm", str(refund.id), "--by", "Sara")
    assert (code, "in_progress" in output) == (0, True)
    time_passes(driver, clock, 4 * HOUR)
    assert driver.order_state(order_id) is OrderState.REFUNDED


def test_where_reversals_are_on_the_whole_goes_back_at_once_and_a_part_is_transferred(
    driver: ScenarioDriver, sandbox: SandboxWorld, order_id: int
) -> None:
    sandbox.switch(v3_reverse=True)
    part = paid(driver, sandbox)
    assert "done (reverse)" in requested(driver, order_id)
    assert driver.order_state(order_id) is OrderState.REFUNDED
    assert transferred(sandbox, purchase(driver, order_id)) == []
    assert "in_progress (refund)" in requested(driver, part, "--amount-rials", "1000000")
    code, output = command(driver, "refunds", "request", driver.number(order_id), *WHY)
    assert (code, output) == (1, "Error: all of this payment has gone back already\n")


def test_after_a_part_the_rest_is_transferred_although_reversals_are_on(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, order_id: int
) -> None:
    sandbox.switch(v3_reverse=True)
    requested(driver, order_id, "--amount-rials", "1000000")
    time_passes(driver, clock, 2 * HOUR)
    requested(driver, order_id)
    methods = [refund.method for refund in driver.refunds(order_id)]
    assert methods == [RefundMethod.REFUND, RefundMethod.REFUND]
    assert sum(transferred(sandbox, purchase(driver, order_id))) == price(driver, order_id)


@pytest.mark.one_case_in(3)
@pytest.mark.parametrize("operation", ["refund", "reverse"])
@pytest.mark.parametrize("behaviour", ["reset_after_commit", "reset", "truncated_json"])
def test_whatever_becomes_of_an_answer_the_money_goes_back_once(
    driver: ScenarioDriver,
    sandbox: SandboxWorld,
    clock: MovingClock,
    order_id: int,
    operation: str,
    behaviour: str,
) -> None:
    sandbox.switch(v3_reverse=operation == "reverse")
    sandbox.behave(behaviour, operation=operation)
    assert "in_doubt" in requested(driver, order_id)
    time_passes(driver, clock, 3 * HOUR)
    assert states(driver, order_id) == [RefundState.DONE]
    assert driver.order_state(order_id) is OrderState.REFUNDED
    back = [price(driver, order_id)] if operation == "refund" else []
    assert transferred(sandbox, purchase(driver, order_id)) == back


class DiesAfterRefund(Relay):
    """A process that ends between the gateway's answer and our next write."""

    def refund(self, request: RefundRequest, *, language: str = "fa") -> RefundSeen:
        super().refund(request, language=language)
        raise SystemExit


def test_a_refund_that_was_taken_when_our_process_died_is_found(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, order_id: int
) -> None:
    alive: Gateway = driver.services.engine.gateways[driver.gateway]
    driver.set_gateway(DiesAfterRefund(alive))
    command(driver, "refunds", "request", driver.number(order_id), *WHY)
    assert states(driver, order_id) == [RefundState.IN_DOUBT]
    driver.set_gateway(alive)
    time_passes(driver, clock, 2 * HOUR)
    assert states(driver, order_id) == [RefundState.DONE]
    assert transferred(sandbox, purchase(driver, order_id)) == [price(driver, order_id)]


def test_a_transfer_that_the_bank_could_not_make_fails_and_can_be_asked_for_again(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, order_id: int
) -> None:
    requested(driver, order_id)
    sandbox.halt_refund(purchase(driver, order_id), "FAILED", reason="CARD_IS_EXPIRED")
    time_passes(driver, clock, 10 * MINUTE)
    (refund,) = driver.refunds(order_id)
    assert (refund.state, refund.said) == (RefundState.FAILED, "FAILED")
    requested(driver, order_id)
    time_passes(driver, clock, 2 * HOUR)
    assert driver.order_state(order_id) is OrderState.REFUNDED
