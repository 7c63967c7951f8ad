"""PPG v2.4's conformance table: every code that a section of the document lists, row by row.

A row is named by the document's section and the code. The world is prepared by its switches where
a code is about the merchant, and the 500 by the behaviour that exists for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.ppg_sheet import CODES, Said

KEYS = {"apiKey": "{world}-api-key", "secretKey": "{world}-secret-key"}
PAIR = {"accessToken": "{access}", "refreshToken": "{refresh}"}
ORDER = {
    "amount": 1000,
    "currency": "RIALS",
    "referenceNumber": "R-1",
    "userIdentifier": "09121234567",
    "callbackUrl": "https://shop.example/callback",
}
SECTIONS: dict[str, tuple[tuple[str, str], dict[str, Any] | None]] = {  # a good request of each
    "Authentication Mechanism": (("POST", "/tokens/generate"), KEYS),
    "Refresh Tokens Request": (("POST", "/tokens/refresh"), PAIR),
    "Create Order": (("POST", "/orders"), ORDER),
    "Verify Order": (("GET", "/orders/{order}/verify"), None),
    "Inquiry Order": (("GET", "/orders/{order}"), None),
    "Orders List": (("GET", "/orders"), None),
}
GENERATE, REFRESH, CREATE, VERIFY, INQUIRY, LIST = SECTIONS
TOKEN_SECTIONS = (GENERATE, REFRESH)
ORDER_SECTIONS = (CREATE, VERIFY, INQUIRY, LIST)
BODY_SECTIONS = (*TOKEN_SECTIONS, CREATE)


@dataclass(frozen=True)
class Row:
    """One refusal: what is wrong with the section's request, and what the document says to it.

    ``reading`` names the open point of the documents, if another gateway may read them otherwise.
    """

    section: str
    code: str
    change: dict[str, Any] = field(default_factory=dict)  # of the body; ... leaves a field out
    body: str | None = None  # raw, in place of the JSON
    headers: dict[str, str] = field(default_factory=dict)
    method: str | None = None
    path: str | None = None
    switches: dict[str, str] = field(default_factory=dict)
    behaviour: str | None = None
    reading: str = ""

    @property
    def said(self) -> Said:
        """How the code is told."""
        return CODES[self.code]

    def __str__(self) -> str:
        detail = "-".join(map(str, (*self.change.values(), *self.headers.values())))
        return f"{self.section}: {self.code} {detail or self.body or ''}".strip()


NO_TOKEN = "the word for a token that does not count"
TYPES = "values of another JSON type (legacy)"
CALLBACKS = "which callback addresses are valid"
REQUIRED = (
    (GENERATE, "generate_token.api_key.is_required", "apiKey"),
    (GENERATE, "generate_token.secret_key.is_required", "secretKey"),
    (REFRESH, "refresh_token.access_token.is_required", "accessToken"),
    (REFRESH, "refresh_token.refresh_token.is_required", "refreshToken"),
    (CREATE, "order_create.user_identifier.is_required", "userIdentifier"),
    (CREATE, "order_create.reference_number.is_required", "referenceNumber"),
    (CREATE, "order_create.callback_url.is_required", "callbackUrl"),
)
NO_ADDRESSES = (
    *("shop.example/callback", "/callback", "ftp://shop.example/", "https://"),
    *("javascript:alert(1)", "https://shop.example:port/", "https://shop.example/a b"),
    *("https://shop*.example/", "https://shop.example/\r\nX: y"),
)
WRONG_TYPES: tuple[tuple[str, str, Any], ...] = (
    (GENERATE, "apiKey", 7),
    (GENERATE, "secretKey", ["x"]),
    (REFRESH, "accessToken", 7),
    (REFRESH, "refreshToken", {}),
    (CREATE, "amount", "1000"),
    (CREATE, "amount", "1000.00"),
    (CREATE, "amount", 1000.5),
    (CREATE, "amount", True),
    (CREATE, "amount", 10**30),
    (CREATE, "currency", "EUR"),
    (CREATE, "currency", 1),
    (CREATE, "referenceNumber", 1001),
    (CREATE, "userIdentifier", 9121234567),
    (CREATE, "callbackUrl", ["https://shop.example"]),
    (CREATE, "description", {}),
    (CREATE, "additionalData", {"a": 1}),
    (CREATE, "payerCardNumber", 6037990000000014),
    (CREATE, "forcePayerCardNumber", "yes"),
    (CREATE, "forcePayerCardNumber", 1),
    (CREATE, "nationalCode", 84575948),
)
NO_HANDLERS = (
    (GENERATE, "/tokens/generates"),
    (REFRESH, "/tokens/refresh/"),
    (CREATE, "/order"),
    (VERIFY, "/orders/{order}/verifies"),
    (INQUIRY, "/orders/{order}/"),
    (LIST, "/"),
)
WRONG_METHODS = (
    *((GENERATE, "GET"), (REFRESH, "PUT"), (CREATE, "PATCH"), (VERIFY, "POST")),
    *((VERIFY, "DELETE"), (INQUIRY, "POST"), (LIST, "DELETE"), (LIST, "OPTIONS")),
)


def create(code: str, name: str, *values: Any, reading: str = "") -> list[Row]:
    """Give a row for each wrong value of a field of the order."""
    code = f"order_create.{code}"
    return [Row(CREATE, code, {name: value}, reading=reading) for value in values]


def with_header(sections: tuple[str, ...], code: str, name: str, *values: str) -> list[Row]:
    """Give a row for each wrong value of a header at each of the sections."""
    reading = NO_TOKEN if name == "Authorization" else ""
    return [
        Row(section, code, headers={name: value}, reading=reading)
        for section in sections
        for value in values
    ]


ROWS = [
    *(
        Row(section, code, {name: value})
        for section, code, name in REQUIRED
        for value in (..., None, "", "  ")
    ),
    *create("amount.is_required", "amount", ..., None),
    *create("amount.positive", "amount", 99, 0, -1000),
    *create("currency.is_required", "currency", "", " "),
    *create("callback_url.not_valid", "callbackUrl", *NO_ADDRESSES),
    *create(
        "callback_url.not_valid",
        "callbackUrl",
        "https://user:secret@shop.example/",
        reading=CALLBACKS,
    ),
    *(
        Row(section, "token.channel_not_active", switches={"channel": "disabled"})
        for section in TOKEN_SECTIONS
    ),
    *(
        Row(section, "token.generation.failed", {name: "wrong"})
        for section, code, name in REQUIRED
        if section in TOKEN_SECTIONS
    ),
    *with_header(
        (CREATE, INQUIRY, LIST),
        "token.verification.failed",
        "Authorization",
        "Bearer wrong",
        "Basic {access}",
        "Bearer ",
        "",
    ),
    *with_header((VERIFY,), "token.verification.failed", "Authorization", "Bearer wrong"),
    *with_header(
        (VERIFY,), "user.not.authenticated", "Authorization", "Bearer ", "Basic {access}", ""
    ),
    Row(CREATE, "merchant.inactive", switches={"merchant": "inactive"}),
    *(
        Row(section, "merchant.not_found", switches={"merchant": "missing"})
        for section in ORDER_SECTIONS
    ),
    *(
        Row(section, "web.invalid_or_missing_body", body=body)
        for section in BODY_SECTIONS
        for body in ("", "{", "[]", '"text"', "null", "apiKey=1")
    ),
    *(
        Row(section, "binding.type_mismatch", {name: value}, reading=TYPES)
        for section, name, value in WRONG_TYPES
    ),
    *(Row(section, "web.no_handler", path=path) for section, path in NO_HANDLERS),
    *(Row(section, "web.method_not_allowed", method=method) for section, method in WRONG_METHODS),
    *with_header(
        tuple(SECTIONS),
        "web.not_acceptable",
        "Accept",
        "text/html",
        "application/xml",
        "application/json;q=0",
    ),
    *with_header(
        BODY_SECTIONS,
        "web.unsupported_media_type",
        "Content-Type",
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
    ),
    *(Row(section, "service.internal_error", behaviour="error_500") for section in SECTIONS),
]
