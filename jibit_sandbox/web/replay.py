"""Send a logged request again, or show it as a curl command."""

from __future__ import annotations

import json
import shlex
from contextvars import Context
from typing import TYPE_CHECKING, Any

from flask import current_app

from jibit_sandbox.core.context import wire_named, work_in
from jibit_sandbox.core.errors import Conflict
from jibit_sandbox.core.models import Exchange
from jibit_sandbox.core.tokens import issue_pair

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

REPLAYED = ("generate", "create", "verify", "inquiry", "list")  # the rest needs what is masked
KEPT_HEADERS = ("accept", "accept-language", "content-type")
MASK = "…"  # what masking.py leaves of a secret; such a field cannot be sent again


def replay(exchange: Exchange) -> TestResponse:
    """Send it again with a fresh token and without masked fields; the new one is logged too."""
    if exchange.operation not in REPLAYED:
        raise Conflict(f"only {', '.join(REPLAYED)} can be sent again")
    with work_in(exchange.world) as work:
        token = issue_pair(work, wire_named(exchange.gateway)).access_token
    return internal_request(
        exchange.path,
        method=exchange.method,
        headers={**kept_headers(exchange), "Authorization": f"Bearer {token}"},
        data=body_to_send(exchange),
    )


def internal_request(path: str, **request: Any) -> TestResponse:
    """Send a request to this sandbox from inside it; it is logged like any other."""
    client = current_app.test_client()
    return Context().run(client.open, path, **request)  # what hangs on the outer one stays there


def kept_headers(exchange: Exchange) -> dict[str, str]:
    return {
        name: value
        for name, value in exchange.request_headers.items()
        if name.lower() in KEPT_HEADERS
    }


def body_to_send(exchange: Exchange) -> str:
    """Return the logged body, with credentials for a generate and without masked fields."""
    if exchange.operation == "generate":
        return json.dumps(wire_named(exchange.gateway).credentials(exchange.world))
    try:
        body: Any = json.loads(exchange.request_body)
    except ValueError:
        return exchange.request_body
    if not isinstance(body, dict):
        return exchange.request_body
    return json.dumps({name: value for name, value in body.items() if MASK not in str(value)})


def as_curl(exchange: Exchange, base_url: str) -> str:
    """Return the request as a shell command; the token is a shell variable."""
    url = exchange.path if "://" in exchange.path else base_url + exchange.path
    parts = ["curl", "-X", exchange.method, shlex.quote(url)]
    for name, value in kept_headers(exchange).items():
        parts += ["-H", shlex.quote(f"{name}: {value}")]
    if "Authorization" in exchange.request_headers:
        parts += ["-H", '"Authorization: Bearer $ACCESS_TOKEN"']
    if exchange.request_body:
        parts += ["-d", shlex.quote(body_to_send(exchange))]
    return " ".join(parts)
