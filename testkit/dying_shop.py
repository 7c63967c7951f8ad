"""A real shop that is killed at its n-th commit: `testkit.dying_shop PORT PATH MOMENT N`.

The shop is the ordinary one, configured by its environment. This launcher stands outside it: it
counts the writing commits that happen while a request for PATH is answered, and ends the process
with SIGKILL just `before` or just `after` the N-th one. N = 0 kills nowhere.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from flask import Flask, request
from sqlalchemy import event
from werkzeug.serving import make_server

from payment_engine.sqlalchemy_writing import WRITES
from storefront import create_app
from storefront.core.database import db


class Executioner:
    """Waits at the commits of the requests it watches.

    `before` counts every commit, the token store's own included; `after` those of the session.
    """

    def __init__(self, path: str, moment: str, number: int) -> None:
        self._path, self._moment, self._number = path, moment, number
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
        if not (request and self._path in request.path):
            return
        self._counts[moment] += 1
        if moment == self._moment and self._counts[moment] == self._number:
            os.kill(os.getpid(), signal.SIGKILL)


def main(port: str, path: str, moment: str, number: str) -> None:
    """Serve until killed."""
    app = create_app()
    Executioner(path, moment, int(number)).watch(app)
    make_server("127.0.0.1", int(port), app, threaded=True).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
