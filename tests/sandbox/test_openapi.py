"""The OpenAPI document: the sandbox answers as it says, also when it is asked nonsense."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import requests

from jibit_sandbox.gateways.ppg_v2.errors import SECTIONS
from testkit.cases import naming
from tests.sandbox.described import Reader
from tests.sandbox.fuzz import fuzz
from tests.sandbox.merchant import Merchant
from tests.sandbox.pairwise import all_positions
from tests.sandbox.ppg_sheet import DOCUMENTED
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.wallet_merchant import WalletMerchant


def test_the_codes_of_every_section_are_those_of_the_conformance_table() -> None:
    described = {section.title: set(section.codes) for section in SECTIONS.values()}
    assert described == DOCUMENTED


def test_every_good_answer_of_the_gateway_is_described(merchant: Merchant, reader: Reader) -> None:
    base = "/ppg/v2"
    reader.check("post", f"{base}/tokens/generate", merchant.generate())
    reader.check("post", f"{base}/tokens/refresh", merchant.refresh())
    reader.check("post", f"{base}/orders", merchant.create())
    identifier = merchant.paid(description="x", nationalCode="0084575948")
    order = f"{base}/orders/{{orderIdentifier}}"
    reader.check("get", order, merchant.inquiry(identifier))
    reader.check("get", f"{order}/verify", merchant.verify(identifier))
    reader.check("get", order, merchant.inquiry(identifier))
    for spelling in ("both", "documented", "correct"):
        merchant.world.switch(total_spelling=spelling)
        reader.check("get", f"{base}/orders", merchant.list())


@pytest.mark.parametrize("shape", ["both", "flat", "enveloped"])
def test_every_good_answer_of_the_wallet_is_as_described(
    payee: WalletMerchant, reader: Reader, shape: str
) -> None:
    base = urlsplit(payee.base_url).path
    payee.world.switch(wallet_inquiry=shape)
    created = payee.create(additionalData='{"a": 1}')
    identifier = created.json()["result"]["orderId"]
    reader.check("post", f"{base}/authenticate", payee.generate())
    reader.check("post", f"{base}/authenticate/refresh", payee.refresh())
    reader.check("post", f"{base}/order/initiate", created)
    reader.check("get", f"{base}/order/inquiry/{{orderId}}", payee.inquiry(identifier))
    payee.world.press(identifier)
    reader.check("post", f"{base}/order/verify/{{orderId}}", payee.verify(identifier))
    reader.check("get", f"{base}/order/inquiry/{{orderId}}", payee.inquiry(identifier))


def test_every_good_answer_of_ppg_v3_is_described(v3: V3Merchant, reader: Reader) -> None:
    v3.world.switch(v3_refund=True, v3_reverse=True, v3_early_fees=True)
    created = v3.create(description="x", additionalData={}, payerNationalCode="0084575948")
    identifier = created.json()["purchaseIdStr"]
    for operation, answer in (("generate", v3.generate()), ("refresh", v3.refresh())):
        reader.check_operation(f"v3_{operation}", answer)
    reader.check_operation("v3_create", created)
    v3.world.press(identifier)
    reader.check_operation("v3_inquiry", v3.list())
    reader.check_operation("v3_verify", v3.verify(identifier))
    reader.check_operation("v3_refund", v3.refund(identifier, cancellable=True))
    reader.check_operation("v3_inquiry", v3.list())
    v3.world.switch(v3_empty_fields="null")
    reader.check_operation("v3_inquiry", v3.list())
    reader.check_operation("v3_reverse", v3.reverse(v3.verified()))
    refund = f"/purchases/refunds/{identifier}"
    for operation, method, path in (
        ("refund_inquiry", "GET", refund),
        ("refund_cancel", "POST", f"{refund}/cancel"),
        ("histories", "GET", f"/purchases/histories?purchaseId={identifier}"),
        ("balances", "GET", "/balances"),
        ("terminals", "GET", "/terminals/list"),
        ("settlements", "GET", "/settlements"),
        ("health", "GET", "/app/health"),
    ):
        with naming(operation):
            reader.check_operation(f"v3_{operation}", v3.call(method, path))


CONTROL = [
    ("get", "clock", None),
    ("put", "clock", {"mode": "frozen"}),
    ("post", "clock/advance", {"seconds": 5}),
    ("post", "behaviours", {"name": "delay", "parameters": {"seconds": 0}}),
    ("get", "behaviours", None),
    ("delete", "behaviours", None),
    ("post", "behaviours/release", None),
    ("get", "behaviours/held", None),
    ("put", "switches", {"first_page": 0}),
    ("get", "switches", None),
    ("put", "chaos", {"seed": 1}),
    ("get", "chaos", None),
    ("delete", "chaos", None),
    ("get", "cards", None),
    ("get", "statistics", None),
    ("get", "worlds", None),
    ("get", "orders", None),
    ("post", "orders", {"state": "paid", "minutes_ago": 14}),
    ("get", "health", None),
    ("get", "world", None),
    ("put", "world", {"orders": [{"gateway": "ppg_v3", "state": "unknown"}]}),
    ("get", "har", None),
    ("get", "wallets", None),
    ("put", "wallets", {"mobile": "09121234567", "balance_rials": 5}),
    ("get", "requests", None),
    ("post", "sms", {"id": "order_paid:1:sms", "to": "09121234567", "text": "پرداخت شد"}),
    ("get", "sms", None),
    ("post", "reset", None),
]


def test_every_good_answer_of_the_control_api_is_described(
    merchant: Merchant, reader: Reader
) -> None:
    merchant.verify(merchant.paid())
    for method, path, body in CONTROL:
        with naming(method, path, body):
            url = f"{merchant.world.base_url}/_sandbox/{path}"
            world = {"world": merchant.world.name}
            answer = requests.request(method, url, params=world, json=body, timeout=10)
            assert answer.ok, answer.text
            reader.check(method, f"/_sandbox/{path}", answer)


def test_every_control_call_that_needs_no_number_is_in_the_table(reader: Reader) -> None:
    described = {
        (method, path.removeprefix("/_sandbox/"))
        for path, calls in reader.document["paths"].items()
        for method in calls
        if path.startswith("/_sandbox/") and "{" not in path
    }
    assert described == {(method, path) for method, path, _ in CONTROL}


@pytest.mark.long
@pytest.mark.parametrize("tag", ["gateway", "wallet", "ppg_v3", "control"])
def test_schemathesis_finds_nothing(tag: str) -> None:
    """A sample; ``python -m tests.sandbox.fuzz 220 ppg_v3`` has more than 5,000 cases."""
    run = fuzz(tag, cases=4, seed=1)
    assert run.returncode == 0, run.stdout[-6000:]


@pytest.mark.long
@pytest.mark.parametrize("tag", ["gateway", "ppg_v3", "wallet"])
@pytest.mark.parametrize("position", range(len(all_positions())))
def test_schemathesis_finds_nothing_with_every_switch_in_each_position(
    tag: str, position: int
) -> None:
    run = fuzz(tag, cases=2, seed=1, switches=all_positions()[position])
    assert run.returncode == 0, run.stdout
