"""Who has an order keeps every other writer of it away, and nobody who only refers to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jibit_sandbox.testing import SandboxWorld
from payment_engine import Actor
from storefront.core.database import transaction
from storefront.orders import history
from storefront.orders import models as orders
from testkit.clock import MovingClock
from testkit.databases import PostgresServer
from testkit.scenario import ScenarioDriver
from tests.conftest import open_shop

PATIENCE = 20  # seconds; who waits for the lock waits for longer


def test_the_history_does_not_wait_for_who_has_the_order(
    postgres_server: PostgresServer, sandbox: SandboxWorld, clock: MovingClock, tmp_path: Path
) -> None:
    """A callback has its payment and writes of its order, the worker has the order and wants the
    payment: on PostgreSQL one of them used to die of it. SQLite has one writer at a time."""
    with (
        postgres_server.fresh(tmp_path, stocked=True) as url,
        open_shop(url, sandbox, clock) as app,
    ):
        driver = ScenarioDriver(app)
        order_id = driver.place()
        number = driver.number(order_id)

        def note() -> None:
            with app.app_context(), transaction():
                order = orders.by_number(number)
                assert order is not None
                history.write("seen", order, at=clock.now(), actor=Actor.PAYER)

        with ThreadPoolExecutor(1) as pool, app.app_context(), transaction():
            assert orders.locked(number).id == order_id
            pool.submit(note).result(PATIENCE)
            assert orders.locked(number).id == order_id
        assert driver.history(order_id)[-1] == "seen"
