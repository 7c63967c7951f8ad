"""The shop as `make run` starts it in test mode: it tells the supervisor at which moment it is.

Nothing else imports this module: a shop or worker that is started in another way has none of it.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, has_request_context, request
from sqlalchemy import Engine, event

from payment_engine.errors import Refused
from payment_engine.gateway import Gateway
from storefront.app import create_app as create_shop
from storefront.core.database import db
from storefront.devserver.kill_button import Moment
from storefront.devserver.moments import Report

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CALLS = ("open", "inquire", "verify", "find", "refund", "refunds_of", "reverse")
# A worker commits all the time that it has looked; of interest is what moves an order.
MOVES = re.compile(
    r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) (orders|payments|payment_events|refunds)\b"
)
MOVED = "moved an order"

Tell = Callable[[Moment, str], None]


def create_app() -> Flask:
    """Make the shop, and let it report."""
    app = create_shop()
    app.wsgi_app = _Relayed(app.wsgi_app)  # type: ignore[method-assign,assignment]  # Flask's documented way
    report(app, Report(os.environ))
    return app


class _Relayed:
    """Take the client's address from the relay before the shop, which alone can reach it."""

    def __init__(self, shop: WSGIApplication) -> None:
        self._shop = shop

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ["REMOTE_ADDR"] = environ.pop("HTTP_X_RELAYED_FOR", environ.get("REMOTE_ADDR", ""))
        return self._shop(environ, start)


def report(app: Flask, tell: Tell) -> None:
    """Tell of each commit that moves an order, of each call to a gateway, and of its answer."""
    with app.app_context():
        report_commits(db.engine, tell)
    for gateway in app.extensions["services"].engine.gateways.values():
        for name in CALLS:
            setattr(gateway, name, _reported(gateway, name, tell))


def report_commits(engine: Engine, tell: Tell) -> None:
    """Tell just before a commit: without it, what was written is lost with the process."""

    @event.listens_for(engine, "after_cursor_execute")
    def look(connection: Any, cursor: Any, statement: str, *_: object) -> None:
        if MOVES.match(statement) and cursor.rowcount != 0:
            connection.info[MOVED] = True

    @event.listens_for(engine, "rollback")
    def forget(connection: Any) -> None:
        connection.info.pop(MOVED, None)

    @event.listens_for(engine, "commit")
    def tell_of_commit(connection: Any) -> None:
        if connection.info.pop(MOVED, False):
            tell(Moment.COMMIT, _who())


def _who() -> str:
    """Name the page without its address, which may hold an order's token."""
    return str(request.endpoint) if has_request_context() else "worker"


def _reported(gateway: Gateway, name: str, tell: Tell) -> Callable[..., Any]:
    call = getattr(gateway, name)
    where = f"{gateway.name}.{name}"

    @functools.wraps(call)
    def reporting(*arguments: Any, **named: Any) -> Any:
        tell(Moment.CALL, where)
        try:
            answer = call(*arguments, **named)
        except Refused:
            tell(Moment.ANSWER, where)
            raise
        tell(Moment.ANSWER, where)
        return answer

    return reporting
