"""The wallet's part of the OpenAPI document.

Source: wallet gateway v2.1, the tables and samples of each section.
"""

from __future__ import annotations

from jibit_sandbox.bank.orders import IDENTIFIER_LENGTH
from jibit_sandbox.bank.wallets import MOBILE
from jibit_sandbox.gateways.callback_urls import WEB_ADDRESS
from jibit_sandbox.gateways.wallet.api import PREFIX
from jibit_sandbox.gateways.wallet.responses import STATUSES
from jibit_sandbox.web.json_requests import LARGEST_AMOUNT
from jibit_sandbox.web.schemas import FILLED, LANGUAGE, TEXT, Json, json_of, record, ref

IDENTIFIER: Json = {"type": "string", "pattern": f"^[a-z0-9]{{{IDENTIFIER_LENGTH}}}$"}
AMOUNT: Json = {"type": "integer", "minimum": 1, "maximum": LARGEST_AMOUNT}
REFERENCE: Json = {
    "oneOf": [
        FILLED,
        {"type": "integer", "minimum": -LARGEST_AMOUNT, "maximum": LARGEST_AMOUNT},
    ]
}
ADDRESS: Json = {"type": "string", "pattern": f"^{WEB_ADDRESS}$"}
NUMBER: Json = {"type": "string", "pattern": f"^{MOBILE}$"}


def enveloped(result: Json) -> Json:
    """Describe a successful response: ``errorCode`` 0 and its ``result``."""
    return record({"errorCode": {"const": 0}, "result": result})


SHARED_FIELDS: Json = {  # of verify and inquiry
    "merchantOrderId": REFERENCE,
    "amount": AMOUNT,
    "refId": TEXT,
    "additionalData": TEXT,
    "userIdentity": NUMBER,
}
INQUIRY: Json = record({"statusV": {"enum": list(STATUSES)}, **SHARED_FIELDS, "clientIp": TEXT})

WALLET_SCHEMAS: Json = {
    "WalletFailure": record(
        {"errorCode": {"type": "integer", "minimum": 1}, "message": {"type": "string"}}
    ),
    "WalletCredentials": record({"username": FILLED, "password": FILLED}),
    "WalletPair": record({"token": FILLED, "refreshToken": FILLED}),
    "WalletTokens": enveloped(ref("WalletPair")),
    "WalletNewOrder": record(
        {
            "amount": AMOUNT,
            "callBackUrl": ADDRESS,
            "userIdentity": NUMBER,
            "merchantOrderId": REFERENCE,
            "additionalData": TEXT,
            "description": TEXT,
        },
        *("additionalData", "description"),
    ),
    "WalletInitiated": enveloped(
        record(
            {
                "orderId": IDENTIFIER,
                "merchantOrderId": REFERENCE,
                "redirectUrl": {"type": "string", "format": "uri"},
                "additionalData": TEXT,
            }
        )
    ),
    "WalletVerified": enveloped(record({**SHARED_FIELDS, "clientIP": TEXT})),
    "WalletInquiry": {"anyOf": [INQUIRY, enveloped(INQUIRY)]},
}

ORDER_IN_PATH: Json = {"name": "orderId", "in": "path", "required": True, "schema": IDENTIFIER}
TOKEN_FAILURES = (400, 401, 404, 405, 406, 415, 429, 500)
ORDER_FAILURES = (401, 404, 405, 406, 409, 429, 500)
OF_INITIATED: Json = {"parameters": {"orderId": "$response.body#/result/orderId"}}


def call(
    operation: str,
    summary: str,
    answer: str,
    body: str | None = None,
    *,
    by_token: bool = True,
    links: Json | None = None,
) -> Json:
    """Describe one call and its failures. A call without a body is about one order."""
    failing = {"description": "errorCode is the status", "content": json_of(ref("WalletFailure"))}
    good: Json = {"description": answer, "content": json_of(ref(answer)), "links": links or {}}
    failures = TOKEN_FAILURES if body else ORDER_FAILURES
    described: Json = {
        "operationId": f"wallet_{operation}",
        "tags": ["wallet"],
        "summary": summary,
        "parameters": [LANGUAGE] if body else [ORDER_IN_PATH, LANGUAGE],
        "responses": {"200": good} | {str(status): failing for status in failures},
    }
    if body:
        described["requestBody"] = {"required": True, "content": json_of(ref(body))}
    if by_token:
        described["security"] = [{"accessToken": []}]
    return described


WALLET_PATHS: Json = {
    f"{PREFIX}/authenticate": {
        "post": call(
            "generate",
            "A first pair of tokens",
            "WalletTokens",
            "WalletCredentials",
            by_token=False,
        )
    },
    f"{PREFIX}/authenticate/refresh": {
        "post": call(
            "refresh",
            "A new pair of tokens for an old one",
            "WalletTokens",
            "WalletPair",
            by_token=False,
        )
    },
    f"{PREFIX}/order/initiate": {
        "post": call(
            "create",
            "A new order",
            "WalletInitiated",
            "WalletNewOrder",
            links={
                "inquiry": {"operationId": "wallet_inquiry"} | OF_INITIATED,
                "verify": {"operationId": "wallet_verify"} | OF_INITIATED,
            },
        )
    },
    f"{PREFIX}/order/verify/{{orderId}}": {
        "post": call("verify", "Capture a paid order", "WalletVerified")
    },
    f"{PREFIX}/order/inquiry/{{orderId}}": {
        "get": call("inquiry", "One order", "WalletInquiry"),
        "post": call("inquiry_by_post", "The same, by the switch for it", "WalletInquiry"),
    },
}
