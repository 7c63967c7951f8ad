"""A refusal is explained: codes and fields in the list, a hint where the sandbox knows more."""

from __future__ import annotations

from typing import Any

import requests

from testkit.cases import naming
from tests.sandbox.merchant import Merchant
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.wallet_merchant import WalletMerchant

JSON = {"Content-Type": "application/json"}


def last_refusal(merchant: Merchant, answer: requests.Response) -> dict[str, Any]:
    """What the log says of the answer's call, in the world that answered it."""
    fingerprint = answer.headers["X-Sandbox-Fingerprint"]
    worlds = (merchant.world, merchant.world.world("sandbox"))
    found = [entry for world in worlds for entry in world.requests_seen(fingerprint=fingerprint)]
    return dict(found[0]["refusal"])


def test_the_log_names_codes_fields_and_hints(merchant: Merchant) -> None:
    refused = last_refusal(merchant, merchant.create(referenceNumber=12))
    assert refused == {
        "codes": ["binding.type_mismatch"],
        "fields": ["referenceNumber"],
        "hints": ["referenceNumber was sent as a number; the switch legacy would read it as text."],
    }
    both = last_refusal(merchant, merchant.create(amount=..., callbackUrl=..., callback_url="x"))
    assert both["fields"] == ["amount", "callbackUrl"]
    assert both["hints"] == ["The field is called callbackUrl, not callback_url."]
    good = merchant.create()
    (entry,) = merchant.world.requests_seen(fingerprint=good.headers["X-Sandbox-Fingerprint"])
    assert entry["refusal"] is None


def test_hints_of_ppg_v2(merchant: Merchant) -> None:
    older = {"merchantCode": merchant.world.api_key, "password": merchant.world.secret_key}
    keys = {"apiKey": merchant.world.api_key, "secretKey": "x"}
    elsewhere = merchant.world.base_url + "/ppg/v2"
    expired = merchant.access_token
    merchant.refresh()
    for answer, hint in (
        (merchant.call("POST", "/tokens/generate", json=older), "older name of apiKey"),
        (merchant.call("POST", "/tokens/generate", json=keys), "-secret-key."),
        (merchant.call("POST", "//orders", json={}), "must not end in a slash"),
        (merchant.call("GET", "/orders/x/"), "must not end in a slash"),
        (merchant.call("GET", "/purchases"), "would end in /ppg/v3"),
        (merchant.create(callbackUrl="myapp://x"), "The switch callback_app would"),
        (merchant.call("GET", "/orders", headers={"Accept": "text/html"}), "It was: text/html"),
        (merchant.call("GET", "/orders", headers={"Authorization": "Basic x"}), "Bearer, a space"),
        (merchant.call("GET", "/orders", headers={"Authorization": "Bearer x"}), "has not issued"),
        (bearing(elsewhere, expired), "was valid until"),
        (bearing(elsewhere, merchant.pair["refreshToken"]), "This is the refresh token"),
    ):
        with naming(hint):
            assert hint in " ".join(last_refusal(merchant, answer)["hints"])


def bearing(base_url: str, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{base_url}/orders", headers=headers, timeout=10)


def test_hints_of_the_other_gateways(
    merchant: Merchant, v3: V3Merchant, payee: WalletMerchant
) -> None:
    card, _ = merchant.opened()
    for one, answer, fields, hint in (
        (v3, v3.create(amount="250000"), ["amount"], "sent as text"),
        (v3, v3.create(checkPayerMobileNumber=1), ["checkPayerMobileNumber"], "as a boolean"),
        (payee, payee.create(callBackUrl=..., callBackURL="x"), ["callBackUrl"], "is called"),
        (payee, payee.create(description=7), ["description"], "sent as a number"),
        (payee, payee.inquiry(card), [], "the gateway under /ppg/v2"),
        (payee, payee.call("POST", f"/order/inquiry/{card}"), [], "wallet_inquiry_by_post"),
    ):
        with naming(hint):
            refused = last_refusal(one, answer)
            assert refused["fields"] == fields
            assert hint in " ".join(refused["hints"])


def test_the_dashboard_shows_them_in_both_languages(merchant: Merchant) -> None:
    answer = merchant.create(userIdentifier=9121234567)
    fingerprint = answer.headers["X-Sandbox-Fingerprint"]
    (entry,) = merchant.world.requests_seen(fingerprint=fingerprint)
    base, here = merchant.world.base_url, {"world": merchant.world.name}
    for address in (base, f"{base}/_sandbox/pages/exchanges/{entry['id']}"):
        english = requests.get(address, here | {"lang": "en"}, timeout=10).text
        assert "binding.type_mismatch" in english
        assert "the switch legacy would read it as text" in english
        persian = requests.get(address, here | {"lang": "fa"}, timeout=10).text
        assert "با کلید legacy به شکل متن خوانده می‌شود" in persian


def test_secrets_in_addresses_and_older_keys_are_masked(merchant: Merchant) -> None:
    merchant.world.switch(legacy=True, callback_user="accepted")
    secret = "https://u:very-secret@shop.example/back?token=also-very-secret"
    identifier, page = merchant.opened(callbackUrl=secret)
    merchant.world.cancel(page)
    older = {"merchantCode": merchant.world.api_key, "password": merchant.world.secret_key}
    merchant.call("POST", "/tokens/generate?merchantCode=12345678900", json=older)
    base, here = merchant.world.base_url, {"world": merchant.world.name, "lang": "en"}
    order = requests.get(f"{base}/_sandbox/pages/orders/{identifier}", here, timeout=10).text
    log = requests.get(f"{base}/_sandbox/requests", here, timeout=10).text
    for shown in (order, log):
        assert "shop.example/back" in shown
        for text in ("very-secret", "12345678900", merchant.world.secret_key):
            assert text not in shown


def test_an_unknown_word_in_a_form_is_refused_with_the_words_that_there_are(
    merchant: Merchant, v3: V3Merchant, payee: WalletMerchant
) -> None:
    for one in (merchant, v3, payee):
        identifier, page = one.opened()
        answer = requests.post(page, {"action": "pay_and_vanish"}, timeout=10)
        assert answer.status_code == 400
        assert "'vanish'" in answer.json()["error"]
        assert one.world.order(identifier)["state"] == "awaiting"
    base = f"{merchant.world.base_url}/_sandbox/pages"
    for form, fields, word in (
        ("clock", {"action": "stop"}, "freeze"),
        ("behaviours", {"action": "activate"}, "arm"),
        ("behaviours", {"action": "arm", "name": "explode"}, "verify_unknown"),
        ("chaos", {"action": "begin"}, "start"),
        ("switches", {"dead_token": "gone"}, "token.verification_failed"),
        ("switches", {"expiry_late": "soon"}, "a whole number"),
        (f"purchases/{v3.opened()[0]}/state", {"state": "PAID"}, "MANUALLY_SUCCESS"),
    ):
        with naming(form, fields):
            address = f"{base}/{form}?world={merchant.world.name}"
            answer = requests.post(address, fields, timeout=10)
            assert answer.status_code == 400
            assert word in answer.json()["error"]
