"""The wallet's conformance table: every call with every way to be refused, row by row.

The document shows good answers only; ``errorCode`` above zero with a ``message``, and the HTTP
status as its number, is this sandbox's reading of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

KEYS = {"username": "{world}", "password": "{world}-password"}
PAIR = {"token": "{access}", "refreshToken": "{refresh}"}
ORDER = {
    "amount": 1000,
    "callBackUrl": "https://shop.example/callback",
    "userIdentity": "09121234567",
    "merchantOrderId": "merchant-1234-123",
}
CALLS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "generate": ("POST", "/authenticate", KEYS),
    "refresh": ("POST", "/authenticate/refresh", PAIR),
    "create": ("POST", "/order/initiate", ORDER),
    "verify": ("POST", "/order/verify/{order}", None),
    "inquiry": ("GET", "/order/inquiry/{order}", None),
}
ORDER_CALLS = ("create", "verify", "inquiry")
BODY_CALLS = ("generate", "refresh", "create")


@dataclass(frozen=True)
class Row:
    """A good request of one call, with a change that has it refused with this status."""

    call: str
    status: int
    change: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    switches: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    method: str = ""
    path: str = ""
    behaviour: str = ""

    def __str__(self) -> str:
        changed = (self.change, self.headers, self.switches, self.body, self.method, self.path)
        return f"{self.call} {self.status} {next(filter(None, changed), self.behaviour)}"


def wrong(call: str, name: str, *values: Any) -> list[Row]:
    return [Row(call, 400, {name: value}) for value in values]


ROWS = [
    *wrong("generate", "username", ..., None, "", " ", 7746),
    *wrong("generate", "password", ..., None, "", ["x"]),
    *wrong("refresh", "token", ..., None, "", 7),
    *wrong("refresh", "refreshToken", ..., None, "", {}),
    *wrong("create", "amount", ..., None, 0, -1000, "1000", 1000.5, True, 10**30),
    *wrong("create", "callBackUrl", ..., None, "", "shop.example", "ftp://shop.example/", 7),
    *wrong("create", "userIdentity", ..., None, "", "9121234567", "0912123456", "+989121234567"),
    *wrong("create", "userIdentity", "091212345678", 9121234567, "۰۹۱۲۱۲۳۴۵۶۷"),
    *wrong("create", "merchantOrderId", ..., None, "", " ", 1.5, True, ["x"]),
    *wrong("create", "additionalData", {"key1": 1}, 7),
    *wrong("create", "description", {}, 7),
    *(
        Row(call, 400, body=body)
        for call in BODY_CALLS
        for body in ("", "{", "[]", '"text"', "null")
    ),
    Row("generate", 401, {"username": "nobody"}),
    Row("generate", 401, {"password": "wrong"}),
    Row("generate", 401, {"password": "{world}-secret-key"}),
    Row("refresh", 401, {"token": "wrong"}),
    Row("refresh", 401, {"refreshToken": "wrong"}),
    *(Row(call, 401, switches={"channel": "disabled"}) for call in ("generate", "refresh")),
    *(
        Row(call, 401, headers={"Authorization": value})
        for call in ORDER_CALLS
        for value in ("Bearer wrong", "Bearer {refresh}", "Basic {access}", "{access}", "Bearer ")
    ),
    Row("create", 400, switches={"merchant": "inactive"}),
    *(Row(call, 404, switches={"merchant": "missing"}) for call in ORDER_CALLS),
    Row("verify", 404, path="/order/verify/aaaaaaaa"),
    Row("inquiry", 404, path="/order/inquiry/aaaaaaaa"),
    Row("generate", 404, path="/authenticates"),
    Row("create", 404, path="/order/initiates"),
    Row("generate", 405, method="GET"),
    Row("refresh", 405, method="PUT"),
    Row("create", 405, method="GET"),
    Row("verify", 405, method="GET"),
    Row("inquiry", 405, method="POST"),
    *(Row(call, 406, headers={"Accept": "text/html"}) for call in CALLS),
    *(
        Row(call, 415, headers={"Content-Type": value})
        for call in BODY_CALLS
        for value in ("text/plain", "application/x-www-form-urlencoded", "")
    ),
    Row("verify", 409),  # nobody has paid it
    *(Row(call, 500, behaviour="error_500") for call in CALLS),
    *(Row(call, 429, behaviour="too_many_requests") for call in CALLS),
]
