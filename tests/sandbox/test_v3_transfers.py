"""Every state of a refund's transfer at PPG v3 is reached, by the world's clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from testkit.cases import naming
from tests.sandbox import v3_sheet
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.v3_rows import FEATURES, with_refunds

HOUR = 3600
Step = Callable[[V3Merchant, str], object]


def later(seconds: int) -> Step:
    return lambda merchant, _: merchant.world.clock.advance(seconds)


def acting(action: str) -> Step:
    path = f"/purchases/refunds/{{}}/{action}"
    return lambda merchant, identifier: merchant.call("POST", path.format(identifier))


def halting(state: str) -> Step:
    return lambda merchant, identifier: merchant.world.halt_refund(identifier, state)


Case = tuple[dict[str, Any], dict[str, Any], tuple[Step, ...]]  # of the refund, switches, steps
CASES: dict[str, Case] = {
    "INITIALIZED": ({}, {}, ()),
    "FEE_COMPUTED": ({}, {}, (later(5),)),
    "CORE_SUBMITTED": ({}, {}, (later(10),)),
    "DESTINATION_IDENTIFIED": ({}, {}, (later(15),)),
    "IN_PROGRESS": ({}, {}, (later(HOUR - 1),)),
    "TRANSFERRED": ({}, {}, (later(HOUR),)),
    "ON_HOLD": ({"cancellable": True}, {}, (later(HOUR - 1),)),
    "CANCELLING": ({"cancellable": True}, {}, (acting("cancel"),)),
    "CANCELLED": ({"cancellable": True}, {}, (acting("cancel"), later(10))),
    "RETRYING": ({}, {}, (halting("FAILED"), acting("retry"))),
    "FAILED": ({}, {}, (halting("FAILED"),)),
    "MANUALLY_FAILED": ({}, {}, (halting("MANUALLY_FAILED"),)),
    "ON_HOLD_WAIT_FOR_VERIFY": ({}, {"v3_refund_verification": True}, (later(HOUR),)),
    "ON_HOLD_BALANCES_NOT_ENOUGH": ({}, {"v3_refund_balance": "on_hold"}, (later(HOUR),)),
    "ON_HOLD_WAIT_FOR_MANUAL_SUBMISSION": (
        *({}, {}),
        (halting("ON_HOLD_WAIT_FOR_MANUAL_SUBMISSION"),),
    ),
}


@pytest.fixture
def refunding(v3: V3Merchant) -> V3Merchant:
    """A merchant whose client may refund, in a world whose clock stands."""
    v3.world.switch(**FEATURES)
    v3.world.clock.freeze()
    return v3


def transfer(merchant: V3Merchant, identifier: str) -> dict[str, Any]:
    answer = merchant.call("GET", f"/purchases/refunds/{identifier}").json()
    return dict(answer["transfers"][-1])


@pytest.mark.long
def test_every_state_of_a_transfer_is_reached(refunding: V3Merchant) -> None:
    assert CASES.keys() == v3_sheet.TRANSFER_STATES
    for state, (fields, switches, steps) in CASES.items():
        with naming(state):
            identifier = with_refunds(refunding, fields, **switches)
            for step in steps:
                step(refunding, identifier)
            assert transfer(refunding, identifier)["state"] == state


def test_a_cancellable_transfer_begins_by_itself_when_its_hour_is_over(
    refunding: V3Merchant,
) -> None:
    identifier = with_refunds(refunding, {"cancellable": True})
    refunding.world.clock.advance(HOUR - 1)
    assert transfer(refunding, identifier)["state"] == "ON_HOLD"
    refunding.world.clock.advance(1)
    assert transfer(refunding, identifier)["state"] == "INITIALIZED"


def test_actions_answer_200_without_a_body_and_verify_204(refunding: V3Merchant) -> None:
    for action, status, switches in (
        ("cancel", 200, {}),
        ("ignore-cancellable", 200, {}),
        ("verify", 204, {"v3_refund_verification": True}),
    ):
        with naming(action):
            identifier = with_refunds(refunding, {"cancellable": True}, **switches)
            answer = refunding.call("POST", f"/purchases/refunds/{identifier}/{action}")
            assert (answer.status_code, answer.content) == (status, b"")
            assert "Content-Type" not in answer.headers


def test_an_action_names_one_of_several_transfers(refunding: V3Merchant) -> None:
    held = {"cancellable": True, "amount": 1_000}
    identifier = with_refunds(refunding, held, held)
    path = f"/purchases/refunds/{identifier}"
    ids = [each["transferID"] for each in refunding.call("GET", path).json()["transfers"]]
    assert refunding.call("POST", f"{path}/cancel", json={"transferId": ids[0]}).ok
    states = [each["state"] for each in refunding.call("GET", path).json()["transfers"]]
    assert states == ["CANCELLING", "ON_HOLD"]
