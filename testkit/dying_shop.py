"""A real shop that is killed at its n-th commit, in a process forked for it.

The shop is the ordinary one, configured by its environment. `serve` stands outside it: it counts
the writing commits that happen while a request for a path is answered, and ends the process with
SIGKILL just `before` or just `after` the n-th one.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask, request
from sqlalchemy import event
from werkzeug.serving import make_server

from payment_engine.sqlalchemy_writing import WRITES
from storefront import create_app
from storefront.core.database import db
from testkit.forks import settle


class Strike(NamedTuple):
    """The n-th commit of a request to a path, and whether death comes `before` or `after` it.

    `before` counts every commit, the token store's own included; `after` those of the session.
    """

    path: str
    moment: str
    number: int


class Executioner:
    """Waits at the commits of the requests it watches."""

    def __init__(self, strike: Strike) -> None:
        self._strike = strike
        self._counts = {"before": 0, "after": 0}

    def watch(self, app: Flask) -> None:
        """Hook into the engine and the session, from the outside."""
        with app.app_context():
            event.listen(db.engine, "commit", self._before_commit)
        event.listen(db.session, "after_begin", self._after_begin)
        event.listen(db.session, "after_commit", self._after_commit)

    def _before_commit(self, connection: Any) -> None:
        if connection.get_execution_options().get(WRITES):
            self._count("before")

    def _after_begin(self, session: Any, _transaction: Any, connection: Any) -> None:
        session.info["writes"] = connection.get_execution_options().get(WRITES)

    def _after_commit(self, session: Any) -> None:
        if session.info.pop("writes", False):
            self._count("after")

    def _count(self, moment: str) -> None:
        if not (request and self._strike.path in request.path):
            return
        self._counts[moment] += 1
        if (moment, self._counts[moment]) == (self._strike.moment, self._strike.number):
            os.kill(os.getpid(), signal.SIGKILL)


def serve(environment: dict[str, str], log: Path, port: int, strike: Strike | None) -> None:
    """Serve until killed."""
    settle(environment, log)
    app = create_app()
    if strike:
        Executioner(strike).watch(app)
    make_server("127.0.0.1", port, app, threaded=True).serve_forever()
