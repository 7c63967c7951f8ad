"""A shop in a process that runs out of something: `testkit.scarce WHAT STATE DATABASE`.

WHAT is `descriptors` (no file and no connection can be opened) or `disk` (no file may grow). STATE
is `warm` if the shop has shown its pages before, else `cold`. It asks for pages before, during and
after the shortage and prints their answers as JSON.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count

from flask.testing import FlaskClient

from storefront import create_app
from testkit.settings import quiet_settings

PAGES = ("/?lang=fa", "/?lang=en", "/cart?lang=en", "/static/css/house.css", "/readyz", "/healthz")
LIMIT = 64  # above what is open already, and soon used up
LATER = count(step=60)  # seconds of a clock that is always far ahead of its last reading


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Let no file and no connection be opened."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, before[1]))
    taken = list(_taken())
    try:
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def _taken() -> Iterator[int]:
    while True:
        try:
            yield os.dup(2)
        except OSError as error:
            if error.errno != errno.EMFILE:
                raise
            return


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file grow; Python ignores the signal, and the write fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


SHORTAGES: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "descriptors": no_descriptors,
    "disk": no_room,
}


def ask(client: FlaskClient) -> dict[str, dict[str, str | int | None]]:
    """Open every page, and send a form that has grown old."""
    asked = [("GET", path) for path in PAGES] + [("POST", "/checkout")]
    return {f"{method} {path}": _answer(client, method, path) for method, path in asked}


def _answer(client: FlaskClient, method: str, path: str) -> dict[str, str | int | None]:
    try:
        response = client.open(path, method=method)
    except OSError as error:  # a server would answer so to a crash of the application
        return {"status": 500, "retry_after": None, "text": repr(error)}
    with response:
        return {
            "status": response.status_code,
            "retry_after": response.headers.get("Retry-After"),
            "text": response.get_data(as_text=True),
        }


def main(what: str, state: str, database_url: str) -> None:
    """Ask before (if warm), during and after."""
    settings = quiet_settings(DATABASE_URL=database_url, MONOTONIC_CLOCK=lambda: next(LATER))
    client = create_app(settings).test_client()
    answers = {"before": ask(client)} if state == "warm" else {}
    with SHORTAGES[what]():
        answers["during"] = ask(client)
    answers["after"] = ask(client)
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
