"""HAR 1.2 as a JSON Schema, written from its specification (January 2012)."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
COUNT: Json = {"type": "integer", "minimum": -1}  # -1: not known
TIME: Json = {"type": "number", "minimum": 0}


def record(optional: Json | None = None, **required: Json) -> Json:
    """An object with these fields, and any whose name begins with an underscore."""
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
    }


def list_of(items: Json) -> Json:
    return {"type": "array", "items": items}


PAIR = record(name=TEXT, value=TEXT)
HEAD: Json = {
    "httpVersion": TEXT,
    "cookies": list_of(PAIR),
    "headers": list_of(PAIR),
    "headersSize": COUNT,
    "bodySize": COUNT,
}
COMMENT: Json = {"comment": TEXT}
REQUEST = record(
    {"postData": record(mimeType=TEXT, text=TEXT)} | COMMENT,
    method={"type": "string", "pattern": "^[A-Z]+$"},
    url={"type": "string", "pattern": "^https?://"},
    queryString=list_of(PAIR),
    **HEAD,
)
RESPONSE = record(
    COMMENT,
    status={"type": "integer", "minimum": 0, "maximum": 599},
    statusText=TEXT,
    content=record(size={"type": "integer", "minimum": 0}, mimeType=TEXT, text=TEXT),
    redirectURL=TEXT,
    **HEAD,
)
ENTRY = record(
    startedDateTime={"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$"},
    time=TIME,
    request=REQUEST,
    response=RESPONSE,
    cache=record(),
    timings=record(send=TIME, wait=TIME, receive=TIME),
)
LOG = record(
    version={"const": "1.2"},
    creator=record(name=TEXT, version=TEXT),
    pages={"type": "array", "maxItems": 0},
    entries=list_of(ENTRY),
)
HAR = record(log=LOG)
