"""What a merchant types: `flask refunds ...`, and what is said when it cannot be so."""

from __future__ import annotations

import json

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine import RefundState
from storefront.orders.states import OrderState
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.scenes import v3_only
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

pytestmark = v3_only  # v2 and the wallet have no refunds
BOWL = "turquoise-bowl"  # of which every order here has two


@pytest.fixture
def order_id(driver: ScenarioDriver, sandbox: SandboxWorld) -> int:
    """A paid order of a merchant that may refund."""
    sandbox.switch(v3_refund=True)
    return paid(driver, sandbox)


def test_pieces_that_came_back_are_on_sale_again_each_once(
    driver: ScenarioDriver, clock: MovingClock, order_id: int
) -> None:
    requested(driver, order_id, "--amount-rials", "1000000", "--restock", f"{BOWL}=۱")
    assert driver.stock() == (0, 1)
    assert "items_taken_back" in driver.history(order_id)
    time_passes(driver, clock, 2 * HOUR)
    words = ("refunds", "request", driver.number(order_id), *WHY)
    code, output = command(driver, *words, "--restock", f"{BOWL}=2")
    assert (code, f"'{BOWL}=2' is not SLUG=PIECES of what is left" in output) == (1, True)
    assert [refund.state for refund in driver.refunds(order_id)] == [RefundState.DONE]
    requested(driver, order_id, "--restock", "all")
    assert driver.stock() == (0, 0)


def test_what_a_person_has_returned_is_noted_and_nothing_is_sent(
    driver: ScenarioDriver, sandbox: SandboxWorld, order_id: int
) -> None:
    words = ("refunds", "note", driver.number(order_id), *WHY, "--restock", "all")
    code, output = command(driver, *words)
    assert (code, "done (by_hand)" in output) == (0, True)
    assert driver.order_state(order_id) is OrderState.REFUNDED
    assert driver.stock() == (0, 0)
    assert transferred(sandbox, purchase(driver, order_id)) == []
    assert sandbox.requests_seen(operation="refund") == []


def test_unfinished_refunds_are_listed_for_people_and_for_machines(
    driver: ScenarioDriver, clock: MovingClock, order_id: int
) -> None:
    assert command(driver, "refunds", "list") == (0, "")
    requested(driver, order_id)
    number = driver.number(order_id)
    code, output = command(driver, "refunds", "list")
    assert (code, output.startswith(f"refund 1 of order {number}: ")) == (0, True)
    said = json.loads(command(driver, "refunds", "list", "--json")[1])
    assert said["requested_at"] == clock.now().isoformat()
    assert (said["order_number"], said["amount_rials"]) == (number, price(driver, order_id))
    assert (said["reason"], said["requested_by"]) == (WHY[1], WHY[3])
    assert (said["state"], said["method"], said["automatic"]) == ("in_progress", "refund", False)
    time_passes(driver, clock, 2 * HOUR)
    assert command(driver, "refunds", "list") == (0, "")
    assert json.loads(command(driver, "refunds", "list", number, "--json")[1])["state"] == "done"


def test_a_refund_that_no_rule_can_end_is_ended_by_a_person(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, order_id: int
) -> None:
    sandbox.behave("reset_after_commit", operation="refund")
    sandbox.behave("error_500", operation="refund_inquiry", times=None)
    assert "in_doubt" in requested(driver, order_id)
    words = ("refunds", "resolve", "1", "--as", "done", *WHY)
    code, output = command(driver, *words)
    assert (code, "may still reach the gateway" in output) == (1, True)
    clock.advance(11 * MINUTE)
    code, output = command(driver, *words)
    assert (code, "done (refund)" in output) == (0, True)
    assert driver.order_state(order_id) is OrderState.REFUNDED
    code, output = command(driver, *words[:4], "failed", *WHY)
    assert (code, output.startswith("Error: ")) == (1, True)


def test_what_the_gateway_has_accepted_is_not_called_failed_and_paid_twice(
    driver: ScenarioDriver, sandbox: SandboxWorld, order_id: int
) -> None:
    requested(driver, order_id, "--amount-rials", "1000000")
    code, output = command(driver, "refunds", "resolve", "1", "--as", "failed", *WHY)
    assert (code, "the gateway ends it" in output) == (1, True)
    assert transferred(sandbox, purchase(driver, order_id)) == [1_000_000]
    assert [refund.state for refund in driver.refunds(order_id)] == [RefundState.IN_PROGRESS]


WRONG: list[tuple[tuple[str, ...], int, str]] = [
    (("request", "1", *WHY), 1, "there is no paid order 1"),
    (("request", "{number}", "--by", "Sara"), 2, "Missing option '--reason'"),
    (("request", "{number}", "--reason", " ", "--by", "Sara"), 1, "a reason of 1 to 1000"),
    (("request", "{number}", "--reason", "torn", "--by", "  "), 1, "who asks is a text of 1"),
    (("list", "123"), 1, "there is no order 123"),
    (("request", "{number}", *WHY, "--amount-rials", "0"), 1, "not a positive integer"),
    (("request", "{number}", *WHY, "--amount-rials", "a lot"), 2, "not a valid integer"),
    (("request", "{number}", *WHY, "--restock", "samovar=1"), 1, "is not SLUG=PIECES"),
    (("request", "{number}", *WHY, "--restock", f"{BOWL}=-1"), 1, "is not SLUG=PIECES"),
    (("note", "{number}", *WHY, "--amount-rials", "99999999999"), 1, "Rials of this payment"),
    (("confirm", "7", "--by", "Sara"), 1, "there is no refund 7"),
    (("cancel", "7", "--by", "Sara"), 1, "there is no refund 7"),
    (("resolve", "7", "--as", "done", *WHY), 1, "there is no refund 7"),
    (("resolve", "7", "--as", "requested", *WHY), 2, "'requested' is not one of"),
]


def test_what_cannot_be_is_told_in_a_sentence_and_changes_nothing(
    driver: ScenarioDriver, order_id: int
) -> None:
    for words, code, complaint in WRONG:
        with naming(words):
            typed = [word.format(number=driver.number(order_id)) for word in words]
            ended, output = command(driver, "refunds", *typed)
            assert (ended, complaint in output) == (code, True), output
            assert "Traceback" not in output
    assert driver.refunds(order_id) == []
    assert driver.stock() == (0, 2)


def test_a_confirmation_that_the_gateway_does_not_answer_may_be_repeated(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, order_id: int
) -> None:
    sandbox.switch(v3_refund_verification=True)
    requested(driver, order_id)
    time_passes(driver, clock, HOUR)
    sandbox.behave("error_500", operation="refund_verify", times=2)
    code, output = command(driver, "refunds", "confirm", "1", "--by", "Sara")
    assert (code, "the gateway did not do it" in output) == (1, True)
    sandbox.forget_behaviours()
    assert command(driver, "refunds", "confirm", "1", "--by", "Sara")[0] == 0
