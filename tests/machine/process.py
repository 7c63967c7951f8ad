"""One process of the shop, which may die or be overtaken between any two touches of the world.

A touch is a BEGIN, a statement, a COMMIT or a call to the gateway. The shop is the ordinary one;
what counts its touches stands outside it, in the engine's events and in front of its gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import Engine, event

from payment_engine.gateway import Surroundings
from payment_engine.gateways.jibit_ppg import JibitPpg
from payment_engine.services import Services
from payment_engine.sqlalchemy_writing import WRITES
from storefront import create_app
from storefront.core.database import db
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from tests.machine.network import Network, Wire

T = TypeVar("T")
Deed = Callable[[], object]


class Killed(BaseException):
    """kill -9: no handler catches it, and what runs on its way out touches nothing any more."""


class Touches:
    """Counts what one process does to the world, and stops it where the machine wants to."""

    def __init__(self) -> None:
        self.dead = False
        self.trouble: Exception | None = None
        self._left: int | None = None
        self._visits: list[tuple[int, Deed]] = []
        self._writing = False

    def die_after(self, touches: int) -> None:
        """Let the process die when it is about to touch the world once more than that."""
        self._left = touches

    def overtake_after(self, touches: int, deed: Deed) -> None:
        """Let somebody else act there, or as soon after it as the process holds no lock."""
        self._visits.append((touches, deed))

    def here(self) -> None:
        """The process is about to touch the world."""
        if self.dead or self._left == 0:
            self.dead = True
            raise Killed
        if self._left is not None:
            self._left -= 1
        self._visits = [(touches - 1, deed) for touches, deed in self._visits]
        if not self._writing:
            self._let_others_act()

    def _let_others_act(self) -> None:
        due = [deed for touches, deed in self._visits if touches < 0]
        self._visits = [visit for visit in self._visits if visit[0] >= 0]
        for deed in due:
            try:
                deed()
            except Exception as trouble:  # the process may swallow it; `Process.run` does not
                self.trouble = trouble
                raise

    def watch(self, engine: Engine) -> None:
        """Count whatever goes to the database."""
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _no_power_cuts)
        event.listen(engine, "begin", self._statement)
        event.listen(engine, "before_cursor_execute", self._statement)  # SQLite's BEGIN is one
        event.listen(engine, "commit", self._commit)
        event.listen(engine, "rollback", self._end)

    def _statement(self, connection: Any, *_: Any) -> None:
        self.here()
        self._writing = bool(connection.get_execution_options().get(WRITES))

    def _commit(self, connection: Any) -> None:
        self.here()
        self._end(connection)

    def _end(self, _connection: Any) -> None:
        self._writing = False


def _no_power_cuts(connection: Any, _record: Any) -> None:
    """What a killed process has committed is in the file, without waiting for the disk."""
    connection.execute("PRAGMA synchronous=OFF")


class Process:
    """A server or a worker. When it dies, the next one starts on the same database."""

    def __init__(self, settings: Mapping[str, Any], clock: MovingClock, network: Network) -> None:
        self._settings, self._clock, self._network = settings, clock, network
        self.deaths = 0
        self._start()

    def run(self, action: Callable[[ScenarioDriver], T]) -> T | None:
        """What the action gives; None if the process died of it, or before it could answer."""
        try:
            answer = action(self._walk)
        except BaseException:
            if not self.touches.dead:
                raise
        if self.touches.trouble is not None:
            raise self.touches.trouble
        if not self.touches.dead:
            return answer
        self.deaths += 1
        self.stop()
        self._start()
        return None

    def stop(self) -> None:
        """Give its connections back, as the operating system would."""
        with self._walk.app.app_context():
            db.engine.dispose()

    def _start(self) -> None:
        app = create_app(self._settings, clock=self._clock.now, steady=self._clock.steady)
        self.touches = Touches()
        self._walk = ScenarioDriver(self._wired(app))

    def _wired(self, app: Flask) -> Flask:
        shop = app.extensions["services"].engine
        gateway = _patient_gateway(app.config, shop.services)
        wire = Wire(gateway, self._network, self.touches.here)
        shop.services = replace(shop.services, gateways={gateway.name: wire})
        with app.app_context():
            self.touches.watch(db.engine)
        return app


def _patient_gateway(config: Mapping[str, Any], services: Services) -> JibitPpg:
    """Return the shop's gateway, only that it waits for another process's tokens without time."""
    gateway = JibitPpg(
        base_url=config["PPG_BASE_URL"],
        api_key=config["PPG_API_KEY"],
        secret_key=config["PPG_SECRET_KEY"],
        connect_timeout=config["GATEWAY_CONNECT_TIMEOUT"],
        read_timeout=config["GATEWAY_READ_TIMEOUT"],
        sleep=lambda _seconds: None,
    )
    store, clock = services.store, services.clock
    gateway.attach(
        Surroundings(
            tokens=store.tokens,
            clock=clock,
            nearest_deadline=lambda: store.nearest_deadline(gateway.name, clock()),
            turns=store.turns,
        )
    )
    return gateway
