"""Read a call's JSON object, by the older clients' types where the world understands them."""

from __future__ import annotations

from typing import Any

from flask import request

from jibit_sandbox.core.context import Work
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.web.coercion import (
    Kinds,
    as_text,
    as_texts,
    as_truth,
    as_whole,
    coerced,
    with_older_names,
)
from jibit_sandbox.web.json_requests import Body, read_body

OLDER = {"apiKey": "username", "secretKey": "password"}  # one client's names of the keys
SWITCHING: Kinds = {"terminalIds": as_texts, "autoSwitching": as_truth}


def as_switching(value: Any) -> Any:
    return coerced(value, SWITCHING) if isinstance(value, dict) else value


KINDS: Kinds = {
    **dict.fromkeys(
        (
            *("apiKey", "secretKey", "refreshToken", "currency", "callbackUrl", "userIdentifier"),
            *("clientReferenceNumber", "description", "payerMobileNumber", "payerCardNumber"),
            *("payerNationalCode", "transferId"),
        ),
        as_text,
    ),
    **dict.fromkeys(("amount", "wage"), as_whole),
    **dict.fromkeys(("checkPayerMobileNumber", "cancellable"), as_truth),
    "payerCardNumbers": as_texts,
    "switching": as_switching,
}


def body_of(work: Work) -> Body:
    """Return the body of the current call; raise BadRequest if it is no JSON object."""
    body, switches = read_body(request), switches_of(work.world)
    return coerced(with_older_names(body, OLDER), KINDS) if switches.legacy else body
