"""A row of PPG v3's conformance table: a refused call, sent by hand in a world of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import requests

from jibit_sandbox.core.worlds import Switches
from tests.sandbox.merchant import codes
from tests.sandbox.v3_merchant import V3Merchant

Body = dict[str, Any]
FEATURES = {"v3_refund": True, "v3_reverse": True}  # on in every row that says nothing else
USUAL = asdict(Switches()) | FEATURES
NAMED = {"purchaseId": "{verified}"}
REFUND = "/purchases/refunds/{refunded}"
CALLS: dict[str, tuple[str, str, Body | None]] = {  # a good request of each
    "generate": (
        "POST",
        "/tokens",
        {"apiKey": "{world}-api-key", "secretKey": "{world}-secret-key"},
    ),
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
    "verify": ("POST", "/purchases/{paid}/verify", None),
    "inquiry": ("GET", "/purchases", None),
    "reverse": ("POST", "/purchases/reverse", NAMED),
    "refund": ("POST", "/purchases/refund", NAMED),
    "refund_inquiry": ("GET", REFUND, None),
    "refund_verify": ("POST", f"{REFUND}/verify", None),
    "refund_retry": ("POST", f"{REFUND}/retry", None),
    "refund_cancel": ("POST", f"{REFUND}/cancel", None),
    "refund_start": ("POST", f"{REFUND}/ignore-cancellable", None),
    "histories": ("GET", "/purchases/histories", None),
    "balances": ("GET", "/balances", None),
    "terminals": ("GET", "/terminals/list", None),
    "settlements": ("GET", "/settlements", None),
    "health": ("GET", "/app/health", None),
    "fee": ("POST", "/purchases/fee", {"amount": 100_000}),
}
TOKEN_CALLS = ("generate", "refresh")
WITH_TOKEN = tuple(name for name in CALLS if name not in TOKEN_CALLS)
WITH_BODY = tuple(name for name, (_, _, body) in CALLS.items() if body is not None)


@dataclass(frozen=True)
class Row:
    """One refusal: what is wrong with the call, and the code and HTTP status it gets."""

    section: str  # of the sheet
    call: str
    code: str
    status: int = 400
    change: Body = field(default_factory=dict)  # of the body; ... leaves a field out
    body: str | None = None  # raw, in place of the JSON
    headers: Body = field(default_factory=dict)
    method: str | None = None
    path: str | None = None
    switches: Body = field(default_factory=dict)
    behaviour: str | None = None
    later: int = 0  # seconds by the world's clock

    def __str__(self) -> str:
        facts = (self.body, self.path, self.change, self.headers, self.switches, self.behaviour)
        said = next((fact for fact in facts if fact), "")
        return f"{self.section} {self.call}: {self.code} at {said}"


class Facts(dict[str, str]):
    """What the placeholders of a row stand for; purchases are made when a row first needs them."""

    def __init__(self, merchant: V3Merchant) -> None:
        super().__init__(world=merchant.world.name)
        self.merchant = merchant

    def __missing__(self, name: str) -> str:
        if name in ("access", "refresh"):
            return self.merchant.pair[f"{name}Token"]
        self[name] = PURCHASES[name](self.merchant)
        return self[name]


def with_refunds(merchant: V3Merchant, *refunds: Body, **switches: Any) -> str:
    """A captured purchase of which these refunds were asked for."""
    identifier = merchant.verified()
    merchant.world.switch(**switches)
    for fields in refunds:
        assert merchant.refund(identifier, **fields).ok
    merchant.world.switch(**{name: USUAL[name] for name in switches})
    return identifier


def reversed_one(merchant: V3Merchant) -> str:
    identifier = merchant.verified()
    assert merchant.reverse(identifier).ok
    return identifier


def settled_by_hand(merchant: V3Merchant) -> str:
    identifier, _ = merchant.opened()
    merchant.world.press(identifier, "cancel")
    merchant.world.contradict(identifier, "MANUALLY_SUCCESS")
    return identifier


def failed_refund(merchant: V3Merchant) -> str:
    """A purchase whose first refund failed, and whose second one returns everything."""
    identifier = with_refunds(merchant, {})
    merchant.world.halt_refund(identifier, "FAILED")
    assert merchant.refund(identifier).ok
    return identifier


PURCHASES: dict[str, Callable[[V3Merchant], str]] = {
    "unpaid": lambda merchant: merchant.opened()[0],
    "reference": lambda merchant: str(merchant.create().json()["clientReferenceNumber"]),
    "paid": lambda merchant: merchant.paid(),
    "verified": lambda merchant: merchant.verified(),
    "reversed": reversed_one,
    "by_hand": settled_by_hand,
    "refunded": lambda merchant: with_refunds(merchant, {"amount": 1_000}),
    "refunded_twice": lambda merchant: with_refunds(merchant, {"amount": 1}, {"amount": 2}),
    "refund_failed": failed_refund,
}


def refused(facts: Facts, row: Row, language: str) -> str | None:
    """Send the row's call; return its message, and put the world back in order."""
    world = facts.merchant.world
    request = request_of(facts, row, language)
    if row.switches:
        world.switch(**row.switches)
    if row.later:
        world.clock.advance(row.later)
        facts.merchant.generate()
        request = request_of(facts, row, language)
    if row.behaviour:
        arm(facts.merchant, row.behaviour, row.code)
    answer = facts.merchant.call(**request)
    if row.switches:
        world.switch(**{name: USUAL[name] for name in row.switches})
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.status_code, codes(answer)) == (row.status, [row.code])
    return message(answer)


def arm(merchant: V3Merchant, behaviour: str, code: str) -> None:
    if behaviour == "refused_with_code":
        merchant.world.behave(behaviour, code=code)
    else:
        merchant.world.behave(behaviour)


def message(answer: requests.Response) -> str | None:
    said = answer.json()["errors"][0]["message"]
    return None if said is None else str(said)


def request_of(facts: Facts, row: Row, language: str) -> Body:
    """The call's good request with what the row changes, in that language."""
    method, path, body = CALLS[row.call]
    headers = {"Accept-Language": language} | row.headers
    request: Body = {}
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
        request["data"] = row.body if row.body is not None else filled(body | row.change, facts)
    return request | {
        "method": row.method or method,
        "path": (row.path or path).format_map(facts),
        "headers": {n: v.format_map(facts) if v else v for n, v in headers.items()},
    }


def filled(body: Body, facts: Facts) -> str:
    """The body as JSON, with the merchant's own facts and without the fields that are ``...``."""
    kept = {name: value for name, value in body.items() if value is not ...}
    return json.dumps({name: filled_in(value, facts) for name, value in kept.items()})


def filled_in(value: Any, facts: Facts) -> Any:
    is_text = isinstance(value, str) and value != "{}"
    return value.format_map(facts) if is_text else value
