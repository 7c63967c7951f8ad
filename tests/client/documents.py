"""Answers copied out by hand from the PPG v2.4 document, its sections and its spellings."""

from __future__ import annotations

from typing import Any

GENERATE = "POST /ppg/v2/tokens/generate"
REFRESH = "POST /ppg/v2/tokens/refresh"
ORDERS = "/ppg/v2/orders"
CREATE = f"POST {ORDERS}"
LIST = f"GET {ORDERS}"
INQUIRY = f"GET {ORDERS}/1ObK7QrL"
VERIFY = f"GET {ORDERS}/1ObK7QrL/verify"

PAIR = {"accessToken": "access-1", "refreshToken": "refresh-1"}
NEXT_PAIR = {"accessToken": "access-2", "refreshToken": "refresh-2"}

CREATED = {
    "orderIdentifier": "1ObK7QrL",
    "referenceNumber": "our-reference",
    "pspSwitchingUrl": "https://api.jibit.ir/ppg/v2/orders/1ObK7QrL/payments",
}

ORDER: dict[str, Any] = {
    "id": "1ObK7QrL",
    "amount": 200000,
    "currency": "RIALS",
    "referenceNumber": "our-reference",
    "userIdentifier": "09121234567",
    "callbackUrl": "https://merchant.ir/callback",
    "description": "two books",
    "additionalData": "a note",
    "status": "IN_PROGRESS",
    "initPayerIp": "37.32.127.129",
    "redirectPayerIp": "37.32.127.130",
    "createdAt": "2020-06-10T15:50:55.247079Z",
    "modifiedAt": "2020-06-10T18:50:55.247079Z",
    "expirationDate": "2020-06-10T18:50:55.247079Z",
    "payerCard": "603799******1234",
    "nationalCode": "0499370899",
}

PAGE = {
    "pageNumber": 1,
    "size": 25,
    "numberOfElemnts": 1,
    "hasNext": False,
    "hasPrevious": False,
    "elements": [ORDER],
}


def order(**changed: Any) -> dict[str, Any]:
    """The order with some fields changed; ``...`` leaves a field out."""
    return {name: value for name, value in (ORDER | changed).items() if value is not ...}


def page(*elements: object, **changed: Any) -> dict[str, Any]:
    """A page of these elements."""
    return PAGE | {"elements": list(elements)} | changed
