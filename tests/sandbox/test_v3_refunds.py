"""Money that goes back at PPG v3: reverse, refunds and their transfers, by the world's clock."""

from __future__ import annotations

from typing import Any

import pytest

from testkit.cases import naming
from tests.sandbox.merchant import codes
from tests.sandbox.v3_merchant import V3Merchant

HOUR = 3600
CAN_REFUND: dict[str, Any] = {"v3_refund": True}


@pytest.fixture
def refunding(v3: V3Merchant) -> V3Merchant:
    """A merchant whose client may reverse and refund, in a world whose clock stands."""
    v3.world.switch(v3_refund=True, v3_reverse=True)
    v3.world.clock.freeze()
    return v3


def transfer(merchant: V3Merchant, identifier: str) -> dict[str, Any]:
    """The newest transfer of a purchase."""
    answer = merchant.call("GET", f"/purchases/refunds/{identifier}").json()
    return dict(answer["transfers"][-1])


def act(merchant: V3Merchant, identifier: str, action: str, **body: Any) -> list[str]:
    """The codes that an action gets; none if it was done."""
    how = {"json": body} if body else {}
    answer = merchant.call("POST", f"/purchases/refunds/{identifier}/{action}", **how)
    return [] if answer.ok else codes(answer)


def test_a_reverse_returns_the_whole_amount_within_a_day(refunding: V3Merchant) -> None:
    identifier, late = refunding.verified(), refunding.verified()
    assert refunding.reverse(identifier).json() == {"status": "SUCCESSFUL"}
    assert refunding.status(identifier) == "REVERSED"
    assert refunding.reverse(identifier).json() == {"status": "ALREADY_REVERSED"}
    assert codes(refunding.refund(identifier)) == ["purchase.invalid_state"]
    assert refunding.verify(identifier).json() == {"status": "NOT_VERIFIABLE"}
    refunding.world.switch(v3_repeated="error", v3_invalid_state="error")
    assert codes(refunding.reverse(identifier)) == ["purchase.already_reversed"]
    assert codes(refunding.verify(identifier)) == ["purchase.already_reversed"]
    refunding.world.clock.advance(24 * HOUR - 1)
    refunding.generate()
    assert codes(refunding.reverse(refunding.opened()[0])) == ["purchase.invalid_state"]
    refunding.world.clock.advance(1)
    refunding.generate()
    assert codes(refunding.reverse(late)) == ["purchase.not_reversible"]
    assert refunding.status(late) == "SUCCESS"


def test_a_purchase_that_is_not_verified_is_reversed_by_switch_only(refunding: V3Merchant) -> None:
    identifier = refunding.paid()
    assert refunding.reverse(identifier).json() == {"status": "NOT_REVERSIBLE"}
    assert refunding.status(identifier) == "READY_TO_VERIFY"
    refunding.world.switch(v3_reverse_unverified="allowed")
    assert refunding.reverse(identifier).json() == {"status": "SUCCESSFUL"}


def test_a_purchase_is_named_by_its_reference_too(refunding: V3Merchant) -> None:
    refunding.verified(clientReferenceNumber="R-1")
    body = {"clientReferenceNumber": "R-1"}
    assert refunding.call("POST", "/purchases/refund", json=body | {"amount": 1}).ok
    answer = refunding.call("POST", "/purchases/reverse", json=body)
    assert codes(answer) == ["purchase.refunded"]


def test_a_refund_is_a_transfer_that_is_done_after_an_hour(refunding: V3Merchant) -> None:
    identifier = refunding.verified(wage=10_000)
    answer = refunding.refund(identifier).json()
    assert answer["refundId"] == int(identifier)
    assert answer["partialRefundIndex"] == 1
    seen = []
    for seconds in (0, 5, 5, 5, 5, HOUR):
        refunding.world.clock.advance(seconds)
        seen.append(transfer(refunding, identifier)["state"])
    assert seen == [
        *("INITIALIZED", "FEE_COMPUTED", "CORE_SUBMITTED", "DESTINATION_IDENTIFIED"),
        *("IN_PROGRESS", "TRANSFERRED"),
    ]
    purchase = refunding.purchase(identifier)
    assert (purchase["state"], purchase["refunded"]) == ("SUCCESS", True)
    assert purchase["refundableAmount"] == 0
    view = refunding.call("GET", f"/purchases/refunds/{identifier}").json()
    assert view == purchase["refundInquiryResult"]
    assert view["refundedAmount"] == view["transfers"][0]["amount"] == 260_000
    assert view["transfers"][0]["transferID"] == answer["transferId"]


def test_a_purchase_is_refunded_in_parts_up_to_its_whole_amount(refunding: V3Merchant) -> None:
    identifier = refunding.verified()
    first = refunding.refund(identifier, amount=100_000).json()
    too_much = refunding.refund(identifier, amount=150_001)
    assert codes(too_much) == ["transfers.0.amount.exceeded_maximum_for_normal"]
    assert codes(refunding.refund(identifier, amount=0)) == [
        "transfers.0.amount.not_enough_for_normal"
    ]
    second = refunding.refund(identifier).json()
    assert (first["partialRefundIndex"], second["partialRefundIndex"]) == (1, 2)
    assert refunding.purchase(identifier)["refundableAmount"] == 0
    assert codes(refunding.refund(identifier)) == ["transfers.0.amount.not_enough_for_normal"]


def test_a_cancellable_refund_waits_an_hour_for_its_cancellation(refunding: V3Merchant) -> None:
    cancelled, begun, started = (refunding.verified() for _ in range(3))
    for identifier in (cancelled, begun, started):
        refunding.refund(identifier, cancellable=True)
    refunding.world.clock.advance(HOUR - 1)
    assert transfer(refunding, begun)["state"] == "ON_HOLD"
    assert act(refunding, cancelled, "cancel") == []
    assert transfer(refunding, cancelled)["state"] == "CANCELLING"
    assert act(refunding, started, "ignore-cancellable") == []
    assert transfer(refunding, started)["state"] == "INITIALIZED"
    refunding.world.clock.advance(10)
    assert transfer(refunding, cancelled)["state"] == "CANCELLED"
    assert transfer(refunding, begun)["state"] == "FEE_COMPUTED"
    assert act(refunding, begun, "cancel") == ["cancellation.not_applicable"]
    assert act(refunding, begun, "ignore-cancellable") == ["cancellation.not_applicable"]
    assert refunding.purchase(cancelled)["refundableAmount"] == 250_000
    assert refunding.purchase(cancelled)["refunded"] is False


def test_refunds_wait_for_their_verification_where_the_client_must_verify(
    refunding: V3Merchant,
) -> None:
    refunding.world.switch(v3_refund_verification=True)
    identifier = refunding.verified()
    refunding.refund(identifier)
    refunding.world.clock.advance(2 * HOUR)
    assert transfer(refunding, identifier)["state"] == "ON_HOLD_WAIT_FOR_VERIFY"
    answer = refunding.call("POST", f"/purchases/refunds/{identifier}/verify")
    assert (answer.status_code, answer.content) == (204, b"")
    assert transfer(refunding, identifier)["state"] == "INITIALIZED"
    assert act(refunding, identifier, "verify") == ["verify.not_applicable"]


def test_a_failed_refund_is_tried_again_or_asked_for_again(refunding: V3Merchant) -> None:
    identifier = refunding.verified()
    refunding.refund(identifier)
    assert act(refunding, identifier, "retry") == ["retry.not_applicable"]
    refunding.world.halt_refund(identifier, "FAILED", reason="the account is closed")
    failed = transfer(refunding, identifier)
    assert (failed["state"], failed["failReason"]) == ("FAILED", "the account is closed")
    assert act(refunding, identifier, "retry") == []
    assert transfer(refunding, identifier)["state"] == "RETRYING"
    refunding.world.halt_refund(identifier, "FAILED")
    second = refunding.refund(identifier).json()
    assert act(refunding, identifier, "retry") == ["transfer.not_found"]
    name = {"transferId": second["transferId"].removesuffix("2") + "1"}
    assert act(refunding, identifier, "retry", **name) == ["retry.failed"]


def test_without_a_balance_a_refund_is_refused_or_waits(refunding: V3Merchant) -> None:
    identifier = refunding.verified()
    refunding.world.switch(v3_refund_balance="refused")
    assert codes(refunding.refund(identifier)) == ["balances.not_enough"]
    refunding.world.switch(v3_refund_balance="on_hold")
    assert refunding.refund(identifier).ok
    assert transfer(refunding, identifier)["state"] == "ON_HOLD_BALANCES_NOT_ENOUGH"
    assert act(refunding, identifier, "retry") == []


def test_refunds_that_cannot_be_are_refused(v3: V3Merchant) -> None:
    identifier = v3.verified()
    unpaid, _ = v3.opened()
    for switches, body, code in (
        ({}, {"purchaseId": int(identifier)}, "refund.not_supported"),
        (CAN_REFUND, {}, "clientReferenceNumber_or_purchaseId.are_required"),
        (CAN_REFUND, {"purchaseId": 1}, "purchase.not_found"),
        (CAN_REFUND, {"purchaseId": int(unpaid)}, "purchase.invalid_state"),
        (CAN_REFUND, {"purchaseId": identifier, "amount": "1"}, "web.invalid_or_missing_body"),
        (CAN_REFUND, {"purchaseId": []}, "web.invalid_or_missing_body"),
    ):
        v3.world.switch(**switches)
        with naming(switches, body):
            assert codes(v3.call("POST", "/purchases/refund", json=body)) == [code]
    assert act(v3, identifier, "cancel") == ["transfer.not_found"]
    assert act(v3, "1", "retry") == ["purchase.not_found"]
    nothing = v3.call("GET", f"/purchases/refunds/{identifier}")
    assert (nothing.status_code, codes(nothing)) == (404, ["transfer.not_found"])


def test_a_refund_whose_answer_is_lost_has_happened(refunding: V3Merchant) -> None:
    identifier = refunding.verified()
    refunding.world.behave("error_500_after_commit", operation="refund")
    assert refunding.refund(identifier).status_code == 500
    assert refunding.purchase(identifier)["refunded"] is True
    refunding.world.behave("error_500", order=identifier)
    assert refunding.reverse(identifier).status_code == 500


def test_a_call_can_be_refused_with_any_code_also_without_a_message(
    refunding: V3Merchant,
) -> None:
    identifier = refunding.verified()
    said: dict[str, Any] = {
        "code": "newer.than_our_sheet",
        "status": 403,
        "arguments": {"most": 50},
    }
    refunding.world.behave("refused_with_code", operation="refund", **said)
    refused = refunding.refund(identifier)
    assert refused.status_code == 403
    assert refused.json()["errors"] == [
        {"code": "newer.than_our_sheet", "message": None, "arguments": {"most": 50}}
    ]
    assert refunding.purchase(identifier)["refunded"] is False


@pytest.mark.parametrize(
    ("behaviour", "status", "state"),
    [
        ("reverse_unknown", "UNKNOWN", "SUCCESS"),
        ("reverse_unknown_after_commit", "UNKNOWN", "REVERSED"),
        ("reverse_failed", "FAILED", "SUCCESS"),
    ],
)
def test_a_reverse_can_be_answered_wrongly(
    refunding: V3Merchant, behaviour: str, status: str, state: str
) -> None:
    identifier = refunding.verified()
    refunding.world.behave(behaviour)
    assert refunding.reverse(identifier).json() == {"status": status}
    assert refunding.status(identifier) == state
