"""What PPG v3's document leaves open, and the features that a client has or lacks: the switches.

The rows of ``v3_rows`` have the refusals of both readings; here is what is accepted.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from jibit_sandbox.core.worlds import choices
from tests.sandbox.merchant import codes, joined
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.v3_rows import settled_by_hand

OTHER_OWNER = "6037690000000051"
DAY = 24 * 3600
POINTS = {  # section 6 of the sheet: each silent point has a switch
    1: {"v3_repeated"},
    2: {"v3_invalid_state"},
    3: {"v3_http_statuses", "v3_bad_credentials", "v3_inactive_client", "v3_dead_token"},
    4: {"old_access"},
    5: {"v3_wage_of_15_percent"},
    6: {"v3_number_types"},
    7: {"v3_callback"},
    8: {"v3_reverse_unverified"},
    9: {"v3_manual_refund"},
    10: {"v3_late_reverse"},
    11: {"v3_refund_above_the_rest"},
    12: {"v3_refused_reference"},
    13: {"v3_empty_fields"},
    14: {"v3_list_order"},
    15: {"v3_parallel_lists"},
}
FEATURE_FLAGS = {  # section 5
    *("v3_auto_verify", "v3_reverse", "v3_refund", "v3_refund_verification", "v3_fee_as_wage"),
    *("v3_early_fees", "v3_card_check", "v3_mobile_check", "v3_national_code_check"),
    *("v3_callback_whitelist", "v3_trusted_ip", "v3_wide_histories", "v3_refund_balance"),
}


def test_every_silent_point_and_every_feature_is_a_switch() -> None:
    v3_switches = {name for name in choices() if name.startswith("v3_")} | {"old_access"}
    assert set().union(*POINTS.values()) | FEATURE_FLAGS == v3_switches


def test_every_status_is_400_but_401_and_500_by_switch(v3: V3Merchant) -> None:
    v3.world.switch(v3_http_statuses="mostly_400")
    identifier = "123456789012345678"
    assert v3.verify(identifier).status_code == 400
    assert v3.call("GET", "/nowhere").status_code == 400
    assert v3.verify(identifier, headers={"Authorization": None}).status_code == 401
    v3.world.behave("error_500")
    assert v3.list().status_code == 500
    v3.world.switch(v3_trusted_ip=False)
    assert v3.list().status_code == 400


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


def test_what_was_settled_by_hand_is_refunded_by_switch_and_never_reversed(v3: V3Merchant) -> None:
    v3.world.switch(v3_refund=True, v3_reverse=True)
    identifier = settled_by_hand(v3)
    v3.world.switch(v3_manual_refund="refused")
    assert codes(v3.refund(identifier)) == ["purchase.invalid_state"]
    v3.world.switch(v3_manual_refund="allowed")
    assert v3.refund(identifier, amount=1).ok
    assert v3.reverse(settled_by_hand(v3)).json() == {"status": "NOT_REVERSIBLE"}


def test_a_late_reverse_is_refused_or_done(v3: V3Merchant) -> None:
    v3.world.switch(v3_reverse=True)
    identifier = v3.verified()
    v3.world.clock.advance(DAY)
    v3.generate()
    assert codes(v3.reverse(identifier)) == ["purchase.not_reversible"]
    v3.world.switch(v3_late_reverse="allowed")
    assert v3.reverse(identifier).json() == {"status": "SUCCESSFUL"}


@pytest.mark.parametrize("reference", ["R-1", 4711])
def test_the_reference_of_a_refused_create_is_free_or_taken(
    v3: V3Merchant, reference: object
) -> None:
    v3.create(clientReferenceNumber=reference, amount=1)
    assert v3.create(clientReferenceNumber=reference).ok
    v3.world.switch(v3_refused_reference="taken")
    v3.create(clientReferenceNumber=f"{reference}-2", amount=1)
    again = v3.create(clientReferenceNumber=f"{reference}-2")
    assert codes(again) == ["clientReferenceNumber.duplicated"]
    another = V3Merchant(v3.world.world(f"{v3.world.name}-other"))
    with joined(another):
        assert another.create(clientReferenceNumber=f"{reference}-2").ok


def test_of_two_creates_at_once_with_one_reference_one_is_made(v3: V3Merchant) -> None:
    body = v3.order(clientReferenceNumber="R-1")
    with ThreadPoolExecutor() as pool:
        calls = [pool.submit(v3.call, "POST", "/purchases", json=body) for _ in range(6)]
    made = [call.result() for call in calls if call.result().ok]
    assert len(made) == len(v3.listed()) == 1


def test_a_list_begins_with_the_newest_or_the_oldest(v3: V3Merchant) -> None:
    created = [v3.opened()[0] for _ in range(3)]
    assert v3.listed() == created[::-1]
    v3.world.switch(v3_list_order="oldest_first")
    assert v3.listed() == created
    assert v3.listed(size=2, page=2) == created[2:]


def test_auto_verify_can_be_at_one_terminal_only(v3: V3Merchant) -> None:
    v3.world.switch(v3_auto_verify="first_terminal")
    elements = v3.call("GET", "/terminals/list").json()["elements"]
    assert [each["isAutoVerifyEnabled"] for each in elements] == [True, False, False]
    assert v3.status(v3.paid()) == "SUCCESS"
    other = v3.paid(switching={"terminalIds": ["1002"]})
    assert v3.status(other) == "READY_TO_VERIFY"


def test_an_amount_with_nothing_behind_its_point_is_a_whole_number(v3: V3Merchant) -> None:
    answer = v3.create(amount=250_000.0)
    assert answer.text.endswith('"payableAmount":250000}\n')
