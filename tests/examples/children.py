"""What runs in the processes of a shop under test: its server, its recovery, and its death."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from payment_engine.services import utc_now
from payment_engine.sqlalchemy_writing import WRITES
from testkit.forks import settle


@dataclass(frozen=True)
class Strike:
    """Kill the process at its n-th writing commit in requests to a path.

    ``moment``: ``before`` any commit, ``before-session`` one of the engine's own sessions, which
    leaves the tokens' out, or ``after`` one of these.
    """

    path: str
    moment: str
    number: int

    def __str__(self) -> str:
        return f"{self.path}-{self.moment}-{self.number}"


@dataclass(frozen=True)
class Child:
    """How to run a program: ``later`` is by how many seconds its clock is ahead of the machine's.

    ``load`` is the function that imports it.
    """

    load: Callable[[], Program]
    folder: Path
    environment: dict[str, str]
    log: Path
    later: float = 0.0
    strike: Strike | None = None

    def prepare(self) -> Program:
        """Import the program in this process, with its clock set."""
        settle(self.environment, self.log)
        logging.basicConfig(level=logging.WARNING)
        os.chdir(self.folder)
        sys.path.insert(0, str(self.folder))
        program = self.load()
        ahead = timedelta(seconds=self.later)
        engine = program.engine
        engine.services = replace(engine.services, clock=lambda: utc_now() + ahead)
        return program


@dataclass(frozen=True)
class Program:
    """A loaded shop: its WSGI application, its payment engine, and its recovery command."""

    wsgi: Any
    engine: Any
    database: Any
    recover: Callable[[], object]


def flask_shop() -> Program:
    """Load the Flask example."""
    module = importlib.import_module("shop_with_payments")

    def recover() -> None:
        result = module.app.test_cli_runner().invoke(args=["recover"])
        if result.exception:
            raise result.exception

    with module.app.app_context():
        return Program(module.app, module.engine, module.db.engine, recover)


def django_shop() -> Program:
    """Load the Django example."""
    module = importlib.import_module("shop")
    return Program(module.application, module.engine, module.database, module.engine.recover_once)


def serve(child: Child, port: int) -> None:
    """Serve until killed."""
    program = child.prepare()
    wsgi = program.wsgi
    if child.strike:
        executioner = Executioner(child.strike)
        executioner.watch(program.database)
        wsgi = executioner.following(wsgi)
    make_server("127.0.0.1", port, wsgi, threaded=True).serve_forever()


def recover(child: Child) -> None:
    """Run the recovery command once."""
    child.prepare().recover()


@dataclass
class Executioner:
    """Waits at the commits of the requests it watches, from outside of the shop."""

    strike: Strike
    watching: bool = False
    count: int = 0

    def following(self, wsgi: Any) -> Any:
        """Return the application; the requests to one path are watched."""

        def followed(environ: dict[str, Any], start_response: Any) -> Any:
            self.watching = environ["PATH_INFO"].endswith(self.strike.path)
            return wsgi(environ, start_response)

        return followed

    def watch(self, database: Any) -> None:
        """Hook into the commits: the engine's sessions', and before them the tokens' too."""
        event.listen(database, "commit", self._before_commit)
        event.listen(Session, "after_begin", self._after_begin)
        event.listen(Session, "before_commit", self._before_session_commit)
        event.listen(Session, "after_commit", self._after_commit)

    def _before_commit(self, connection: Any) -> None:
        if connection.get_execution_options().get(WRITES):
            self._count("before")

    def _after_begin(self, session: Any, _transaction: Any, connection: Any) -> None:
        session.info["writes"] = connection.get_execution_options().get(WRITES)

    def _before_session_commit(self, session: Any) -> None:
        if session.info.get("writes"):
            self._count("before-session")

    def _after_commit(self, session: Any) -> None:
        if session.info.pop("writes", False):
            self._count("after")

    def _count(self, moment: str) -> None:
        if not self.watching or moment != self.strike.moment:
            return
        self.count += 1
        if self.count == self.strike.number:
            os.kill(os.getpid(), signal.SIGKILL)
