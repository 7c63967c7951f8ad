"""Every field rule and code of PPG v3's sheet, by raw HTTP, in both languages.

A row is named by its call; its code comes with the HTTP status of the sheet's section 2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest
import requests

from jibit_sandbox.core.worlds import Switches
from testkit.cases import naming
from tests.sandbox.merchant import codes
from tests.sandbox.v3_merchant import V3Merchant

DEFAULTS = asdict(Switches())
PERSIAN = re.compile("[آ-ی]")
CALLS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "tokens": ("POST", "/tokens", {"apiKey": "{world}-api-key", "secretKey": "{world}-secret-key"}),
    "refresh": ("POST", "/tokens/refresh", {"refreshToken": "{refresh}"}),
    "create": (
        "POST",
        "/purchases",
        {
            "amount": 100_000,
            "currency": "IRR",
            "callbackUrl": "https://shop.example/callback",
            "clientReferenceNumber": "A new one",
        },
    ),
    "verify": ("POST", "/purchases/{order}/verify", None),
    "inquiry": ("GET", "/purchases", None),
    "reverse": ("POST", "/purchases/reverse", {"purchaseId": "{order}"}),
}
WITH_TOKEN = ("create", "verify", "inquiry", "reverse")
WITH_BODY = ("tokens", "refresh", "create", "reverse")
CLIENTS = ("tokens", "refresh", *WITH_TOKEN)


@dataclass(frozen=True)
class Row:
    """One refusal: what is wrong with the call, and the code and HTTP status it gets."""

    call: str
    code: str
    status: int = 400
    change: dict[str, Any] = field(default_factory=dict)  # of the body; ... leaves a field out
    body: str | None = None  # raw, in place of the JSON
    headers: dict[str, Any] = field(default_factory=dict)
    method: str | None = None
    path: str | None = None
    switches: dict[str, Any] = field(default_factory=dict)
    behaviour: str | None = None

    def __str__(self) -> str:
        said = self.body or self.path or self.change or self.headers or self.switches
        return f"{self.call}: {self.code} {said}"


def create(code: str, *values: Any, **switches: Any) -> Iterator[Row]:
    """Give a row for each wrong value of the field that the code names first."""
    name = code.split(".")[0]
    for value in values:
        yield Row("create", code, change={name: value}, switches=switches)


BLANK = (..., None, "", "  ")
WAGE_OF_15 = "wage.must_be_less_than_fifteen_percent_of_purchase_amount"
TOO_MUCH = "amount_plus_wage.permitted_value_exceeded"
MOBILE_NEEDED = "payerMobileNumber.must_be_provided_to_check_with_card_number"
ONE_OR_LIST = "payerCardNumber_and_payerCardNumbers.just_one_of_them_is_permitted"
WRONG_BODY = "web.invalid_or_missing_body"
CARDS = ("6037990000000014", "6104330000000029")
WRONG_TYPES: tuple[dict[str, Any], ...] = (
    {"amount": "250000"},  # open point 6
    {"amount": 250000.5},
    {"amount": True},
    {"amount": 10**19},
    {"wage": "1"},
    {"currency": "RIALS"},
    {"currency": "irr"},
    {"currency": 1},
    {"callbackUrl": 1},
    {"clientReferenceNumber": 1.5},
    {"clientReferenceNumber": ["x"]},
    {"userIdentifier": 9121234567},
    {"description": {}},
    {"additionalData": "{}"},
    {"additionalData": []},
    {"checkPayerMobileNumber": "true"},
    {"payerCardNumbers": "6037990000000014"},
    {"payerCardNumbers": [6037990000000014]},
    {"switching": []},
    {"switching": {"terminalIds": "1001"}},
    {"switching": {"terminalIds": ["1001"], "autoSwitching": "no"}},
)
ROWS = [
    # section 2, access
    *(
        Row("tokens", f"{name}.is_required", change={name: value})
        for name in ("apiKey", "secretKey")
        for value in BLANK
    ),
    *(Row("refresh", "refreshToken.is_required", change={"refreshToken": v}) for v in BLANK),
    Row("tokens", "security.bad_credentials", change={"secretKey": "x"}),
    Row("tokens", "security.bad_credentials", change={"apiKey": "x y"}),
    Row("refresh", "security.bad_credentials", change={"refreshToken": "{access}"}),
    Row(
        "tokens",
        "security.bad_credentials",
        401,
        {"secretKey": "x"},
        switches={"v3_bad_credentials": 401},
    ),
    *(Row(c, "security.auth_required", 401, headers={"Authorization": None}) for c in WITH_TOKEN),
    *(
        Row(call, "token.verification_failed", 401, headers={"Authorization": f"Bearer {token}"})
        for call in WITH_TOKEN
        for token in ("x", "{refresh}")
    ),
    *(Row(call, "client.not_active", switches={"merchant": "inactive"}) for call in CLIENTS),
    *(Row(call, "ip.not_trusted", 403, switches={"v3_trusted_ip": False}) for call in WITH_TOKEN),
    # section 2, every call
    *(Row(c, WRONG_BODY, body=b) for c in WITH_BODY for b in ("", "{", "[]", "NaN", '{"a":')),
    *(Row(call, "web.method_not_allowed", 405, method="DELETE") for call in CALLS),
    *(
        Row(c, "web.unsupported_media_type", 415, headers={"Content-Type": kind})
        for c in WITH_BODY
        for kind in ("text/plain", "application/x-www-form-urlencoded")
    ),
    *(Row(call, "server.error", 500, behaviour="error_500") for call in CALLS),
    *(Row(call, "too_many_requests", 429, behaviour="too_many_requests") for call in CALLS),
    Row("inquiry", "web.no_handler", 404, path="/purchases/{order}"),
    Row("create", "web.no_handler", 404, path="/orders"),
    Row("verify", "purchase.not_found", 404, path="/purchases/123456789012345678/verify"),
    Row("verify", "binding.type_mismatch", path="/purchases/abc/verify"),
    Row("reverse", "purchase.not_found", 404, {"purchaseId": 1}, switches={"v3_reverse": True}),
    # section 3, create
    *create("amount.is_required", ..., None),
    *create("amount.not_enough", 4_999, 0, -5_000),
    *create("wage.is_invalid", -1),
    *create(WAGE_OF_15, 15_001, 100_000),
    *create(WAGE_OF_15, 15_000, v3_wage_of_15_percent="refused"),
    *create("fee_as_wage.wage_must_be_zero", v3_fee_as_wage=True),
    Row(
        "create",
        "fee_as_wage.wage_must_be_zero",
        change={"wage": 1},
        switches={"v3_fee_as_wage": True},
    ),
    Row("create", TOO_MUCH, change={"amount": 2_000_000_001}),
    Row("create", TOO_MUCH, change={"amount": 1_999_999_999, "wage": 2}),
    *create("currency.is_required", *BLANK),
    *create("callbackUrl.is_required", *BLANK),
    *create("callbackUrl.is_invalid", "shop", "ftp://shop.example/", "https://shop .example/"),
    *create("callbackUrl.max_length", "https://shop.example/" + "x" * 1004),
    *create(
        "callbackUrl.domain_not_in_whitelist", "https://a.example/", v3_callback_whitelist=True
    ),
    *create("clientReferenceNumber.is_required", *BLANK),
    *create("clientReferenceNumber.max_length", "x" * 51),
    *create("clientReferenceNumber.duplicated", "{reference}"),
    *create("userIdentifier.max_length", "x" * 51),
    *create("description.max_length", "x" * 257),
    *create(
        "payerMobileNumber.is_invalid",
        "+989121234567",
        "00989121234567",
        "9121234567",
        "۰۹۱۲۱۲۳۴۵۶۷",
    ),
    *create("payerMobileNumber.in_blacklist", "09990000000"),
    Row("create", MOBILE_NEEDED, change={"checkPayerMobileNumber": True}),
    *create("payerCardNumber.is_invalid", "603799", "6037-9900-0000-0014", "x" * 16),
    Row("create", "payerCardNumber.is_invalid", change={"payerCardNumbers": ["1"]}),
    Row("create", "payerCardNumber.is_invalid", change={"payerCardNumbers": [CARDS[0], CARDS[0]]}),
    Row(
        "create", ONE_OR_LIST, change={"payerCardNumber": CARDS[0], "payerCardNumbers": [CARDS[1]]}
    ),
    *create("payerNationalCode.is_invalid", "0084575949", "1111111111", "84575948"),
    Row("create", "switching.terminalIds.is_required", change={"switching": {}}),
    Row("create", "switching.terminalIds.is_required", change={"switching": {"terminalIds": []}}),
    *(Row("create", WRONG_BODY, change=change) for change in WRONG_TYPES),
    # section 3, inquiry
    *(
        Row("inquiry", "binding.type_mismatch", path=f"/purchases?{query}")
        for query in (
            *("purchaseId=abc", "status=VERIFIED", "page=0", "page=x", "size=0"),
            *("from=yesterday", "to=2026-13-01"),
        )
    ),
    Row("inquiry", "page_number.max_exceeded", path="/purchases?page=21"),
    Row("inquiry", "page_size.max_exceeded", path="/purchases?size=251"),
    # section 3, reverse
    Row("reverse", "reverse.is_not_enabled"),
    Row(
        "reverse",
        "clientReferenceNumber_or_purchaseId.are_required",
        body="{}",
        switches={"v3_reverse": True},
    ),
]


@pytest.mark.parametrize("call", CALLS)
def test_a_refusal_has_its_code_and_its_status(v3: V3Merchant, call: str) -> None:
    created = v3.create().json()
    for row in ROWS:
        if row.call == call:
            with naming(str(row)):
                message = refused(v3, row, created, "en")
                assert not PERSIAN.search(message)


def test_every_code_has_a_message_in_persian(v3: V3Merchant) -> None:
    created = v3.create().json()
    for row in {row.code: row for row in ROWS}.values():
        with naming(str(row)):
            assert PERSIAN.search(refused(v3, row, created, "fa"))


def refused(merchant: V3Merchant, row: Row, created: dict[str, Any], language: str) -> str:
    """Send the row's call in its world; return the message, and put the world back in order."""
    if row.switches:
        merchant.world.switch(**row.switches)
    if row.behaviour:
        merchant.world.behave(row.behaviour)
    answer = send(merchant, row, created, language)
    if row.switches:
        merchant.world.switch(**{name: DEFAULTS[name] for name in row.switches})
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.status_code, codes(answer)) == (row.status, [row.code])
    return str(answer.json()["errors"][0]["message"])


def send(
    merchant: V3Merchant, row: Row, created: dict[str, Any], language: str
) -> requests.Response:
    """The call's good request with what the row changes, in that language."""
    method, path, body = CALLS[row.call]
    facts = {
        "world": merchant.world.name,
        "access": merchant.access_token,
        "refresh": merchant.pair["refreshToken"],
        "order": created["purchaseIdStr"],
        "reference": created["clientReferenceNumber"],
    }
    headers = {"Accept-Language": language} | row.headers
    how: dict[str, Any] = {}
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
        how["data"] = row.body if row.body is not None else filled(body | row.change, facts)
    return merchant.call(
        row.method or method,
        (row.path or path).format(**facts),
        headers={n: v.format(**facts) if v else v for n, v in headers.items()},
        **how,
    )


def filled(body: dict[str, Any], facts: dict[str, str]) -> str:
    """The body as JSON, with the merchant's own facts and without the fields that are ``...``."""
    kept = {name: value for name, value in body.items() if value is not ...}
    return json.dumps(
        {n: v.format(**facts) if isinstance(v, str) and v != "{}" else v for n, v in kept.items()}
    )


def test_everything_wrong_with_the_fields_is_named_at_once(v3: V3Merchant) -> None:
    answer = v3.call("POST", "/purchases", json={"wage": -1, "payerCardNumber": "1"})
    assert sorted(codes(answer)) == [
        "amount.is_required",
        "callbackUrl.is_required",
        "clientReferenceNumber.is_required",
        "currency.is_required",
        "payerCardNumber.is_invalid",
        "wage.is_invalid",
    ]
    both = v3.call("POST", "/tokens", json={})
    assert codes(both) == ["apiKey.is_required", "secretKey.is_required"]


def test_the_clients_rules_come_after_the_fields_and_one_at_a_time(v3: V3Merchant) -> None:
    twice = v3.order(wage=200_000, payerMobileNumber="09990000000")
    assert codes(v3.call("POST", "/purchases", json=twice)) == [WAGE_OF_15]
    assert codes(v3.call("POST", "/purchases", json=twice | {"currency": ""})) == [
        "currency.is_required"
    ]


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


@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/xml;q=0.9", None])
def test_any_accept_header_is_answered(v3: V3Merchant, accept: str | None) -> None:
    assert v3.call("GET", "/purchases", headers={"Accept": accept}).status_code == 200


def test_a_405_says_what_is_allowed_and_a_head_request_captures_nothing(v3: V3Merchant) -> None:
    identifier = v3.paid()
    refused = v3.call("HEAD", f"/purchases/{identifier}/verify")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, POST")
    assert v3.status(identifier) == "READY_TO_VERIFY"
