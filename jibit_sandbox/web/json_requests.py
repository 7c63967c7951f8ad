"""Checks of a request before any field is read: its headers and its JSON object."""

from __future__ import annotations

import json
from typing import Any

from flask import Request
from werkzeug.exceptions import BadRequest, NotAcceptable, UnsupportedMediaType

Body = dict[str, Any]
LARGEST_AMOUNT = (2**63 - 1) // 10  # so that Toman, as Rials, still fit a long


def check_headers(request: Request, *, brings_body: bool) -> None:
    """Raise 406 or 415 before anything else is checked."""
    accepted = request.accept_mimetypes
    if accepted and accepted.quality("application/json") <= 0:
        raise NotAcceptable
    if brings_body:
        require_json(request)


def require_json(request: Request) -> None:
    """Raise 415 unless the request says that its body is JSON."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType


def read_body(request: Request) -> Body:
    """Return the JSON object of the body; raise BadRequest if there is none."""
    try:
        body = json.loads(request.get_data(), parse_constant=not_json)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        raise BadRequest from None
    if not isinstance(body, dict):
        raise BadRequest
    return body


def not_json(constant: str) -> None:
    """Refuse NaN and Infinity, which Python would read and JSON does not have."""
    raise ValueError(constant)


def json_object(request: Request) -> Body:
    """Return the body if it is a JSON object, else an empty one; the check comes later."""
    try:
        return read_body(request)
    except BadRequest:
        return {}


def as_whole_number(value: Any) -> int | None:
    """Return a JSON integer that a long can hold, also one written as 1000.0; else None."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON knows one kind of number: 1000.0 is the long 1000
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST_AMOUNT:
        return None
    return value
