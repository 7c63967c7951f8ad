"""Read the fields of a JSON body and of a query, by type.

A field of a wrong type makes the whole body unreadable: PPG v3 then names no field. An absent
field and ``null`` are the same.
"""

from __future__ import annotations

import re
from typing import Any

from werkzeug.datastructures import MultiDict

from jibit_sandbox.gateways.ppg_v3.errors import WRONG_BODY, WRONG_QUERY, Refusal
from jibit_sandbox.web.json_requests import Body, as_whole_number


def text(body: Body, name: str) -> str | None:
    """Return a string field."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Refusal(WRONG_BODY)
    return value


def text_or_number(body: Body, name: str) -> str | None:
    """Return a field that clients send as a string or as an integer."""
    value = body.get(name)
    whole = as_whole_number(value)
    return text(body, name) if whole is None else str(whole)


def required_texts(body: Body, *names: str) -> list[str]:
    """Return the fields; the Refusal names each one that is blank by ``NAME.is_required``."""
    values = {name: text(body, name) or "" for name in names}
    missing = [f"{name}.is_required" for name, value in values.items() if not value.strip()]
    if missing:
        raise Refusal(*missing)
    return list(values.values())


def whole(body: Body, name: str, *, coerced: bool) -> int | None:
    """Return an integer field; ``coerced`` also takes ``"250000"`` and cuts ``250000.5``."""
    value = body.get(name)
    if value is None:
        return None
    if coerced and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        value = int(value)
    if coerced and isinstance(value, float) and abs(value) < 10**18:
        value = int(value)
    number = as_whole_number(value)
    if number is None:
        raise Refusal(WRONG_BODY)
    return number


def truth(body: Body, name: str, *, default: bool) -> bool:
    """Return a boolean field."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise Refusal(WRONG_BODY)
    return default if value is None else value


def json_object(body: Body, name: str) -> dict[str, Any] | None:
    """Return a field that holds a JSON object."""
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise Refusal(WRONG_BODY)
    return value


def list_of_texts(body: Body, name: str) -> list[str]:
    """Return a field that holds a list of strings; an absent one is empty."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Refusal(WRONG_BODY)
    return value


def whole_parameter(query: MultiDict[str, str], name: str, default: int) -> int:
    """Return a positive whole number of the query."""
    said = query.get(name)
    if said is None:
        return default
    if not re.fullmatch(r"[1-9][0-9]{0,17}", said):
        raise Refusal(WRONG_QUERY)
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
