"""PPG v3's part of the OpenAPI document: its calls. schemas.py has their bodies."""

from __future__ import annotations

from jibit_sandbox.gateways.ppg_v3 import histories, listing
from jibit_sandbox.gateways.ppg_v3.api import PREFIX
from jibit_sandbox.gateways.ppg_v3.fields import MOST
from jibit_sandbox.gateways.ppg_v3.states import PURCHASE_STATES
from jibit_sandbox.web.schemas import LANGUAGE, Json, json_of, ref

FAILURES = (400, 401, 403, 404, 405, 429, 500)
OF_CREATED = {"parameters": {"purchaseId": "$response.body#/purchaseIdStr"}}


def up_to(most: str) -> str:
    """Return a pattern of the whole numbers up to this one, also with zeros before them."""
    shorter = f"[0-9]{{1,{len(most) - 1}}}"
    smaller = (
        f"{most[:place]}[0-{int(digit) - 1}][0-9]{{{len(most) - place - 1}}}"
        for place, digit in enumerate(most)
        if digit != "0"
    )
    return "|".join((shorter, *smaller, most))


WHOLE: Json = {"type": "string", "pattern": f"^(-?({up_to(str(MOST))}))?$"}


def call(
    operation: str,
    summary: str,
    answer: str | None,
    body: str | None = None,
    *parameters: Json,
    by_token: bool = True,
    needs_body: bool = True,
    empty: int = 204,
) -> Json:
    """Describe one call and its failures; without an ``answer`` it is ``empty``, a status."""
    failing = {"description": "the code says why", "content": json_of(ref("V3Failure"))}
    good: Json = {"description": answer or "no content"}
    if answer:
        good["content"] = json_of(ref(answer))
    statuses = (*FAILURES, *((415,) if body else ()))
    described: Json = {
        "operationId": f"v3_{operation}",
        "tags": ["ppg_v3"],
        "summary": summary,
        "parameters": [*parameters, LANGUAGE],
        "responses": {"200" if answer else str(empty): good}
        | {str(status): failing for status in sorted(statuses)},
    }
    if body:
        described["requestBody"] = {"required": needs_body, "content": json_of(ref(body))}
    if by_token:
        described["security"] = [{"accessToken": []}]
    return described


def by(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "schema": schema}


def in_path(name: str) -> Json:
    schema = {"type": "string", "pattern": "^[0-9]{18}$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def pages(last: int, size: int, largest: int) -> tuple[Json, Json]:
    """Describe ``page`` and ``size`` of a list call."""
    numbers = (("page", last, 1), ("size", largest, size))
    first, second = (
        by(name, {"type": "integer", "minimum": 1, "maximum": most, "default": default})
        for name, most, default in numbers
    )
    return first, second


def on_refund(operation: str, summary: str, empty: int = 200) -> Json:
    """Describe an action on a transfer; it needs a body where there are several."""
    refund = in_path("refundId")
    body = "V3TransferName"
    return {
        "post": call(operation, summary, None, body, refund, needs_body=False, empty=empty),
    }


def create() -> Json:
    described = call("create", "A new purchase", "V3Created", "V3NewPurchase")
    described["responses"]["200"]["links"] = {
        "verify": {"operationId": "v3_verify"} | OF_CREATED,
    }
    return described


PAGES = pages(listing.LAST_PAGE, listing.DEFAULT_SIZE, listing.LARGEST_SIZE)
HISTORY_PAGES = pages(histories.LAST_PAGE, histories.DEFAULT_SIZE, histories.LARGEST_SIZE)
TIMES = tuple(by(name, {"type": "string"}) for name in ("from", "to"))
STATES = by("status", {"enum": [*PURCHASE_STATES.values(), ""]})
REPORTED = [PURCHASE_STATES[state] for state in histories.REPORTED]
STATUSES = by("statuses", {"type": "array", "items": {"enum": REPORTED}})
TEXT_FILTERS = tuple(by(name, {"type": "string"}) for name in listing.TEXT_FILTERS)
PURCHASE = in_path("purchaseId")
REFUNDS = f"{PREFIX}/purchases/refunds/{{refundId}}"

V3_PATHS: Json = {
    f"{PREFIX}/tokens": {
        "post": call("generate", "A first pair of tokens", "V3Tokens", "V3Keys", by_token=False)
    },
    f"{PREFIX}/tokens/refresh": {
        "post": call(
            "refresh", "A new pair for an old one", "V3Tokens", "V3RefreshToken", by_token=False
        )
    },
    f"{PREFIX}/purchases": {
        "post": create(),
        "get": call(
            "inquiry",
            "Purchases by filter",
            "V3Purchases",
            None,
            *(by("purchaseId", WHOLE), STATES, *TEXT_FILTERS, *TIMES, *PAGES),
        ),
    },
    f"{PREFIX}/purchases/{{purchaseId}}/verify": {
        "post": call("verify", "Capture a paid purchase", "V3Verification", None, PURCHASE),
        "get": call("verify_by_get", "The same", "V3Verification", None, PURCHASE),
    },
    f"{PREFIX}/purchases/reverse": {
        "post": call("reverse", "Return the whole amount", "V3Verification", "V3Name")
    },
    f"{PREFIX}/purchases/fee": {"post": call("fee", "The fee", "V3Fee", "V3Amount")},
    f"{PREFIX}/purchases/refund": {
        "post": call("refund", "Transfer money to the payer", "V3Refunded", "V3NewRefund")
    },
    REFUNDS: {"get": call("refund_inquiry", "A refund", "V3Refund", None, in_path("refundId"))},
    f"{REFUNDS}/verify": on_refund("refund_verify", "Let a transfer begin", 204),
    f"{REFUNDS}/retry": on_refund("refund_retry", "Try a failed transfer again"),
    f"{REFUNDS}/cancel": on_refund("refund_cancel", "Stop a transfer that waits"),
    f"{REFUNDS}/ignore-cancellable": on_refund("refund_start", "Do not wait for the hour"),
    f"{PREFIX}/purchases/histories": {
        "get": call(
            "histories",
            "Changes to MANUALLY_SUCCESS, REVERSED and UNKNOWN",
            "V3Histories",
            None,
            *(by("purchaseId", WHOLE), by("nextPageId", WHOLE), STATUSES, *TIMES, *HISTORY_PAGES),
        )
    },
    f"{PREFIX}/balances": {"get": call("balances", "The client's money", "V3Balances")},
    f"{PREFIX}/terminals/list": {"get": call("terminals", "Terminals", "V3Terminals")},
    f"{PREFIX}/settlements": {
        "get": call(
            "settlements",
            "The PSPs' settlements, the newest first",
            "V3Settlements",
            None,
            *(by("settlementId", {"type": "string"}), *PAGES),
        )
    },
    f"{PREFIX}/app/health": {"get": call("health", "The PSPs' health", "V3Health")},
}
