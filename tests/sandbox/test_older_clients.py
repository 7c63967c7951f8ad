"""Clients of PPG v2 as they are: the switch ``legacy``, and the other readings of the document."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from jibit_sandbox.core.settings import settings_from
from jibit_sandbox.testing import SandboxWorld, running_sandbox
from testkit.cases import naming
from tests.sandbox.load_generator import process
from tests.sandbox.merchant import Merchant, codes, joined
from tests.sandbox.raw import ask
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.wallet_merchant import WalletMerchant, problem

NUMBERS = {"referenceNumber": 1001, "userIdentifier": 9121234567, "nationalCode": 1111111111}
V3_NUMBERS: dict[str, Any] = {
    "amount": "250000",
    "clientReferenceNumber": 77,
    "userIdentifier": 9121234567,
    "payerCardNumber": 6037990000000014,
    "checkPayerMobileNumber": "false",
    "switching": {"terminalIds": [1001], "autoSwitching": "true"},
}


def test_a_legacy_world_reads_scalars_as_the_documented_types(merchant: Merchant) -> None:
    merchant.world.switch(legacy=True)
    for sent, name, read in (
        *((value, name, str(value)) for name, value in NUMBERS.items()),
        (True, "description", "true"),
        (1.5, "additionalData", "1.5"),
        ("200000.00", "amount", 200_000),
        (" 200000 ", "amount", 200_000),
    ):
        with naming(name, sent):
            created = merchant.create(**{name: sent})
            inquiry = merchant.inquiry(created.json()["orderIdentifier"]).json()
            assert inquiry[name] == read
    assert merchant.create(payerCardNumber=6037990000000014, forcePayerCardNumber=1).ok
    for name, value in (("amount", "12 k"), ("referenceNumber", ["x"]), ("description", {})):
        assert codes(merchant.create(**{name: value})) == ["binding.type_mismatch"]


def test_it_does_so_at_the_other_gateways_and_in_token_calls(
    merchant: Merchant, v3: V3Merchant, payee: WalletMerchant
) -> None:
    assert not v3.create(**V3_NUMBERS).ok
    assert not payee.create(description=7).ok
    merchant.world.switch(legacy=True)
    assert v3.purchase(v3.create(**V3_NUMBERS).json()["purchaseIdStr"])["userIdentifier"]
    assert payee.create(description=7, additionalData=True, amount="250000").ok
    wrong = merchant.call("POST", "/tokens/refresh", json={"accessToken": 7, "refreshToken": 7.5})
    assert codes(wrong) == ["token.generation.failed"]


def test_it_is_set_at_the_start_and_a_reset_keeps_it(tmp_path: Path) -> None:
    with running_sandbox(legacy=True) as sandbox:
        for world in (sandbox, sandbox.world("another")):
            assert is_legacy(world)
            world.control("POST", "reset")
            assert is_legacy(world)
        sandbox.switch(legacy=False)
        sandbox.control("POST", "reset")
        assert not is_legacy(sandbox)
    storefront = [sys.executable, "-m", "storefront.sandbox"]
    with process(tmp_path / "a.sqlite3", "--legacy", command=storefront) as (_, world):
        assert is_legacy(world)
    assert settings_from({"SANDBOX_LEGACY": "1"}).legacy
    assert not settings_from({"SANDBOX_LEGACY": "off"}).legacy
    with pytest.raises(ValueError, match="SANDBOX_LEGACY must be 1 or 0"):
        settings_from({"SANDBOX_LEGACY": "perhaps"})


def is_legacy(world: SandboxWorld) -> bool:
    return bool(world.control("GET", "switches")["switches"]["legacy"])


def test_a_reset_keeps_nothing_else_of_the_switches(world: SandboxWorld) -> None:
    world.switch(legacy=True, dead_token="security.auth_required")
    world.control("POST", "reset")
    switches = world.control("GET", "switches")["switches"]
    assert (switches["legacy"], switches["dead_token"]) == (True, "token.verification.failed")


def test_the_words_of_errors_can_be_others(merchant: Merchant) -> None:
    dead, absent = {"Authorization": "Bearer x"}, {"Authorization": None}
    for word in ("token.verification.failed", "token.verification_failed"):
        merchant.world.switch(dead_token=word, absent_token="security.auth_required")
        for path in ("/orders", "/orders/x", "/orders/x/verify"):
            # the token of nobody is answered by the default world, so the world's own one is killed
            merchant.world.behave("token_revoked")
            assert codes(merchant.call("GET", path)) == [word]
            merchant.generate()
        assert merchant.call("GET", "/orders", headers=dead).status_code == 401
        assert merchant.call("GET", "/orders", headers=absent).status_code == 401
    merchant.world.switch(wrong_type="web.invalid_or_missing_body")
    assert codes(merchant.create(amount="1")) == ["web.invalid_or_missing_body"]
    assert codes(merchant.list(page="x")) == ["binding.type_mismatch"]


def test_messages_can_be_null_and_fingerprints_dashed(merchant: Merchant, v3: V3Merchant) -> None:
    merchant.world.switch(error_message="null", fingerprint=36)
    for answer in (merchant.create(amount=1), v3.create(amount=1)):
        fingerprint = answer.json()["fingerprint"]
        assert [error["message"] for error in answer.json()["errors"]] == [None]
        assert [len(part) for part in fingerprint.split("-")] == [8, 4, 4, 4, 12]
        assert len(merchant.world.requests_seen(fingerprint=fingerprint)) == 1


def test_the_wallets_inquiry_by_post(payee: WalletMerchant) -> None:
    identifier, _ = payee.opened()
    refused = payee.call("POST", f"/order/inquiry/{identifier}")
    assert (problem(refused), refused.headers["Allow"]) == (405, "GET")
    payee.world.switch(wallet_inquiry_by_post="answered")
    answer = payee.call("POST", f"/order/inquiry/{identifier}").json()
    assert answer == payee.inquiry(identifier).json()


def test_a_base_url_with_a_slash_at_its_end_is_404_and_no_redirect(merchant: Merchant) -> None:
    host = merchant.world.base_url
    first = ask(host, "GET", "//ppg/v2/orders")  # requests would send one slash
    assert (first.status, b"web.no_handler" in first.body) == (404, True)
    for path in ("/ppg/v2//tokens/generate", "/ppg//v2/orders"):
        with naming(path):
            keys = {"apiKey": merchant.world.api_key, "secretKey": merchant.world.secret_key}
            answer = requests.post(host + path, json=keys, timeout=10, allow_redirects=False)
            assert (answer.status_code, codes(answer)) == (404, ["web.no_handler"])
            assert "Location" not in answer.headers
    for prefix, code in (("/ppg/v3", "web.no_handler"), ("/pg", "404")):
        answer = requests.post(f"{host}{prefix}//tokens", timeout=10, allow_redirects=False)
        assert answer.status_code == 404
        assert code in answer.text


CALLBACKS = {
    "callback_underscore": "https://my_shop.example/back",
    "callback_user": "https://user:secret@shop.example/back",
    "callback_persian_path": "https://shop.example/بازگشت‌ها?سفارش=۱",
    "callback_persian_host": "https://فروشگاه.ایران/back",
    "callback_app": "myapp://payment/back",
}
SENT_TO = {
    "callback_persian_path": "https://shop.example/%D8%A8",
    "callback_persian_host": "https://xn--",
}
NEVER = (
    *("javascript://shop.example/%0aalert(1)", "ftp://shop.example/", "file:///etc/passwd"),
    *("data://text/html,x", "https://", "https://shop.example/a b", "myapp:back", "https://%@/"),
    *("https://shop.example/\r\nX: y", "https://[/", "myapp://a\u2028b", "https://..ایران/"),
)


def test_callback_urls_beyond_plain_ascii_are_accepted_by_switch(
    merchant: Merchant, v3: V3Merchant, payee: WalletMerchant
) -> None:
    for switch, address in CALLBACKS.items():
        with naming(switch):
            for either in (merchant, v3, payee):
                assert either.create(callbackUrl=address).status_code == 400
            merchant.world.switch(**{switch: "accepted"})
            sent_to = merchant.world.cancel(merchant.opened(callbackUrl=address)[1])
            assert sent_to.isascii()
            assert sent_to.startswith(SENT_TO.get(switch, address))
            assert v3.returned("cancel", callbackUrl=address).url.isascii()
            assert payee.create(callbackUrl=address).ok
            merchant.world.switch(**{switch: "refused"})


def test_some_addresses_are_never_accepted(merchant: Merchant) -> None:
    merchant.world.switch(**dict.fromkeys(CALLBACKS, "accepted"))
    for address in NEVER:
        with naming(address):
            refused = merchant.create(callbackUrl=address)
            assert codes(refused) == ["order_create.callback_url.not_valid"]


FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "pay.example"}


@pytest.fixture(scope="module")
def behind_proxy() -> Iterator[SandboxWorld]:
    with running_sandbox(trusted_proxies=("127.0.0.0/8",)) as sandbox:
        yield sandbox


def test_forwarded_headers_are_believed_from_named_proxies_only(
    merchant: Merchant, behind_proxy: SandboxWorld
) -> None:
    with joined(Merchant(behind_proxy)) as proxied:
        pages = [
            one.call("POST", "/orders", json=one.order(), headers=FORWARDED).json()
            for one in (merchant, proxied)
        ]
    assert pages[0]["pspSwitchingUrl"].startswith(merchant.base_url)
    assert pages[1]["pspSwitchingUrl"].startswith("https://pay.example/ppg/v2/orders/")
    with pytest.raises(ValueError, match="SANDBOX_TRUSTED_PROXIES must be addresses"):
        settings_from({"SANDBOX_TRUSTED_PROXIES": "10.0.0.0/8, proxy"})


@pytest.mark.long
def test_https_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    database = tmp_path / "a.sqlite3"
    with process(database, "--https-port", "0") as (running, world):
        assert running.stdout
        address = running.stdout.readline().split()[2].rstrip(";")
        trusted = str(database.with_name("a.sqlite3.ca.pem"))
        created = requests.post(
            f"{address}/ppg/v2/tokens/generate",
            json={"apiKey": world.api_key, "secretKey": world.secret_key},
            verify=trusted,
            timeout=10,
        )
        assert created.ok
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(address, timeout=10)
        with pytest.raises(requests.ConnectionError):  # the answer is lost here, too
            requests.get(
                f"{address}/ppg/v2/orders",
                headers={"X-Sandbox-Behaviour": "reset"},
                verify=trusted,
                timeout=10,
            )
        assert requests.get(world.base_url, timeout=10).ok
