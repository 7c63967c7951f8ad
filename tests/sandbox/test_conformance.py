"""Every section of the document with every code it lists, by raw HTTP, in both languages.

A row is named by the document's section and the code. The world is prepared by its switches
where a code is about the merchant, and the 500 by the behaviour that exists for it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from testkit.cases import naming
from tests.sandbox.changed import send_changed
from tests.sandbox.described import Reader
from tests.sandbox.merchant import Merchant, codes, in_its_own_world

GENERATE = ("POST", "/tokens/generate")
REFRESH = ("POST", "/tokens/refresh")
CREATE = ("POST", "/orders")
VERIFY = ("GET", "/orders/{order}/verify")
INQUIRY = ("GET", "/orders/{order}")
LIST = ("GET", "/orders")

KEYS = {"apiKey": "{world}-api-key", "secretKey": "{world}-secret-key"}
PAIR = {"accessToken": "{access}", "refreshToken": "{refresh}"}
ORDER = {
    "amount": 1000,
    "currency": "RIALS",
    "referenceNumber": "R-1",
    "userIdentifier": "09121234567",
    "callbackUrl": "https://shop.example/callback",
}
SECTIONS: dict[str, tuple[tuple[str, str], dict[str, Any] | None]] = {
    "Authentication Mechanism": (GENERATE, KEYS),
    "Refresh Tokens Request": (REFRESH, PAIR),
    "Create Order": (CREATE, ORDER),
    "Verify Order": (VERIFY, None),
    "Inquiry Order": (INQUIRY, None),
    "Orders List": (LIST, None),
}
OPERATIONS = dict(
    zip(SECTIONS, ("generate", "refresh", "create", "verify", "inquiry", "list"), strict=True)
)
TOKEN_SECTIONS = ("Authentication Mechanism", "Refresh Tokens Request")
ORDER_SECTIONS = ("Create Order", "Verify Order", "Inquiry Order", "Orders List")
BODY_SECTIONS = (*TOKEN_SECTIONS, "Create Order")


@dataclass(frozen=True)
class Row:
    """One refusal: what is wrong with the section's request, and what the document says to it."""

    section: str
    code: str
    status: int
    en: str
    fa: str
    change: dict[str, Any] = field(default_factory=dict)  # of the body; ... leaves a field out
    body: str | None = None  # raw, in place of the JSON
    headers: dict[str, str] = field(default_factory=dict)
    method: str | None = None
    path: str | None = None
    switches: dict[str, str] = field(default_factory=dict)
    behaviour: str | None = None

    def __str__(self) -> str:
        detail = "-".join(map(str, (*self.change.values(), *self.headers.values())))
        return f"{self.section}: {self.code} {detail or self.body or ''}".strip()


def missing(section: str, code: str, name: str, en: str, fa: str) -> list[Row]:
    """A required field that is absent, null, empty or blank."""
    return [Row(section, code, 400, en, fa, {name: value}) for value in (..., None, "", "  ")]


def everywhere(sections: tuple[str, ...], make: Callable[[str], Row]) -> list[Row]:
    return [make(section) for section in sections]


ROWS = [
    *missing(
        "Authentication Mechanism",
        "generate_token.api_key.is_required",
        "apiKey",
        "The API key is required.",
        "کلید API الزامی است.",
    ),
    *missing(
        "Authentication Mechanism",
        "generate_token.secret_key.is_required",
        "secretKey",
        "The secret key is required.",
        "کلید محرمانه الزامی است.",
    ),
    *missing(
        "Refresh Tokens Request",
        "refresh_token.access_token.is_required",
        "accessToken",
        "Access token is required.",
        "توکن دسترسی الزامی است.",
    ),
    *missing(
        "Refresh Tokens Request",
        "refresh_token.refresh_token.is_required",
        "refreshToken",
        "Refresh token is required.",
        "توکن تازه‌سازی الزامی است.",
    ),
    *missing(
        "Create Order",
        "order_create.user_identifier.is_required",
        "userIdentifier",
        "User identifier is required.",
        "شناسهٔ کاربر الزامی است.",
    ),
    *missing(
        "Create Order",
        "order_create.reference_number.is_required",
        "referenceNumber",
        "Reference number is required.",
        "شمارهٔ مرجع الزامی است.",
    ),
    *missing(
        "Create Order",
        "order_create.callback_url.is_required",
        "callbackUrl",
        "Callback URL is required.",
        "نشانی بازگشت الزامی است.",
    ),
    *(
        Row(
            "Create Order",
            "order_create.amount.is_required",
            400,
            "Amount of order is required.",
            "مبلغ سفارش الزامی است.",
            {"amount": value},
        )
        for value in (..., None)
    ),
    *(
        Row(
            "Create Order",
            "order_create.amount.positive",
            400,
            "Amount of order must be positive (more than 99).",
            "مبلغ سفارش باید مثبت (بیش از ۹۹) باشد.",
            {"amount": value},
        )
        for value in (99, 0, -1000)
    ),
    *(
        Row(
            "Create Order",
            "order_create.currency.is_required",
            400,
            "Currency is required.",
            "واحد پول الزامی است.",
            {"currency": value},
        )
        for value in ("", " ")
    ),
    *(
        Row(
            "Create Order",
            "order_create.callback_url.not_valid",
            400,
            "Callback URL is invalid.",
            "نشانی بازگشت نامعتبر است.",
            {"callbackUrl": value},
        )
        for value in (
            "shop.example/callback",
            "/callback",
            "ftp://shop.example/",
            "https://",
            "javascript:alert(1)",
            "https://shop.example:port/",
            "https://shop.example/a b",
            "https://shop*.example/",
            "https://user:secret@shop.example/",
            "https://shop.example/\r\nX: y",
        )
    ),
    *everywhere(
        TOKEN_SECTIONS,
        lambda section: Row(
            section,
            "token.channel_not_active",
            401,
            "Channel is disabled.",
            "کانال غیرفعال است.",
            switches={"channel": "disabled"},
        ),
    ),
    *(
        Row(
            section,
            "token.generation.failed",
            401,
            "Token generation failed.",
            "ساخت توکن ناموفق بود.",
            {name: "wrong"},
        )
        for section, name in (
            ("Authentication Mechanism", "apiKey"),
            ("Authentication Mechanism", "secretKey"),
            ("Refresh Tokens Request", "accessToken"),
            ("Refresh Tokens Request", "refreshToken"),
        )
    ),
    *(
        Row(
            section,
            "token.verification.failed",
            401,
            "Token verification failed.",
            "اعتبارسنجی توکن ناموفق بود.",
            headers={"Authorization": value},
        )
        for section in ORDER_SECTIONS
        for value in ("Bearer wrong", "Basic {access}", "Bearer ", "")
        if section != "Verify Order" or value == "Bearer wrong"
    ),
    *(
        Row(
            "Verify Order",
            "user.not.authenticated",
            401,
            "The merchant is not authenticated.",
            "پذیرنده احراز هویت نشده است.",
            headers={"Authorization": value},
        )
        for value in ("Bearer ", "Basic {access}", "")
    ),
    Row(
        "Create Order",
        "merchant.inactive",
        400,
        "Merchant is inactive.",
        "پذیرنده غیرفعال است.",
        switches={"merchant": "inactive"},
    ),
    *everywhere(
        ORDER_SECTIONS,
        lambda section: Row(
            section,
            "merchant.not_found",
            404,
            "The merchant not found.",
            "پذیرنده پیدا نشد.",
            switches={"merchant": "missing"},
        ),
    ),
    *(
        Row(
            section,
            "web.invalid_or_missing_body",
            400,
            "The body is invalid or missing.",
            "بدنهٔ درخواست نامعتبر است یا وجود ندارد.",
            body=body,
        )
        for section in BODY_SECTIONS
        for body in ("", "{", "[]", '"text"', "null", "apiKey=1")
    ),
    *(
        Row(
            section,
            "binding.type_mismatch",
            400,
            "The type of a sent field is wrong.",
            "نوع یکی از فیلدها نادرست است.",
            {name: value},
        )
        for section, name, value in (
            ("Authentication Mechanism", "apiKey", 7),
            ("Authentication Mechanism", "secretKey", ["x"]),
            ("Refresh Tokens Request", "accessToken", 7),
            ("Refresh Tokens Request", "refreshToken", {}),
            ("Create Order", "amount", "1000"),
            ("Create Order", "amount", "1000.00"),
            ("Create Order", "amount", 1000.5),
            ("Create Order", "amount", True),
            ("Create Order", "amount", 10**30),
            ("Create Order", "currency", "EUR"),
            ("Create Order", "currency", 1),
            ("Create Order", "referenceNumber", 1001),
            ("Create Order", "userIdentifier", 9121234567),
            ("Create Order", "callbackUrl", ["https://shop.example"]),
            ("Create Order", "description", {}),
            ("Create Order", "additionalData", {"a": 1}),
            ("Create Order", "payerCardNumber", 6037990000000014),
            ("Create Order", "forcePayerCardNumber", "yes"),
            ("Create Order", "forcePayerCardNumber", 1),
            ("Create Order", "nationalCode", 84575948),
        )
    ),
    *(
        Row(
            section,
            "web.no_handler",
            404,
            "The requested address is invalid.",
            "نشانی درخواست‌شده نامعتبر است.",
            path=path,
        )
        for section, path in (
            ("Authentication Mechanism", "/tokens/generates"),
            ("Refresh Tokens Request", "/tokens/refresh/"),
            ("Create Order", "/order"),
            ("Verify Order", "/orders/{order}/verifies"),
            ("Inquiry Order", "/orders/{order}/"),
            ("Orders List", "/"),
        )
    ),
    *(
        Row(
            section,
            "web.method_not_allowed",
            405,
            "The HTTP method is not supported on the resource.",
            "این متد HTTP برای این منبع پشتیبانی نمی‌شود.",
            method=method,
        )
        for section, method in (
            ("Authentication Mechanism", "GET"),
            ("Refresh Tokens Request", "PUT"),
            ("Create Order", "PATCH"),
            ("Verify Order", "POST"),
            ("Verify Order", "DELETE"),
            ("Inquiry Order", "POST"),
            ("Orders List", "DELETE"),
            ("Orders List", "OPTIONS"),
        )
    ),
    *(
        Row(
            section,
            "web.not_acceptable",
            406,
            "The Accept header is invalid.",
            "سرآیند Accept نامعتبر است.",
            headers={"Accept": value},
        )
        for section in SECTIONS
        for value in ("text/html", "application/xml", "application/json;q=0")
    ),
    *(
        Row(
            section,
            "web.unsupported_media_type",
            415,
            "The Content-Type header is not supported.",
            "سرآیند Content-Type پشتیبانی نمی‌شود.",
            headers={"Content-Type": value},
        )
        for section in BODY_SECTIONS
        for value in ("text/plain", "application/x-www-form-urlencoded", "")
    ),
    *everywhere(
        tuple(SECTIONS),
        lambda section: Row(
            section,
            "service.internal_error",
            500,
            "Internal error.",
            "خطای داخلی سرویس.",
            behaviour="error_500",
        ),
    ),
]


def send(merchant: Merchant, row: Row, order: str, language: str) -> requests.Response:
    """The section's good request with what the row changes, in that language."""
    (method, path), body = SECTIONS[row.section]
    if row.behaviour:
        merchant.world.behave(row.behaviour)
    return send_changed(
        merchant,
        row.method or method,
        row.path or path,
        body if row.body is None else row.body,
        order=order,
        change=row.change,
        headers={"Accept-Language": language, **row.headers},
    )


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.one_case_in(7)
def test_a_refusal_is_told_as_the_document_says_in_both_languages(
    merchant: Merchant, section: str, reader: Reader
) -> None:
    rows = [row for row in ROWS if row.section == section]
    for number, row in enumerate(rows):
        with naming(str(row)), merchant_for(row, merchant, number) as one:
            check_refusal(one, row, reader)


def merchant_for(row: Row, merchant: Merchant, number: int) -> AbstractContextManager[Merchant]:
    """The switches of a world are nobody else's."""
    return in_its_own_world(merchant, number) if row.switches else nullcontext(merchant)


def check_refusal(merchant: Merchant, row: Row, reader: Reader) -> None:
    order, _ = merchant.opened()
    merchant.world.switch(**row.switches)
    for language, message in (("en", row.en), ("fa", row.fa)):
        answer = send(merchant, row, order, language)
        assert answer.status_code == row.status
        assert answer.headers["Content-Type"] == "application/json"
        assert codes(answer) == [row.code]
        assert answer.json()["errors"][0]["message"] == message
    if not row.method and not row.path:
        reader.check_operation(OPERATIONS[row.section], answer)
    assert logged_status(merchant, answer.json()["fingerprint"]) == row.status


def logged_status(merchant: Merchant, fingerprint: str) -> int:
    """From the world's log, or the default world's: who gave no good credentials has none."""
    worlds = (merchant.world, merchant.world.world("sandbox"))
    found = [entry for world in worlds for entry in world.requests_seen(fingerprint=fingerprint)]
    assert len(found) == 1
    return int(found[0]["status"])


DOCUMENTED = {
    "Authentication Mechanism": {
        "generate_token.api_key.is_required",
        "generate_token.secret_key.is_required",
        "web.invalid_or_missing_body",
        "binding.type_mismatch",
        "token.channel_not_active",
        "token.generation.failed",
        "web.no_handler",
        "web.method_not_allowed",
        "web.not_acceptable",
        "web.unsupported_media_type",
        "service.internal_error",
    },
    "Refresh Tokens Request": {
        "refresh_token.access_token.is_required",
        "refresh_token.refresh_token.is_required",
        "web.invalid_or_missing_body",
        "binding.type_mismatch",
        "token.channel_not_active",
        "token.generation.failed",
        "web.no_handler",
        "web.method_not_allowed",
        "web.not_acceptable",
        "web.unsupported_media_type",
        "service.internal_error",
    },
    "Create Order": {
        "order_create.user_identifier.is_required",
        "order_create.reference_number.is_required",
        "order_create.amount.is_required",
        "order_create.amount.positive",
        "order_create.currency.is_required",
        "order_create.callback_url.is_required",
        "order_create.callback_url.not_valid",
        "merchant.inactive",
        "web.invalid_or_missing_body",
        "binding.type_mismatch",
        "token.verification.failed",
        "merchant.not_found",
        "web.no_handler",
        "web.method_not_allowed",
        "web.not_acceptable",
        "web.unsupported_media_type",
        "service.internal_error",
    },
    "Verify Order": {
        "token.verification.failed",
        "user.not.authenticated",
        "merchant.not_found",
        "web.no_handler",
        "web.method_not_allowed",
        "web.not_acceptable",
        "service.internal_error",
    },
    "Inquiry Order": {
        "token.verification.failed",
        "merchant.not_found",
        "web.no_handler",
        "web.method_not_allowed",
        "web.not_acceptable",
        "service.internal_error",
    },
    "Orders List": {
        "token.verification.failed",
        "merchant.not_found",
        "web.no_handler",
        "web.method_not_allowed",
        "web.not_acceptable",
        "service.internal_error",
    },
}


@pytest.mark.parametrize("section", DOCUMENTED)
def test_the_table_covers_every_code_of_the_section(section: str) -> None:
    assert {row.code for row in ROWS if row.section == section} == DOCUMENTED[section]


def test_everything_that_is_missing_is_named_at_once(merchant: Merchant) -> None:
    answer = merchant.call("POST", "/orders", json={})
    assert codes(answer) == [
        "order_create.user_identifier.is_required",
        "order_create.reference_number.is_required",
        "order_create.amount.is_required",
        "order_create.callback_url.is_required",
    ]


def test_every_error_has_a_fingerprint_of_its_own(merchant: Merchant) -> None:
    given = [merchant.inquiry("AAAAAAAA").json()["fingerprint"] for _ in range(5)]
    assert len(set(given)) == 5


def test_a_405_says_what_is_allowed(merchant: Merchant) -> None:
    assert merchant.call("DELETE", "/orders").headers["Allow"] == "GET, POST"
    assert merchant.call("POST", "/orders/AAAAAAAA/verify").headers["Allow"] == "GET"


def test_a_head_request_captures_nothing(merchant: Merchant) -> None:
    identifier = merchant.paid()
    assert merchant.call("HEAD", f"/orders/{identifier}/verify").status_code == 405
    assert merchant.world.order(identifier)["state"] == "paid"


@pytest.mark.parametrize("path", ["/tokens/generate", "/tokens/refresh", "/orders"])
def test_half_a_surrogate_pair_is_no_body(merchant: Merchant, path: str) -> None:
    body = r'{"apiKey": "\ud800", "accessToken": "\ud800", "refreshToken": "\ud800"}'
    json_type = {"Content-Type": "application/json"}
    refused = merchant.call("POST", path, data=body, headers=json_type)
    assert (refused.status_code, codes(refused)) == (400, ["web.invalid_or_missing_body"])
