"""A purchase of PPG v3 from its creation to its end: page, callback, states, verify, inquiry."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
import requests

from jibit_sandbox.testing import ShopperStopped
from testkit.cases import naming
from tests.sandbox.merchant import codes
from tests.sandbox.shop import listening_shop
from tests.sandbox.v3_merchant import V3Merchant


def test_a_purchase_is_created_paid_and_verified(v3: V3Merchant) -> None:
    created = v3.create(clientReferenceNumber="R-1", wage=10_000).json()
    identifier = created["purchaseIdStr"]
    assert re.fullmatch("[0-9]{18}", identifier)
    assert created["purchaseId"] == int(identifier) > 2**53
    assert created == {
        "purchaseId": int(identifier),
        "purchaseIdStr": identifier,
        "clientReferenceNumber": "R-1",
        "pspSwitchingUrl": f"{v3.base_url}/purchases/{identifier}/payments",
        "currency": "IRR",
        "shaparakFee": 1200,
        "payableAmount": 260_000,
    }
    assert v3.status(identifier) == "IN_PROGRESS"
    callback = v3.world.callback(created["pspSwitchingUrl"])
    assert v3.status(identifier) == "READY_TO_VERIFY"
    assert v3.verify(identifier).json() == {"status": "SUCCESSFUL"}
    purchase = v3.purchase(identifier)
    assert (purchase["state"], purchase["amount"], purchase["wage"]) == ("SUCCESS", 250_000, 10_000)
    assert callback.form
    assert callback.form["pspRRN"] == purchase["pspRrn"]
    assert callback.form["payerMaskedCardNumber"] == purchase["pspMaskedCardNumber"]
    assert "pspSwitchingUrl" not in purchase


def test_tokens_are_jwts_for_one_and_two_days_and_are_refreshed_once(v3: V3Merchant) -> None:
    def claims(token: str) -> dict[str, Any]:
        payload = token.split(".")[1]
        return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))

    v3.world.clock.freeze()
    old = v3.generate().json()
    now = v3.world.clock.now().timestamp()
    assert claims(old["accessToken"])["exp"] == int(now) + 24 * 3600
    assert claims(old["refreshToken"])["exp"] == int(now) + 48 * 3600
    v3.world.clock.advance(24 * 3600)
    assert codes(v3.list()) == ["token.verification_failed"]
    assert v3.refresh().status_code == 200
    assert v3.list().status_code == 200
    again = v3.call("POST", "/tokens/refresh", json={"refreshToken": old["refreshToken"]})
    assert (again.status_code, codes(again)) == (400, ["security.bad_credentials"])
    v3.world.clock.advance(48 * 3600)
    assert codes(v3.refresh()) == ["security.bad_credentials"]


def test_tokens_of_one_version_do_not_open_the_other(v3: V3Merchant) -> None:
    url = f"{v3.world.ppg_base_url}/orders"
    headers = {"Authorization": f"Bearer {v3.access_token}"}
    assert requests.get(url, headers=headers, timeout=10).status_code == 401


def test_a_cancelled_payment_says_why(v3: V3Merchant) -> None:
    form = v3.returned("cancel").form
    assert form
    assert form["failReason"] == "CANCELLED_BY_USER"
    failed = v3.purchase(form["purchaseId"])
    assert (failed["state"], failed["pspFailReason"]) == ("FAILED", "CANCELLED_BY_USER")


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_page_that_returns_works_by_a_button_and_by_a_script_of_its_own(
    v3: V3Merchant, language: str
) -> None:
    _, page = v3.opened()
    sent = v3.world.submit(f"{page}?lang={language}", "pay")
    assert f'lang="{language}"' in sent.text
    assert '<button type="submit"' in sent.text
    assert 'method="post" action="https://shop.example/callback"' in sent.text
    policy = sent.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", sent.text)
    assert [inside for _, inside in scripts] == [""]
    assert "to_shop.js" in scripts[0][0]


def test_the_callback_can_be_a_get_by_switch(v3: V3Merchant) -> None:
    v3.world.switch(v3_callback="GET")
    callback = v3.returned(callbackUrl="https://shop.example/cb?shop=7")
    assert callback.form is None
    assert callback.url.startswith("https://shop.example/cb?shop=7&amount=250000&")


def test_an_expired_purchase_sends_nobody_back(v3: V3Merchant) -> None:
    identifier, page = v3.opened()
    paid = v3.paid()
    v3.world.clock.advance(901)
    assert v3.status(identifier) == v3.status(paid) == "EXPIRED"
    with pytest.raises(ShopperStopped):
        v3.world.pay(page)
    assert v3.verify(paid).json() == {"status": "NOT_VERIFIABLE"}
    with pytest.raises(ValueError, match="nothing is sent"):
        v3.world.control("POST", f"orders/{paid}/callback")


def test_an_unknown_payment_stays_unknown_and_cannot_be_verified(v3: V3Merchant) -> None:
    identifier, page = v3.opened()
    v3.world.callback(page, "unknown")
    v3.world.clock.advance(901)
    assert v3.verify(identifier).json() == {"status": "NOT_VERIFIABLE"}
    assert v3.status(identifier) == "UNKNOWN"


def test_a_button_pressed_without_a_page_returns_the_form(v3: V3Merchant) -> None:
    identifier, _ = v3.opened()
    body = {"action": "pay"}
    pressed = v3.world.control("POST", f"orders/{identifier}/press", body)
    assert pressed["location"] == "https://shop.example/callback"
    assert pressed["form"]["status"] == "SUCCESSFUL"


def test_a_reference_is_taken_for_ever_and_free_after_a_refused_create(v3: V3Merchant) -> None:
    refused = v3.create(clientReferenceNumber="R-1", amount=1)
    assert codes(refused) == ["amount.not_enough"]
    first = v3.create(clientReferenceNumber="R-1").json()
    v3.world.clock.advance(10_000)
    assert v3.status(first["purchaseIdStr"]) == "EXPIRED"
    again = v3.create(clientReferenceNumber="R-1")
    assert codes(again) == ["clientReferenceNumber.duplicated"]
    assert v3.create(clientReferenceNumber=12345).json()["clientReferenceNumber"] == "12345"


def test_a_create_whose_answer_is_lost_is_found_by_its_reference(v3: V3Merchant) -> None:
    wanted = v3.order(clientReferenceNumber="R-1")
    v3.world.behave("reset_after_commit", operation="create")
    with pytest.raises(requests.ConnectionError):
        v3.call("POST", "/purchases", json=wanted)
    again = v3.call("POST", "/purchases", json=wanted)
    assert codes(again) == ["clientReferenceNumber.duplicated"]
    (identifier,) = v3.listed(clientReferenceNumber="R-1")
    v3.world.pay(f"{v3.base_url}/purchases/{identifier}/payments")
    assert v3.status(identifier) == "READY_TO_VERIFY"


@pytest.mark.parametrize("behaviour", ["reset_after_commit", "verify_unknown_after_commit"])
def test_a_verify_whose_answer_is_lost_or_unknown_has_happened(
    v3: V3Merchant, behaviour: str
) -> None:
    identifier = v3.paid()
    v3.world.behave(behaviour, operation="verify")
    try:
        assert v3.verify(identifier).json() == {"status": "UNKNOWN"}
    except requests.ConnectionError:
        assert behaviour == "reset_after_commit"
    assert v3.status(identifier) == "SUCCESS"
    assert v3.verify(identifier).json() == {"status": "ALREADY_VERIFIED"}


def test_a_client_finds_its_purchases_by_every_filter(v3: V3Merchant) -> None:
    v3.world.clock.freeze()
    first = v3.verified(userIdentifier="ann", clientReferenceNumber="A")
    v3.world.clock.advance(60)
    second, _ = v3.opened(userIdentifier="bob", clientReferenceNumber="B")
    purchase = v3.purchase(first)
    moment = v3.purchase(second)["createdAt"]
    for query, found in (
        ({}, [second, first]),
        ({"purchaseId": first}, [first]),
        ({"clientReferenceNumber": "B"}, [second]),
        ({"userIdentifier": "ann"}, [first]),
        ({"status": "SUCCESS"}, [first]),
        ({"status": "UNKNOWN"}, []),
        *(({name: purchase[name]}, [first]) for name in ("pspRrn", "pspTraceNumber")),
        ({"pspReferenceNumber": purchase["pspReferenceNumber"]}, [first]),
        ({"from": moment}, [second]),
        ({"to": moment}, [first]),
        ({"what": "x", "purchaseId": ""}, [second, first]),
        ({"purchaseId": "1"}, []),
    ):
        with naming(query):
            assert v3.listed(**query) == found


def test_a_client_does_not_see_the_purchases_of_another(v3: V3Merchant) -> None:
    another = V3Merchant(v3.world.world(f"{v3.world.name}-other"))
    another.generate()
    identifier = v3.paid(clientReferenceNumber="R-1")
    assert another.listed() == another.listed(purchaseId=identifier) == []
    assert codes(another.verify(identifier)) == ["purchase.not_found"]
    assert another.create(clientReferenceNumber="R-1").status_code == 200
    another.session.close()


def test_the_inquiry_has_pages(v3: V3Merchant) -> None:
    created = [v3.opened()[0] for _ in range(3)]
    first, last = v3.list(size=2).json(), v3.list(size=2, page=2).json()
    for page, number, has_next in ((first, 1, True), (last, 2, False)):
        assert page["numberOfElements"] == 3
        assert (page["pageNumber"], page["size"]) == (number, 2)
        assert (page["hasNext"], page["hasPrevious"]) == (has_next, not has_next)
    listed = [each["purchaseIdStr"] for page in (first, last) for each in page["elements"]]
    assert listed == created[::-1]


def test_fields_without_a_value_are_absent_or_null_by_switch(v3: V3Merchant) -> None:
    identifier, _ = v3.opened(additionalData={"cart": [1, None]})
    purchase = v3.purchase(identifier)
    assert purchase["additionalData"] == {"cart": [1, None]}
    assert None not in purchase.values()
    v3.world.switch(v3_empty_fields="null")
    assert v3.purchase(identifier)["pspRrn"] is None


def test_the_sandbox_posts_a_second_callback_itself(v3: V3Merchant) -> None:
    with listening_shop() as shop:
        identifier, page = v3.opened(callbackUrl=shop.callback_url)
        v3.world.behave("callback_twice")
        form = v3.world.callback(page).form
        v3.world.control("POST", f"orders/{identifier}/callback")
        assert shop.callbacks == [form, form]
    sent = v3.world.requests_seen(operation="callback", order=identifier)
    assert [entry["method"] for entry in sent] == ["POST", "POST"]


def test_a_callback_can_be_lost_late_or_wrong(v3: V3Merchant) -> None:
    v3.world.behave("callback_missing")
    with pytest.raises(ShopperStopped):
        v3.returned()
    v3.world.behave("callback_late", seconds=7)
    late = v3.world.submit(v3.opened()[1], "pay")
    assert 'data-seconds="7"' in late.text
    v3.world.behave("callback_other_state", state="UNKNOWN")
    form = v3.returned().form
    assert form
    assert form["status"] == "UNKNOWN"
    v3.world.behave("callback_other_amount")
    form = v3.returned().form
    assert form
    assert form["amount"] == "2500000"
