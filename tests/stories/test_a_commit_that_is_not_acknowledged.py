"""The database commits, and the connection dies before it says so: nobody knows what is written.

At the first commit of a request, at the second, and so on. The shopper sees that it did not work,
tries again, and has one paid order. PostgreSQL alone: SQLite is no server that can be cut off.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import Connection, event

from jibit_sandbox.testing import SandboxWorld
from payment_engine.sqlalchemy_writing import WRITES
from storefront.core.database import db
from testkit.clock import MovingClock
from testkit.databases import PostgresServer
from testkit.scenario import ScenarioDriver, check_that_one_is_paid
from testkit.settings import at_gateway
from testkit.shopper import DETAILS, Shopper

MOST_COMMITS = 20  # of one request; only a test that never ends reaches it
FEWEST_COMMITS = 2  # every request writes what is meant before a call, and what came of it after
NEXT_MINUTE = 61  # seconds; the worker asks about what is older than a minute

CASES = [
    pytest.param(gateway, path, marks=() if (gateway, path) in SOON else pytest.mark.long)
    for SOON in [{("ppg", "/checkout"), ("ppg_v3", "/callback")}]
    for gateway in ("ppg", "ppg_v3", "wallet")
    for path in ("/checkout", "/callback")
]


class Cable:
    """Between the shop and its database; cut once, at the n-th commit of a request to a path."""

    def __init__(self, app: Flask, path: str, number: int) -> None:
        self._path, self._left = path, number
        with app.app_context():
            event.listen(db.engine, "commit", self._before_commit)

    @property
    def was_cut(self) -> bool:
        return self._left <= 0

    def _before_commit(self, connection: Connection) -> None:
        if not (request and self._path in request.path):
            return
        if connection.get_execution_options().get(WRITES):
            self._left -= 1
            if self._left == 0:
                driver: Any = connection.connection.dbapi_connection
                driver.pgconn.exec_(b"COMMIT")  # done there; here the driver is about to ask for it
                driver.pgconn.finish()


@pytest.mark.parametrize(("gateway", "path"), CASES)
def test_who_tries_again_has_one_paid_order(
    another_shop: Callable[..., Flask],
    postgres_server: PostgresServer,
    running: SandboxWorld,
    clock: MovingClock,
    tmp_path: Path,
    gateway: str,
    path: str,
) -> None:
    for number in range(1, MOST_COMMITS):
        world = running.world(f"w{secrets.token_hex(6)}")
        world.clock.freeze(clock.now())
        clock.followed_by(world.clock.advance)
        with postgres_server.fresh(tmp_path, stocked=True) as url:
            app = another_shop(DATABASE_URL=url, **at_gateway(world, gateway))
            cable = Cable(app, path, number)
            driver = ScenarioDriver(app)

            def a_minute_passes(driver: ScenarioDriver = driver) -> None:
                clock.advance(NEXT_MINUTE)
                driver.worker_passes()

            _buys(app, world, a_minute_passes)
            check_that_one_is_paid(driver, world)
            with app.app_context():
                db.engine.dispose()
        if not cable.was_cut:
            assert number > FEWEST_COMMITS
            return
    pytest.fail(f"commit {MOST_COMMITS} of {path}, and still not at its end")


def _buys(app: Flask, world: SandboxWorld, a_minute_passes: Callable[[], None]) -> None:
    """Buy two pieces, and do what the page says where a request met no database."""
    shopper = Shopper(app)
    shopper.put_in_cart(pieces=2)
    shopper.open("/checkout")
    shopper.press("Pay", **DETAILS)
    if shopper.sent_to is None:
        shopper.press("Send it again")
    if shopper.sent_to is None:  # what was meant is written, and perhaps the gateway has heard it
        a_minute_passes()
        shopper.open(shopper.page.path)
        shopper.press("Pay")
    callback = world.callback(str(shopper.sent_to))
    if shopper.open(callback).status == 503:
        shopper.open(callback)
    a_minute_passes()
    assert shopper.open(shopper.page.path).heading == "Paid. Thank you!"
