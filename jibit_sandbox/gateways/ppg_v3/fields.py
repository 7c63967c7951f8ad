"""Read the fields of a JSON body and of a query, by type.

A field of a wrong type makes the whole body unreadable: PPG v3 then names no field. An absent
field and ``null`` are the same.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import Any

from werkzeug.datastructures import MultiDict

from jibit_sandbox.gateways.ppg_v3.codes import WRONG_BODY, WRONG_QUERY
from jibit_sandbox.gateways.ppg_v3.errors import Refusal
from jibit_sandbox.web.json_requests import Body

MOST = 2**63 - 1  # Java's long


def text(body: Body, name: str) -> str | None:
    """Return a string field."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Refusal(WRONG_BODY, fields=(name,))
    return value


def text_or_number(body: Body, name: str) -> str | None:
    """Return a field that clients send as a string or as an integer."""
    number = as_long(body.get(name))
    return text(body, name) if number is None else str(number)


def identifier(body: Body, name: str) -> str | None:
    """Return a purchase's number, also one that was sent as a string; an empty one is absent."""
    said = text_or_number(body, name)
    if not said:
        return None
    if long_in(said) is None:
        raise Refusal(WRONG_BODY, fields=(name,))
    return str(long_in(said))


def as_long(value: Any) -> int | None:
    """Return a JSON integer that Java's long can hold, also one written as 1000.0; else None."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON knows one kind of number: 1000.0 is the long 1000
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and abs(value) <= MOST else None


def long_in(said: str) -> int | None:
    """Return the long that a text is; None if it is none."""
    is_number = re.fullmatch(r"-?[0-9]{1,19}", said) and abs(int(said)) <= MOST
    return int(said) if is_number else None


def required_texts(body: Body, *names: str) -> list[str]:
    """Return the fields; the Refusal names each one that is blank by ``NAME.is_required``."""
    values = {name: text(body, name) or "" for name in names}
    missing = [f"{name}.is_required" for name, value in values.items() if not value.strip()]
    if missing:
        raise Refusal(*missing, fields=tuple(code.split(".")[0] for code in missing))
    return list(values.values())


def whole(body: Body, name: str, *, coerced: bool) -> int | None:
    """Return an integer field; ``coerced`` also takes ``"250000"`` and cuts ``250000.5``."""
    value = body.get(name)
    if value is None:
        return None
    if coerced and isinstance(value, str):
        value = long_in(value)
    if coerced and isinstance(value, float) and isfinite(value):
        value = int(value)
    number = as_long(value)
    if number is None:
        raise Refusal(WRONG_BODY, fields=(name,))
    return number


def truth(body: Body, name: str, *, default: bool) -> bool:
    """Return a boolean field."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise Refusal(WRONG_BODY, fields=(name,))
    return default if value is None else value


def json_object(body: Body, name: str) -> dict[str, Any] | None:
    """Return a field that holds a JSON object."""
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise Refusal(WRONG_BODY, fields=(name,))
    return value


def list_of_texts(body: Body, name: str) -> list[str]:
    """Return a field that holds a list of strings; an absent one is empty."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Refusal(WRONG_BODY, fields=(name,))
    return value


def long_parameter(query: MultiDict[str, str], name: str) -> int | None:
    """Return a long of the query; an empty one is absent."""
    said = query.get(name)
    if not said:
        return None
    number = long_in(said)
    if number is None:
        raise Refusal(WRONG_QUERY, fields=(name,))
    return number


def whole_parameter(query: MultiDict[str, str], name: str, default: int) -> int:
    """Return a positive whole number of the query."""
    said = query.get(name)
    if said is None:
        return default
    if not re.fullmatch(r"[1-9][0-9]{0,17}", said):
        raise Refusal(WRONG_QUERY, fields=(name,))
    return int(said)


def page_and_size(
    query: MultiDict[str, str], *, last_page: int, size: int, largest: int
) -> tuple[int, int]:
    """Return page and size of a list call; the Refusal says which of them is too large."""
    numbers = whole_parameter(query, "page", 1), whole_parameter(query, "size", size)
    exceeded = {
        "page_number.max_exceeded": numbers[0] > last_page,
        "page_size.max_exceeded": numbers[1] > largest,
    }
    codes = [code for code, is_exceeded in exceeded.items() if is_exceeded]
    if codes:
        raise Refusal(*codes)
    return numbers
