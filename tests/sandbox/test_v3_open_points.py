"""What PPG v3's document leaves open, and the features that a client has or lacks: the switches."""

from __future__ import annotations

import pytest

from tests.sandbox.merchant import codes
from tests.sandbox.v3_merchant import V3Merchant

OTHER_OWNER = "6037690000000051"


def test_a_repeated_verify_is_a_status_or_an_error(v3: V3Merchant) -> None:
    identifier = v3.verified()
    assert v3.verify(identifier).json() == {"status": "ALREADY_VERIFIED"}
    v3.world.switch(v3_repeated="error")
    answer = v3.verify(identifier)
    assert (answer.status_code, codes(answer)) == (400, ["payment.already_verified"])
    assert v3.status(identifier) == "SUCCESS"


def test_a_verify_of_what_nobody_paid_is_a_status_or_an_error(v3: V3Merchant) -> None:
    identifier, _ = v3.opened()
    failed = v3.returned("cancel").form
    assert failed
    for each, state in ((identifier, "IN_PROGRESS"), (failed["purchaseId"], "FAILED")):
        v3.world.switch(v3_invalid_state="status")
        assert v3.verify(each).json() == {"status": "NOT_VERIFIABLE"}
        v3.world.switch(v3_invalid_state="error")
        assert codes(v3.verify(each)) == ["purchase.invalid_state"]
        assert v3.status(each) == state


def test_the_old_access_token_dies_or_lives_after_a_refresh(v3: V3Merchant) -> None:
    for switch, status in (("dies", 401), ("lives", 200)):
        v3.world.switch(old_access=switch)
        v3.generate()
        old = v3.access_token
        v3.refresh()
        headers = {"Authorization": f"Bearer {old}"}
        assert v3.call("GET", "/purchases", headers=headers).status_code == status


def test_older_names_of_the_keys_are_understood_in_legacy_mode_only(v3: V3Merchant) -> None:
    older = {"username": v3.world.api_key, "password": v3.world.secret_key}
    refused = v3.call("POST", "/tokens", json=older)
    assert codes(refused) == ["apiKey.is_required", "secretKey.is_required"]
    v3.world.switch(legacy=True)
    assert v3.call("POST", "/tokens", json=older).status_code == 200


def test_a_wage_of_exactly_fifteen_percent_is_accepted(v3: V3Merchant) -> None:
    assert v3.create(amount=100_000, wage=15_000).status_code == 200


@pytest.mark.parametrize("amount", ["250000", 250_000.5])
def test_amounts_of_other_types_are_coerced_by_switch(v3: V3Merchant, amount: object) -> None:
    v3.world.switch(v3_number_types="coerced")
    assert v3.create(amount=amount).json()["payableAmount"] == 250_000
    assert codes(v3.create(amount="much")) == ["web.invalid_or_missing_body"]


def test_early_fees_are_in_the_answer_to_a_create_by_switch(v3: V3Merchant) -> None:
    assert "fee" not in v3.create().json()
    v3.world.switch(v3_early_fees=True)
    created = v3.create(amount=1_000_000, wage=100_000).json()
    assert created["fee"] == 11_000
    assert created["netAmount"] == 1_100_000 - created["fee"] - created["shaparakFee"]
    answer = v3.call("POST", "/purchases/fee", json={"amount": 1_000_000, "wage": 100_000})
    assert answer.json() == {"totalFee": created["fee"] + created["shaparakFee"]}


def test_with_auto_verify_a_payment_is_captured_without_us(v3: V3Merchant) -> None:
    v3.world.switch(v3_auto_verify=True)
    identifier = v3.paid()
    assert v3.status(identifier) == "SUCCESS"
    assert v3.verify(identifier).json() == {"status": "ALREADY_VERIFIED"}


def test_a_named_card_is_ignored_unless_the_client_has_the_check(v3: V3Merchant) -> None:
    cards = ["6104330000000029", "6273530000000037"]
    form = v3.returned(payerCardNumbers=cards).form
    assert form
    assert form["status"] == "SUCCESSFUL"
    v3.world.switch(v3_card_check=True)
    form = v3.returned(payerCardNumbers=cards).form
    assert form
    assert (form["status"], form["failReason"]) == ("FAILED", "PSP_PAYER_CARD_NOT_MATCHED")
    form = v3.returned(payerCardNumber="6037990000000014").form
    assert form
    assert form["status"] == "SUCCESSFUL"


@pytest.mark.parametrize(
    ("switch", "fields"),
    [
        ("v3_mobile_check", {"payerMobileNumber": "09121234567", "checkPayerMobileNumber": True}),
        ("v3_national_code_check", {"payerNationalCode": "0084575948"}),
    ],
)
def test_a_card_of_another_owner_pays_unless_the_client_has_the_check(
    v3: V3Merchant, switch: str, fields: dict[str, object]
) -> None:
    for is_on, status in ((False, "SUCCESSFUL"), (True, "FAILED")):
        v3.world.switch(**{switch: is_on})
        _, page = v3.opened(**fields)
        form = v3.world.callback(page, card=OTHER_OWNER).form
        assert form
        assert form["status"] == status


def test_a_whitelist_has_this_machine_alone(v3: V3Merchant) -> None:
    v3.world.switch(v3_callback_whitelist=True)
    assert v3.create(callbackUrl="http://localhost:5000/callback").status_code == 200
    assert codes(v3.create()) == ["callbackUrl.domain_not_in_whitelist"]


def test_the_preferred_terminal_is_used_and_without_any_the_purchase_fails(v3: V3Merchant) -> None:
    form = v3.returned(switching={"terminalIds": ["9", "1002"]}).form
    assert form
    assert form["pspName"] == "sepehr-ipg"
    form = v3.returned(switching={"terminalIds": ["9"]}).form
    assert form
    assert form["pspName"] == "saman-ipg"
    form = v3.returned(switching={"terminalIds": ["9"], "autoSwitching": False}).form
    assert form
    assert form["status"] == "FAILED"
    assert "pspName" not in form
