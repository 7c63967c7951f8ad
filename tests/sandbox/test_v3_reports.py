"""Contradictions of PPG v3, and its reports about histories, money, terminals and health."""

from __future__ import annotations

import pytest

from testkit.cases import naming
from tests.sandbox.merchant import codes
from tests.sandbox.v3_merchant import V3Merchant

DAY = 24 * 3600


def history(merchant: V3Merchant, **query: object) -> list[tuple[str, str]]:
    answer = merchant.call("GET", "/purchases/histories", params=query).json()
    return [(str(each["purchaseId"]), each["newState"]) for each in answer["elements"]]


def balances(merchant: V3Merchant) -> dict[str, int]:
    answer = merchant.call("GET", "/balances").json()
    return {each["balanceType"]: each["amount"] for each in answer["balances"]}


@pytest.mark.parametrize("state", ["MANUALLY_SUCCESS", "REVERSED"])
def test_a_failed_or_expired_purchase_can_turn_out_otherwise(v3: V3Merchant, state: str) -> None:
    failed = v3.returned("cancel").form
    assert failed
    expired = v3.paid()
    v3.world.clock.advance(901)
    for identifier in (failed["purchaseId"], expired):
        assert v3.purchase(identifier)["hasContradiction"] is False
        v3.world.contradict(identifier, state)
        found = v3.purchase(identifier)
        assert (found["state"], found["hasContradiction"]) == (state, True)
        assert history(v3, purchaseId=identifier) == [(identifier, state)]


def test_a_purchase_found_paid_can_be_refunded_and_not_reversed(v3: V3Merchant) -> None:
    v3.world.switch(v3_refund=True, v3_reverse=True)
    identifier, page = v3.opened()
    v3.world.callback(page, "unknown")
    v3.world.contradict(identifier, "MANUALLY_SUCCESS")
    assert v3.verify(identifier).json() == {"status": "ALREADY_VERIFIED"}
    assert v3.reverse(identifier).json() == {"status": "NOT_REVERSIBLE"}
    assert v3.refund(identifier).ok


def test_what_cannot_be_contradicted_is_refused(v3: V3Merchant) -> None:
    captured, (unpaid, _) = v3.verified(), v3.opened()
    for identifier, state, complaint in (
        (captured, "MANUALLY_SUCCESS", "captured cannot turn out"),
        (unpaid, "MANUALLY_SUCCESS", "awaiting cannot turn out"),
        (captured, "REVERSED", "captured cannot turn out"),
        (captured, "UNKNOWN", "captured cannot turn out"),
        (unpaid, "SUCCESS", "awaiting cannot turn out"),
        (unpaid, "IN_PROGRESS", "state can be one of"),
        ("1", "REVERSED", "there is no purchase 1"),
    ):
        with naming(identifier, state), pytest.raises(ValueError, match=complaint):
            v3.world.contradict(identifier, state)
    v3.world.contradict(unpaid, "UNKNOWN")
    assert v3.status(unpaid) == "UNKNOWN"


@pytest.mark.parametrize("state", ["MANUALLY_SUCCESS", "REVERSED"])
def test_a_payment_can_fail_and_turn_out_otherwise_later(v3: V3Merchant, state: str) -> None:
    v3.world.behave("contradiction", state=state, seconds=DAY)
    form = v3.returned().form
    assert form
    assert form["status"] == "FAILED"
    identifier = form["purchaseId"]
    v3.world.clock.advance(DAY - 60)
    v3.generate()
    assert v3.status(identifier) == "FAILED"
    v3.world.clock.advance(60)
    v3.generate()
    assert v3.status(identifier) == state


def test_histories_are_for_named_purchases_or_for_less_than_three_hours(v3: V3Merchant) -> None:
    v3.world.clock.freeze()
    one, other = (v3.opened()[0] for _ in range(2))
    v3.world.contradict(one, "UNKNOWN")
    v3.world.contradict(other, "UNKNOWN")
    v3.world.clock.advance(60)
    v3.world.contradict(one, "REVERSED")
    start = v3.purchase(one)["createdAt"]
    query = {"from": start, "to": v3.world.clock.now().isoformat()}
    for wrong, code in (
        ({}, "criteria.is_empty"),
        (query, "criteria.is_empty"),
        ({"purchaseId": one, "statuses": ""}, "states.can_not_have_null_value"),
        ({"purchaseId": one, "statuses": "SUCCESS"}, "binding.type_mismatch"),
        ({"purchaseId": one, "page": "11"}, "page_number.max_exceeded"),
        ({"purchaseId": one, "size": "20001"}, "page_size.max_exceeded"),
    ):
        with naming(wrong):
            assert codes(v3.call("GET", "/purchases/histories", params=wrong)) == [code]
    assert history(v3, purchaseId=one) == [(one, "UNKNOWN"), (one, "REVERSED")]
    assert history(v3, **{"purchaseId": one, "statuses[]": "REVERSED"}) == [(one, "REVERSED")]
    v3.world.switch(v3_wide_histories=True)
    assert history(v3, **query) == [(one, "UNKNOWN"), (other, "UNKNOWN")]
    too_wide = query | {"to": "2100-01-01T00:00:00Z"}
    assert codes(v3.call("GET", "/purchases/histories", params=too_wide)) == [
        "from_and_to.difference_must_be_less_than_3_hours"
    ]


def test_histories_go_on_by_the_id_of_the_next_page(v3: V3Merchant) -> None:
    identifier, _ = v3.opened()
    v3.world.contradict(identifier, "UNKNOWN")
    v3.world.contradict(identifier, "REVERSED")
    query = {"purchaseId": identifier, "size": 1}
    first = v3.call("GET", "/purchases/histories", params=query).json()
    assert first["hasNext"] is True
    assert isinstance(first["nextPageId"], str)
    more = query | {"nextPageId": first["nextPageId"]}
    last = v3.call("GET", "/purchases/histories", params=more).json()
    assert [page["elements"][0]["newState"] for page in (first, last)] == ["UNKNOWN", "REVERSED"]
    assert (last["hasNext"], "nextPageId" in last) == (False, False)


def test_money_is_in_the_wallet_until_the_psp_settles_it_at_midnight(v3: V3Merchant) -> None:
    v3.world.switch(v3_refund=True)
    identifier = v3.verified(amount=1_000_000, wage=100_000)
    v3.refund(identifier, amount=100_000)
    assert balances(v3) == {"WLT": 1_000_000, "STL": 0, "FEE": 0, "SHW": 0, "BLK": 0}
    assert v3.call("GET", "/settlements").json()["elements"] == []
    v3.world.clock.advance(DAY)
    v3.generate()
    purchase = v3.purchase(identifier)
    assert purchase["pspSettled"] is True
    assert purchase["netAmount"] == 1_100_000 - purchase["fee"] - purchase["shaparakFee"]
    assert balances(v3)["WLT"] == 0
    assert balances(v3)["STL"] == purchase["netAmount"] - 100_000
    wanted = {"settlementId": purchase["settlementId"]}
    (settlement,) = v3.call("GET", "/settlements", params=wanted).json()["elements"]
    assert settlement["settledAt"] == purchase["pspSettledAt"]
    assert (settlement["amount"], settlement["wage"]) == (1_000_000, 100_000)
    assert v3.call("GET", "/settlements", params={"settlementId": "1"}).json()["elements"] == []


def test_terminals_tell_what_the_client_has(v3: V3Merchant) -> None:
    v3.world.switch(v3_auto_verify=True, v3_card_check=True)
    elements = v3.call("GET", "/terminals/list").json()["elements"]
    assert [each["pspName"] for each in elements] == [
        *("saman-ipg", "sepehr-ipg", "behpardakht-ipg"),
    ]
    assert elements[0]["isAutoVerifyEnabled"] is elements[0]["isSingleCardFreezeActive"] is True
    assert elements[0]["isCheckPayerMobileNumberActive"] is False


def test_health_names_every_psp_and_needs_a_token(v3: V3Merchant) -> None:
    answer = v3.call("GET", "/app/health").json()
    assert answer["status"] == "UP"
    assert answer["pspStatusMap"]["saman-ipg"] == "UP"
    refused = v3.call("GET", "/app/health", headers={"Authorization": None})
    assert codes(refused) == ["security.auth_required"]


def test_odd_contents_and_lists_without_an_end_fit_this_gateway_too(v3: V3Merchant) -> None:
    identifier = v3.verified(additionalData={"a": 1})
    truth = v3.purchase(identifier)
    for name in ("overlong_fields", "odd_fields", "hostile_texts", "far_future_date"):
        with naming(name):
            v3.world.behave(name, operation="inquiry")
            odd = v3.purchase(identifier)
            assert odd != truth
            assert {odd[each] for each in ("purchaseIdStr", "state", "amount")} == {
                truth[each] for each in ("purchaseIdStr", "state", "amount")
            }
    v3.world.behave("endless_list")
    endless = v3.list(size=3).json()
    assert (len(endless["elements"]), endless["hasNext"]) == (3, True)
    assert endless["elements"][0] == truth
    v3.world.behave("inquiry_failed")
    assert v3.purchase(identifier)["state"] == "FAILED"
    v3.world.behave("inquiry_other_amount")
    assert v3.purchase(identifier)["amount"] == 2_500_000


def test_a_magic_amount_lies_five_million_above_that_of_the_others(v3: V3Merchant) -> None:
    amounts = v3.world.control("GET", "cards")["v3_amounts"]
    by_name = {each["behaviour"]: each["amount_rials"] for each in amounts}
    assert min(by_name.values()) == 5_001_010
    identifier = v3.paid(amount=by_name["verify_unknown"], wage=1)
    said = [v3.verify(identifier).json()["status"] for _ in range(3)]
    assert said == ["UNKNOWN", "UNKNOWN", "SUCCESSFUL"]
    stuck = v3.verified(amount=by_name["inquiry_in_progress"])
    assert v3.status(stuck) == "IN_PROGRESS"
    (element,) = v3.list(clientReferenceNumber=v3.purchase(stuck)["clientReferenceNumber"]).json()[
        "elements"
    ]
    assert element["state"] == "IN_PROGRESS"
