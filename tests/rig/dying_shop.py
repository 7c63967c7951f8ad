"""A real shop that is killed at its n-th commit: `tests.rig.dying_shop PORT PATH MOMENT N`.

The shop is the ordinary one, configured by its environment. This launcher stands outside it: it
counts the commits that happen while a request for PATH is answered and ends the process with
SIGKILL at the N-th one, just `before` or just `after` it. PATH `-` kills nowhere.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from flask import Flask, request
from sqlalchemy import event
from werkzeug.serving import make_server

from storefront import create_app
from storefront.database import WRITES, db


class Executioner:
    """Counts the writing commits of the requests it watches."""

    def __init__(self, path: str, moment: str, number: int) -> None:
        self._path, self._moment, self._number = path, moment, number
        self._count = 0
        self._writing = False

    def watch(self, app: Flask) -> None:
        """Hook into the engine, from the outside."""
        app.before_request(self._forget)
        with app.app_context():
            event.listen(db.engine, "commit", self._before_commit)
        event.listen(db.session, "after_commit", self._after_commit)

    def _forget(self) -> None:
        self._count = 0

    def _before_commit(self, connection: Any) -> None:
        self._writing = bool(connection.get_execution_options().get(WRITES))
        if self._writing and self._watched():
            self._count += 1
            self._strike("before")

    def _after_commit(self, _session: Any) -> None:
        if self._writing and self._watched():
            self._strike("after")

    def _watched(self) -> bool:
        return bool(request) and self._path in request.path

    def _strike(self, moment: str) -> None:
        if moment == self._moment and self._count == self._number:
            os.kill(os.getpid(), signal.SIGKILL)


def main(port: str, path: str, moment: str, number: str) -> None:
    """Serve until killed."""
    app = create_app()
    Executioner(path, moment, int(number)).watch(app)
    make_server("127.0.0.1", int(port), app, threaded=True).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
