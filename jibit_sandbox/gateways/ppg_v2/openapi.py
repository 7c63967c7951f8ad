"""PPG's part of the OpenAPI document.

Source: PPG v2.4, the tables of each section; nullable fields are the optional ones.
"""

from __future__ import annotations

from jibit_sandbox.bank.orders import IDENTIFIER_LENGTH
from jibit_sandbox.gateways.callback_urls import WEB_ADDRESS
from jibit_sandbox.gateways.ppg_v2.api import PREFIX
from jibit_sandbox.gateways.ppg_v2.errors import CODES, SECTIONS
from jibit_sandbox.gateways.ppg_v2.listing import DEFAULT_SIZE, LARGEST_SIZE
from jibit_sandbox.gateways.ppg_v2.requests import CURRENCIES
from jibit_sandbox.gateways.ppg_v2.responses import INQUIRY_STATUSES
from jibit_sandbox.web.json_requests import LARGEST_AMOUNT
from jibit_sandbox.web.schemas import FILLED, LANGUAGE, MOMENT, TEXT, Json, json_of, record, ref

IDENTIFIER: Json = {"type": "string", "pattern": f"^[A-Za-z0-9]{{{IDENTIFIER_LENGTH}}}$"}

PPG_SCHEMAS: Json = {
    "Failure": record(
        {
            "fingerprint": {"type": "string", "minLength": 1},
            "errors": {
                "type": "array",
                "minItems": 1,
                "items": record({"code": {"enum": list(CODES)}, "message": TEXT}, "message"),
            },
        }
    ),
    "Keys": record({"apiKey": FILLED, "secretKey": FILLED}),
    "Tokens": record({"accessToken": FILLED, "refreshToken": FILLED}),
    "NewOrder": record(
        {
            "amount": {"type": "integer", "minimum": 100, "maximum": LARGEST_AMOUNT},
            "currency": {"enum": [*CURRENCIES, None], "default": "RIALS"},
            "referenceNumber": FILLED,
            "userIdentifier": FILLED,
            "callbackUrl": {
                "type": "string",
                "pattern": f"^{WEB_ADDRESS}$",
            },
            "description": TEXT,
            "additionalData": TEXT,
            "payerCardNumber": TEXT,
            "forcePayerCardNumber": {
                "enum": ["true", "false", True, False, None, ""],
                "default": "false",
            },
            "nationalCode": TEXT,
        },
        *("currency", "description", "additionalData", "payerCardNumber"),
        *("forcePayerCardNumber", "nationalCode"),
    ),
    "CreatedOrder": record(
        {
            "orderIdentifier": IDENTIFIER,
            "referenceNumber": {"type": "string"},
            "pspSwitchingUrl": {"type": "string", "format": "uri"},
        }
    ),
    "Verification": record({"status": {"enum": ["Successful", "Failed", "Unknown"]}}),
    "Inquiry": record(
        {
            "id": IDENTIFIER,
            "amount": {"type": "integer", "minimum": 100},
            "currency": {"enum": list(CURRENCIES)},
            "referenceNumber": {"type": "string"},
            "userIdentifier": {"type": "string"},
            "callbackUrl": {"type": "string"},
            "description": TEXT,
            "additionalData": TEXT,
            "status": {"enum": list(INQUIRY_STATUSES)},
            "initPayerIp": TEXT,
            "redirectPayerIp": TEXT,
            "createdAt": MOMENT,
            "modifiedAt": MOMENT,
            "expirationDate": MOMENT,
            "payerCard": {"type": ["string", "null"], "pattern": r"^\d{6}\*{6}\d{4}$"},
            "nationalCode": TEXT,
        }
    ),
    "OrdersPage": record(
        {
            "pageNumber": {"type": "integer", "minimum": 0},
            "size": {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE},
            "numberOfElemnts": {"type": "integer", "minimum": 0},
            "numberOfElements": {"type": "integer", "minimum": 0},
            "hasNext": {"type": "boolean"},
            "hasPrevious": {"type": "boolean"},
            "elements": {"type": "array", "items": ref("Inquiry")},
        },
        *("numberOfElemnts", "numberOfElements"),
    ),
}

ORDER_IN_PATH: Json = {
    "name": "orderIdentifier",
    "in": "path",
    "required": True,
    "schema": IDENTIFIER,
}


def call(
    operation: str,
    summary: str,
    answer: str,
    body: str | None = None,
    parameters: tuple[Json, ...] = (),
    links: Json | None = None,
) -> Json:
    """Describe one call: its successful response, and every status its section lists."""
    described: Json = {
        "operationId": operation,
        "tags": ["gateway"],
        "summary": summary,
        "parameters": [*parameters, LANGUAGE],
        "responses": {"200": {"description": answer, "content": json_of(ref(answer))}}
        | failures(operation),
    }
    if links:
        described["responses"]["200"]["links"] = links
    if body:
        described["requestBody"] = {"required": True, "content": json_of(ref(body))}
    if "token.verification.failed" in SECTIONS[operation].codes:
        described["security"] = [{"accessToken": []}]
    return described


def failures(operation: str) -> Json:
    """Describe the error responses, by HTTP status, each with its codes."""
    by_status: dict[int, list[str]] = {}
    for code in SECTIONS[operation].all_codes():
        by_status.setdefault(CODES[code].status, []).append(code)
    return {
        str(status): {"description": ", ".join(codes), "content": json_of(ref("Failure"))}
        for status, codes in sorted(by_status.items())
    }


def filter_by(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "schema": schema}


OF_CREATED = {"parameters": {"orderIdentifier": "$response.body#/orderIdentifier"}}
WHOLE: Json = {"type": "integer", "minimum": 1, "maximum": 999_999_999}

PPG_PATHS: Json = {
    f"{PREFIX}/tokens/generate": {
        "post": call("generate", "A first pair of tokens", "Tokens", "Keys")
    },
    f"{PREFIX}/tokens/refresh": {
        "post": call("refresh", "A new pair of tokens for an old one", "Tokens", "Tokens")
    },
    f"{PREFIX}/orders": {
        "post": call(
            "create",
            "A new order",
            "CreatedOrder",
            "NewOrder",
            links={
                "inquiry": {"operationId": "inquiry"} | OF_CREATED,
                "verify": {"operationId": "verify"} | OF_CREATED,
            },
        ),
        "get": call(
            "list",
            "The merchant's orders, the newest first",
            "OrdersPage",
            parameters=(
                filter_by("page", WHOLE | {"default": 1}),
                filter_by("size", WHOLE | {"default": DEFAULT_SIZE}),
                filter_by("status", {"enum": list(INQUIRY_STATUSES)}),
                filter_by("from", MOMENT),
                filter_by("to", MOMENT),
            ),
        ),
    },
    f"{PREFIX}/orders/{{orderIdentifier}}": {
        "get": call("inquiry", "One order", "Inquiry", parameters=(ORDER_IN_PATH,))
    },
    f"{PREFIX}/orders/{{orderIdentifier}}/verify": {
        "get": call("verify", "Capture a paid order", "Verification", parameters=(ORDER_IN_PATH,))
    },
}
