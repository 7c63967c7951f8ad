"""The request log as HAR 1.2, which every browser's developer tools and many programs can open.

The log has masked every secret before it was stored. A field that begins with ``_`` is the
sandbox's own, as HAR allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jibit_sandbox import __version__
from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.models import Exchange

Json = dict[str, Any]
UNKNOWN = -1  # HAR's word for a size or a time that nobody has measured
OWN = ("fingerprint", "gateway", "operation", "order_identifier", "behaviour", "source", "fate")


def har(exchanges: Iterable[Exchange], base_url: str) -> Json:
    """Return the whole file; ``base_url`` stands before the paths."""
    entries = [entry(each, base_url) for each in exchanges]
    creator = {"name": "jibit-sandbox", "version": __version__}
    return {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": entries}}


def entry(exchange: Exchange, base_url: str) -> Json:
    took = exchange.took_ms or 0
    return {
        "startedDateTime": as_text(exchange.received_at),
        "time": took,
        "request": request_of(exchange, base_url),
        "response": response_of(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        **{f"_{name}": getattr(exchange, name) for name in OWN},
    }


def request_of(exchange: Exchange, base_url: str) -> Json:
    path = exchange.path
    url = path if "://" in path else base_url + path
    body = exchange.request_body
    said: Json = {
        "method": exchange.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(exchange.request_headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True)
        ],
        "headersSize": UNKNOWN,
        "bodySize": len(body.encode()),
    }
    return said | ({"postData": post_data(exchange)} if body else {})


def post_data(exchange: Exchange) -> Json:
    kind = header(exchange.request_headers, "content-type") or "application/octet-stream"
    return {"mimeType": kind, "text": exchange.request_body}


def response_of(exchange: Exchange) -> Json:
    """Return the response; status 0 where nothing was sent, as browsers have it."""
    body, headers = exchange.response_body or "", exchange.response_headers or {}
    status = exchange.status or 0
    return {
        "status": status,
        "statusText": phrase(status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(headers),
        "content": {
            "size": len(body.encode()),
            "mimeType": header(headers, "content-type") or "x-unknown",
            "text": body,
        },
        "redirectURL": header(headers, "location") or "",
        "headersSize": UNKNOWN,
        "bodySize": len(body.encode()) if exchange.status else UNKNOWN,
        "comment": exchange.fate,
    }


def pairs(headers: Mapping[str, Any]) -> list[Json]:
    return [{"name": name, "value": str(value)} for name, value in headers.items()]


def header(headers: Mapping[str, Any], wanted: str) -> str | None:
    """Return a header's value, in whatever case its name is written."""
    return next((str(headers[name]) for name in headers if name.lower() == wanted), None)


def phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
