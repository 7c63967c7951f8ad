"""Response edits with odd contents: far dates, long texts, other JSON types, any field.

The two tables name the optional fields of all documents' responses. Fields that identify, price
or decide an order (identifier, reference, amount, currency, status, switching URL) are in neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from jibit_sandbox.core.clock import from_text
from jibit_sandbox.core.context import Call, Fields

FAR_FUTURE = "9999-12-31T23:59:59.999999Z"
LONG = 10_000  # characters
# Ends a line, clears a terminal, turns the reading direction, and names a person and a card.
HOSTILE = (
    "\x1b[2J\x07\x9b31m\r\n2026-01-01 INFO paid\u202e\u2066\u200b<b>&amp;</b>"
    ' 0499370899 {"nationalCode": "0499370899"} ۶۰۳۷ ۹۹۱۱ ۱۱۱۱ ۱۱۱۷'
)
WRAPPING = ("result", "elements")  # the fields under which an answer has other objects
Odd = Callable[[Any], Any]


def as_number(value: str | None) -> int:
    """Return the digits of a text as one number, without its leading zeros; 0 if it has none."""
    return int(re.sub("[^0-9]", "", value or "")[:15] or 0)


def as_object(value: Any) -> Fields:
    return {"text": value, "language": None}


def as_list(value: str | None) -> list[str | None]:
    return [value]


def as_truth(value: str | None) -> bool:
    return value is not None


def as_seconds(moment: str) -> int:
    return int(from_text(moment).timestamp())


def as_milliseconds(moment: str) -> int:
    return as_seconds(moment) * 1000


def without_zone(moment: str) -> str:
    return moment.removesuffix("Z")


DATES: Mapping[str, Odd] = {
    "createdAt": as_seconds,
    "modifiedAt": as_milliseconds,
    "expirationDate": without_zone,
    "verifiedAt": as_seconds,
    "billingDate": as_milliseconds,
    "pspSettledAt": without_zone,
}
TEXTS: Mapping[str, Odd] = {
    "userIdentifier": as_number,
    "callbackUrl": as_list,
    "description": as_object,
    "additionalData": as_object,
    "initPayerIp": as_list,
    "redirectPayerIp": as_truth,
    "payerCard": as_number,
    "nationalCode": as_number,
    "refId": as_number,
    "userIdentity": as_number,
    "clientIP": as_list,
    "clientIp": as_truth,
    "payerMobileNumber": as_number,
    "payerNationalCode": as_number,
    "pspFailReason": as_object,
    "pspHashedCardNumber": as_list,
    "pspMaskedCardNumber": as_number,
    "pspName": as_list,
    "pspReferenceNumber": as_number,
    "pspRrn": as_number,
    "pspTraceNumber": as_number,
}


def far_future(_: Call, answer: Fields) -> Fields:
    return with_odd(answer, dict.fromkeys(DATES, lambda _: FAR_FUTURE))


def overlong_text(value: Any) -> str:
    """Return a text of LONG characters that begins with the value, also where that is no text."""
    return str(value or "").ljust(LONG, "x")[:LONG]


def overlong(_: Call, answer: Fields) -> Fields:
    return with_odd(answer, dict.fromkeys(TEXTS, overlong_text))


def other_types(_: Call, answer: Fields) -> Fields:
    return with_odd(answer, {**DATES, **TEXTS})


def hostile(_: Call, answer: Fields) -> Fields:
    """Put what takes over terminals, logs and pages, and personal data, into every text."""
    return with_odd(answer, dict.fromkeys(TEXTS, lambda _: HOSTILE))


def with_odd(answer: Fields, odd: Mapping[str, Odd]) -> Fields:
    return {name: odd[name](value) if name in odd else value for name, value in answer.items()}


def one_field(call: Call, answer: Fields) -> Fields:
    field: Fields = {call.parameters["field"]: call.parameters["value"]}
    changed: Fields = with_field(answer, field)
    return changed


def with_field(part: Any, field: Fields) -> Any:
    """Replace the field wherever the answer has it: flat, in its ``result``, in each element."""
    if isinstance(part, list):
        return [with_field(element, field) for element in part]
    if not isinstance(part, dict):
        return part
    wrapped = {name: with_field(part[name], field) for name in WRAPPING if name in part}
    changed = part | wrapped | field
    return {name: changed[name] for name in part}
