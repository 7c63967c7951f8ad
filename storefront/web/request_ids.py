"""Give each request an id and a span: what is logged meanwhile names it, and so does the answer.

The web server in front may have made the id: then its log has the same one. One that a client
sends is not taken, nor is its trace.
"""

from __future__ import annotations

import re
from contextlib import ExitStack

from flask import Flask, Response, current_app, request

from storefront.core import traces
from storefront.core.log_context import about, known, new_id

HEADER = "X-Request-Id"
GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
PLACE = "storefront.request"  # in the request's environment: what its end has to close
NOT_TRACED = frozenset({"static", "health", "metrics", "pictures"})  # areas that shop for nobody


def init_app(app: Flask) -> None:
    """Begin with it and end with it; call this before every other part."""
    app.before_request(_begin)
    app.after_request(_tell)
    app.teardown_request(_end)


def _begin() -> None:
    with ExitStack() as opened:
        opened.enter_context(about(request_id=_given() or new_id()))
        area = request.blueprint or request.endpoint
        if area not in NOT_TRACED:
            place = request.url_rule.rule if request.url_rule else "no such page"
            opened.enter_context(traces.span(f"{request.method} {place}"))
        request.environ[PLACE] = opened.pop_all()


def _given() -> str | None:
    """Return the id that the web server in front gave."""
    given = request.headers.get(HEADER, "") if current_app.config["TRUSTED_PROXIES"] else ""
    return given if GIVEN.fullmatch(given) else None


def _tell(response: Response) -> Response:
    traces.note(status=response.status_code)
    response.headers[HEADER] = known().get("request_id") or new_id()
    return response


def _end(_error: BaseException | None) -> None:
    if opened := request.environ.pop(PLACE, None):
        opened.close()
