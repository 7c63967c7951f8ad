"""What the wallet's document leaves open, and how response edits look there."""

from __future__ import annotations

import pytest

from testkit.cases import naming
from tests.sandbox.merchant import OtherClaim
from tests.sandbox.wallet_merchant import WalletMerchant, problem


@pytest.mark.parametrize(
    ("switch", "status", "state"),
    [("unchanged", "INITIAL", "awaiting"), ("fails", "CANCEL_BY_SYSTEM", "failed")],
)
def test_verify_on_an_order_that_nobody_paid(
    payee: WalletMerchant, switch: str, status: str, state: str
) -> None:
    payee.world.switch(verify_unpaid=switch)
    identifier, _ = payee.opened()
    assert problem(payee.verify(identifier)) == 409
    assert payee.status(identifier) == status
    assert payee.world.order(identifier)["state"] == state


@pytest.mark.parametrize(("switch", "number"), [("Successful", 200), ("Failed", 409)])
def test_verify_a_second_time(payee: WalletMerchant, switch: str, number: int) -> None:
    payee.world.switch(verify_again=switch)
    identifier = payee.paid()
    assert [payee.verify(identifier).status_code for _ in range(2)] == [200, number]
    assert payee.status(identifier) == "PURCHASE_CONFIRM_BY_MERCHANT"


def test_a_reused_order_id(payee: WalletMerchant) -> None:
    assert [payee.create().status_code for _ in range(2)] == [200, 200]
    payee.world.switch(reused_reference="refused")
    assert problem(payee.create()) == 400
    assert payee.create(merchantOrderId="R-1002").status_code == 200


@pytest.mark.parametrize(("switch", "after"), [("dies", 401), ("lives", 200)])
def test_after_a_refresh_the_old_pair_is_dead_unless_the_switch_lets_it_live(
    payee: WalletMerchant, switch: str, after: int
) -> None:
    payee.world.switch(old_access=switch)
    old = payee.pair
    assert payee.refresh().status_code == 200
    payee.pair = old
    assert payee.create().status_code == after
    assert problem(payee.refresh()) == 401


def test_two_pairs_live_beside_each_other(payee: WalletMerchant) -> None:
    first = payee.pair
    payee.generate()
    assert payee.create().status_code == 200
    payee.pair = first
    assert payee.create().status_code == 200


@pytest.mark.parametrize(
    ("name", "number"), [("verify_failed", 409), ("verify_unknown", 500), ("unknown_status", 500)]
)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_verification_can_be_denied_with_http_200(
    payee: WalletMerchant, name: str, number: int, *, after: bool
) -> None:
    """``unknown_status`` always captures; the other two do so or not."""
    captured = after or name == "unknown_status"
    identifier = payee.paid()
    payee.world.behave(
        f"{name}_after_commit" if after and name != "unknown_status" else name, operation="verify"
    )
    answer = payee.verify(identifier)
    assert (answer.status_code, answer.json()["errorCode"]) == (200, number)
    assert answer.json().keys() == {"errorCode", "message"}
    assert payee.world.order(identifier)["state"] == ("captured" if captured else "paid")


@pytest.mark.long
@pytest.mark.parametrize("shape", ["both", "flat", "enveloped"])
def test_an_edited_status_stands_in_every_place(payee: WalletMerchant, shape: str) -> None:
    for name, parameters, field, said in (
        ("inquiry_other_amount", {}, "amount", 2_500_000),
        ("inquiry_other_amount", {"amount": 7}, "amount", 7),
        ("inquiry_other_reference", {}, "merchantOrderId", "SOMEBODY-ELSES"),
        ("inquiry_in_progress", {}, "statusV", "PGENTRY"),
        ("inquiry_unknown", {}, "statusV", "UNKNOWN"),
        ("inquiry_failed", {}, "statusV", "CANCEL_BY_USER"),
        ("inquiry_failed", {"status": "EXPIRED"}, "statusV", "CANCEL_BY_SYSTEM"),
        ("unknown_status", {"status": "PARTIAL"}, "statusV", "PARTIAL"),
    ):
        with naming(name, parameters, field, said):
            payee.world.switch(wallet_inquiry=shape)
            identifier = payee.paid()
            truth = payee.inquiry(identifier).json()
            payee.world.behave(name, operation="inquiry", **parameters)
            answer = payee.inquiry(identifier).json()
            places = [part for part in (answer, answer.get("result", {})) if "statusV" in part]
            assert [place[field] for place in places] == [said] * (2 if shape == "both" else 1)
            assert payee.inquiry(identifier).json() == truth
            assert answer.get("errorCode", 0) == 0


def test_there_is_no_currency_to_lie_about(payee: WalletMerchant) -> None:
    identifier = payee.paid()
    truth = payee.inquiry(identifier).json()
    payee.world.behave("inquiry_other_currency")
    assert payee.inquiry(identifier).json() == truth


def test_wrong_types_reach_into_the_envelope(payee: WalletMerchant) -> None:
    payee.world.behave("wrong_types", operation="create")
    answer = payee.create().json()
    assert answer["errorCode"] == "0"
    assert answer["result"]["merchantOrderId"] == ["R-1001"]


def test_no_fields_leave_not_even_the_envelope(payee: WalletMerchant) -> None:
    payee.world.behave("no_fields", operation="create")
    assert payee.create().json() == {}


def test_extra_fields_stand_beside_the_documented_ones(payee: WalletMerchant) -> None:
    payee.world.behave("extra_fields", operation="create")
    answer = payee.create().json()
    assert answer["errorCode"] == 0
    assert {"status2", "newInVersion3", "orderId"} <= answer["result"].keys()


@pytest.mark.parametrize(
    ("name", "parameters", "claim", "said"),
    [
        ("callback_other_state", {}, "status", "CANCEL_BY_USER"),
        ("callback_other_state", {"state": "PGENTRY"}, "status", "PGENTRY"),
        ("callback_other_amount", {}, "status", "PURCHASE_BY_USER"),
    ],
)
def test_a_callback_can_tell_another_status_but_no_amount(
    payee: WalletMerchant, name: str, parameters: OtherClaim, claim: str, said: str
) -> None:
    identifier, page = payee.opened()
    payee.world.behave(name, **parameters)
    callback = payee.world.pay(page)
    assert callback.endswith(f"?orderId={identifier}&{claim}={said}")
    assert payee.world.order(identifier)["state"] == "paid"


def test_a_callback_never_names_an_order_of_the_other_gateway(payee: WalletMerchant) -> None:
    _, page = payee.opened()
    payee.world.behave("callback_other_order")
    assert "orderId=00000000" in payee.world.pay(page)


def test_a_magic_amount_makes_a_wallets_order_meet_its_behaviour(payee: WalletMerchant) -> None:
    listed = payee.world.control("GET", "cards")["amounts"]
    magic = {entry["behaviour"]: entry["amount_rials"] for entry in listed}
    identifier = payee.paid(amount=magic["error_500_after_commit"])
    assert [payee.verify(identifier).status_code for _ in range(2)] == [500, 200]
    assert payee.world.order(identifier)["state"] == "captured"


def test_a_gateway_can_be_down_until_its_behaviours_are_forgotten(
    payee: WalletMerchant,
) -> None:
    payee.world.behave("bad_gateway", gateway="wallet", times=None)
    assert [payee.create().status_code for _ in range(2)] == [502, 502]
    payee.world.forget_behaviours()
    assert payee.create().status_code == 200
