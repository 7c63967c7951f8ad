"""What every gateway asks of a request before it reads any field: its headers and a JSON object."""

from __future__ import annotations

import json
from typing import Any

from flask import Request
from werkzeug.exceptions import BadRequest, NotAcceptable, UnsupportedMediaType

Body = dict[str, Any]
LARGEST_AMOUNT = (2**63 - 1) // 10  # so that Toman, as Rials, still fit a long


def check_headers(request: Request, *, brings_body: bool) -> None:
    """406 and 415, before anything else is looked at."""
    accepted = request.accept_mimetypes
    if accepted and accepted.quality("application/json") <= 0:
        raise NotAcceptable
    if brings_body and request.mimetype != "application/json":
        raise UnsupportedMediaType


def read_body(request: Request) -> Body:
    """The JSON object that was sent; BadRequest if there is none."""
    try:
        body = json.loads(request.get_data(), parse_constant=not_json)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        raise BadRequest from None
    if not isinstance(body, dict):
        raise BadRequest
    return body


def not_json(constant: str) -> None:
    """Python would read NaN and Infinity, which JSON does not have."""
    raise ValueError(constant)


def json_object(request: Request) -> Body:
    """The body, if it happens to be a JSON object; whether it should be is checked later."""
    try:
        return read_body(request)
    except BadRequest:
        return {}


def as_whole(value: Any) -> int | None:
    """A JSON integer that a long can hold, also one written as 1000.0; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON knows one kind of number: 1000.0 is the long 1000
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST_AMOUNT:
        return None
    return value
