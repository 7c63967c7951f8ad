"""Every status and state of PPG v3 is reached, and every step from one state to another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from testkit.cases import naming
from tests.sandbox import v3_sheet
from tests.sandbox.merchant import Merchant
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.v3_rows import FEATURES, reversed_one, settled_by_hand

Reached = Callable[[V3Merchant], str]
OTHER_CARD = "6104330000000029"


@pytest.fixture
def able(v3: V3Merchant) -> V3Merchant:
    """A merchant whose client may reverse and refund."""
    v3.world.switch(**FEATURES)
    return v3


def pressed(button: str) -> Reached:
    """Give the identifier of a purchase on whose page this button was pressed."""

    def play(merchant: V3Merchant) -> str:
        identifier, _ = merchant.opened()
        merchant.world.press(identifier, button)
        return identifier

    return play


def opened(merchant: V3Merchant) -> str:
    return merchant.opened()[0]


def expired(merchant: V3Merchant) -> str:
    return after(merchant.opened()[0], merchant, 901)


def after(identifier: str, merchant: V3Merchant, seconds: int) -> str:
    merchant.world.clock.advance(seconds)
    return identifier


def verifying(purchase: Reached, behaviour: str | None = None) -> Reached:
    def play(merchant: V3Merchant) -> str:
        identifier = purchase(merchant)
        if behaviour:
            merchant.world.behave(behaviour)
        return str(merchant.verify(identifier).json()["status"])

    return play


def reversing(purchase: Reached, behaviour: str | None = None) -> Reached:
    def play(merchant: V3Merchant) -> str:
        identifier = purchase(merchant)
        if behaviour:
            merchant.world.behave(behaviour)
        return str(merchant.reverse(identifier).json()["status"])

    return play


def claimed(field: str, button: str = "pay", **card: str) -> Reached:
    """Give what the callback says after a button of a purchase that names one card."""

    def play(merchant: V3Merchant) -> str:
        merchant.world.switch(v3_card_check=True)
        _, page = merchant.opened(payerCardNumber="6037990000000014")
        form = merchant.world.callback(page, button, **card).form
        assert form
        return form[field]

    return play


VERIFY: dict[str, Reached] = {
    "SUCCESSFUL": verifying(V3Merchant.paid),
    "ALREADY_VERIFIED": verifying(V3Merchant.verified),
    "NOT_VERIFIABLE": verifying(expired),
    "FAILED": verifying(V3Merchant.paid, "capture_refused"),
    "UNKNOWN": verifying(V3Merchant.paid, "verify_unknown"),
}
REVERSE: dict[str, Reached] = {
    "SUCCESSFUL": reversing(V3Merchant.verified),
    "ALREADY_REVERSED": reversing(reversed_one),
    "NOT_REVERSIBLE": reversing(settled_by_hand),
    "FAILED": reversing(V3Merchant.verified, "reverse_failed"),
    "UNKNOWN": reversing(V3Merchant.verified, "reverse_unknown"),
}
CALLBACK: dict[str, Reached] = {
    "SUCCESSFUL": claimed("status"),
    "FAILED": claimed("status", "decline"),
    "UNKNOWN": claimed("status", "unknown"),
}
FAIL_REASONS: dict[str, Reached] = {
    "CANCELLED_BY_USER": claimed("failReason", "cancel"),
    "TRANSACTION_TIMED_OUT": claimed("failReason", "time_out"),
    "PSP_PAYER_CARD_NOT_MATCHED": claimed("failReason", card=OTHER_CARD),
    "UNKNOWN": claimed("failReason", "decline"),
}


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "reached"),
    [
        pytest.param(v3_sheet.VERIFY_STATUSES, VERIFY, id="3 verify"),
        pytest.param(v3_sheet.REVERSE_STATUSES, REVERSE, id="3 reverse"),
        pytest.param(v3_sheet.CALLBACK_STATUSES, CALLBACK, id="3 callback status"),
        pytest.param(v3_sheet.FAIL_REASONS, FAIL_REASONS, id="3 callback failReason"),
    ],
)
def test_every_word_of_an_answer_is_reached(
    able: V3Merchant, words: set[str], reached: dict[str, Reached]
) -> None:
    assert reached.keys() == words
    for word, play in reached.items():
        with naming(word):
            assert play(able) == word


def contradicting(state: str) -> Callable[[V3Merchant, str], object]:
    return lambda merchant, identifier: merchant.world.contradict(identifier, state)


def refuse_capture(merchant: V3Merchant, identifier: str) -> None:
    merchant.world.behave("capture_refused")
    assert merchant.verify(identifier).json() == {"status": "FAILED"}


def wait(merchant: V3Merchant, identifier: str) -> None:
    after(identifier, merchant, 901)


BY_HAND = {state: contradicting(state) for state in ("MANUALLY_SUCCESS", "REVERSED")}
AT_LAST = {state: contradicting(state) for state in ("SUCCESS", "FAILED", "EXPIRED")}
BEGINNINGS: dict[str, Reached] = {
    "IN_PROGRESS": opened,
    "READY_TO_VERIFY": V3Merchant.paid,
    "SUCCESS": V3Merchant.verified,
    "UNKNOWN": pressed("unknown"),
    "FAILED": pressed("cancel"),
    "EXPIRED": expired,
    "MANUALLY_SUCCESS": settled_by_hand,
    "REVERSED": reversed_one,
}
STEPS: dict[str, dict[str, Callable[[V3Merchant, str], object]]] = {
    "IN_PROGRESS": {
        "READY_TO_VERIFY": lambda merchant, each: merchant.world.press(each, "pay"),
        "FAILED": lambda merchant, each: merchant.world.press(each, "cancel"),
        "UNKNOWN": lambda merchant, each: merchant.world.press(each, "unknown"),
        "EXPIRED": wait,
    },
    "READY_TO_VERIFY": {
        "SUCCESS": V3Merchant.verify,
        "FAILED": refuse_capture,
        "UNKNOWN": contradicting("UNKNOWN"),
        "EXPIRED": wait,
    },
    "SUCCESS": {"REVERSED": V3Merchant.reverse, "SUCCESS": V3Merchant.refund},
    "UNKNOWN": AT_LAST | BY_HAND,
    "FAILED": BY_HAND,
    "EXPIRED": BY_HAND,
    "MANUALLY_SUCCESS": {"MANUALLY_SUCCESS": wait},
    "REVERSED": {"REVERSED": wait},
}


@pytest.mark.parametrize("state", sorted(v3_sheet.PURCHASE_STATES))
def test_a_purchase_goes_from_each_state_to_those_of_section_4(
    able: V3Merchant, state: str
) -> None:
    for following, step in STEPS[state].items():
        with naming(state, following):
            identifier = BEGINNINGS[state](able)
            assert able.status(identifier) == state
            step(able, identifier)
            assert able.status(identifier) == following
            by_hand = step in BY_HAND.values() or state == "MANUALLY_SUCCESS"
            assert able.purchase(identifier)["hasContradiction"] is by_hand


@pytest.mark.parametrize(("button", "state"), [("unknown", "UNKNOWN"), ("time_out", "FAILED")])
def test_only_this_gateways_page_has_its_buttons(
    v3: V3Merchant, merchant: Merchant, button: str, state: str
) -> None:
    purchase, order = v3.opened()[0], merchant.opened()[0]
    v3.world.press(purchase, button)
    assert v3.status(purchase) == state
    with pytest.raises(ValueError, match="only the page of PPG v3"):
        merchant.world.press(order, button)
    assert merchant.world.order(order)["state"] == "awaiting"
