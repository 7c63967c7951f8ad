"""One bad row stops no loop: the others are done once, and a person is told of that one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text, update

from payment_engine.gateway import InquiryStatus
from payment_engine.row_queue import LISTED_AFTER
from payment_engine.states import PaymentState
from storefront.catalogue.models import Product
from storefront.core.database import db, transaction
from storefront.monitoring.runs import WorkerRun
from storefront.notifications.outbox import Channel, OutboxMessage
from storefront.orders.expiry import could_not_expire
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.databases import PostgresServer, SqliteFiles
from testkit.scenario import ScenarioDriver
from testkit.staff import system_page
from tests.admin.test_status import measured
from tests.engine.gateway import ObedientGateway

ROWS = 4
WORKERS = 2
HOUR = 3600.0  # seconds


class Poison(Exception):
    """What nobody expected."""


@pytest.fixture(params=["sqlite", "postgresql"])
def prepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind."""
    name = {"sqlite": "sqlite_files", "postgresql": "postgres_server"}[request.param]
    databases: SqliteFiles | PostgresServer = request.getfixturevalue(name)
    with databases.fresh(tmp_path / "stocked", stocked=True) as url:
        yield url


class Loop:
    """One of the worker's loops with rows that are due, each an order's."""

    job: str
    reason = "Poison"
    done_event = "payment_failed"
    metric: str

    def __init__(
        self, driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
    ) -> None:
        self.driver, self.gateway, self.clock = driver, gateway, clock
        self.orders = [self.make(number) for number in range(ROWS)]

    def make(self, number: int) -> int:
        """Return the id of a new order whose row is due once :meth:`wait` was called."""
        order_id = self.driver.place({number + 1: 1})
        self.driver.begin(order_id)
        return order_id

    def wait(self) -> None:
        self.gateway.says = InquiryStatus.FAILED
        self.clock.advance(61)

    def poison(self, position: int) -> None:
        self.gateway.errors_about[f"theirs-{position + 1}"] = Poison()

    def done(self, order_id: int) -> int:
        """Return how often the row's step was done."""
        return self.driver.history(order_id).count(self.done_event)

    def grow_old(self) -> None:
        """Try the poisoned row until a person is told."""
        for _ in range(5):
            self.clock.advance(HOUR)
            jobs.run_job(self.driver.app, self.job)


class Recovery(Loop):
    job, metric = "recover_payments", "failing_rows/payments"


class Unreadable(Recovery):
    """A payment's row holds a moment that is none."""

    reason = "Error"

    def poison(self, position: int) -> None:
        damage = text("UPDATE payments SET expires_at = 'infinity' WHERE id = :id")
        with self.driver.in_the_shop(), transaction():
            db.session.execute(damage, {"id": position + 1})


class Expiry(Loop):
    """The stock of the poisoned order cannot be released."""

    job, metric = "expire_orders", "failing_rows/orders"
    done_event, reason = "order_expired", "RuntimeError"

    def make(self, number: int) -> int:
        return self.driver.place({number + 1: 1})

    def wait(self) -> None:
        self.clock.advance(HOUR)

    def poison(self, position: int) -> None:
        lost = {"stock_reserved": 0, "stock_free": Product.stock_free + Product.stock_reserved}
        with self.driver.in_the_shop(), transaction():
            db.session.execute(update(Product).where(Product.id == position + 1).values(lost))


class Outbox(Loop):
    """The calls of the merchant's webhook."""

    job, metric, reason = "send_webhooks", "dead_letters", "defect: Poison"

    def __init__(
        self, driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
    ) -> None:
        self.sent: list[str] = []
        self.poisoned = ""
        driver.app.extensions["channels"] = {Channel.WEBHOOK: self}
        driver.set_channels((Channel.WEBHOOK,))
        gateway.says = InquiryStatus.AWAITING_VERIFICATION
        super().__init__(driver, gateway, clock)

    def make(self, number: int) -> int:
        order_id = super().make(number)
        reference = self.driver.payments(order_id)[0].reference
        self.driver.come_back(f"/payments/{reference}/callback?their=theirs-{number + 1}")
        return order_id

    def deliver(self, message: OutboxMessage) -> None:
        if message.payment.order.number == self.poisoned:
            raise Poison
        self.sent.append(message.payment.order.number)

    def wait(self) -> None:
        pass

    def poison(self, position: int) -> None:
        self.poisoned = self.driver.number(self.orders[position])

    def done(self, order_id: int) -> int:
        return self.sent.count(self.driver.number(order_id))

    def grow_old(self) -> None:
        self.clock.advance(73 * HOUR)
        jobs.run_job(self.driver.app, self.job)


class Reconciliation(Loop):
    job, metric, reason = "reconcile", "discrepancies", "defect: Poison"

    def grow_old(self) -> None:
        """One run is enough: what cannot be compared is a discrepancy."""


LOOPS = (Recovery, Unreadable, Expiry, Outbox, Reconciliation)
POSITIONS = [  # the first one stops the most
    pytest.param(position, id=f"row-{position}", marks=[] if position == 0 else pytest.mark.long)
    for position in range(ROWS)
]


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("kind", LOOPS, ids=[kind.__name__ for kind in LOOPS])
def test_a_poisoned_row_is_told_to_a_person_and_every_other_is_done_once(
    shop: Flask,
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    clock: MovingClock,
    kind: type[Loop],
    position: int,
) -> None:
    loop = kind(driver, gateway, clock)
    loop.poison(position)
    loop.wait()
    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(lambda _: jobs.run_job(shop, loop.job), range(WORKERS)))
    assert [loop.done(order_id) for order_id in loop.orders] == [
        int(number != position) for number in range(ROWS)
    ]
    loop.grow_old()
    assert measured(shop)[loop.metric] == 1
    page = system_page(shop).text
    assert loop.reason in page
    assert "Something needs a person's attention." in page


def test_a_payment_that_raises_for_more_than_a_day_is_left_to_a_person_once(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    loop = Recovery(driver, gateway, clock)
    loop.poison(0)
    loop.wait()
    for _ in range(28):
        clock.advance(HOUR)
        driver.worker_passes()
    assert driver.states(loop.orders[0]) == [PaymentState.NEEDS_REVIEW]
    assert driver.history(loop.orders[0]).count("payment_needs_review") == 1


def test_orders_that_failed_five_times_to_expire_are_listed_while_they_are_unpaid(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    def listed(most: int = ROWS) -> list[int]:
        with driver.in_the_shop():
            return [order.id for order in could_not_expire(most)]

    loop = Expiry(driver, gateway, clock)
    for position in range(ROWS):
        loop.poison(position)
    for _ in range(LISTED_AFTER):
        assert listed() == []
        loop.wait()
        driver.worker_passes()
    assert listed() == loop.orders
    assert listed(2) == loop.orders[:2]
    found = {"stock_reserved": 1, "stock_free": Product.stock_free - 1}
    with driver.in_the_shop(), transaction():
        db.session.execute(update(Product).where(Product.id == 1).values(found))
    driver.cancel(loop.orders[0])
    assert listed() == loop.orders[1:]


def test_a_run_in_which_a_row_failed_is_seen_until_a_run_goes_well(
    shop: Flask, driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    loop = Recovery(driver, gateway, clock)
    loop.poison(0)
    loop.wait()
    jobs.run_job(shop, "recover_payments")
    assert measured(shop)["job_failed/recover_payments"] == 1
    page = system_page(shop, "fa").text
    assert "با خطا تمام شد" in page
    gateway.errors_about.clear()
    clock.advance(HOUR)
    jobs.run_job(shop, "recover_payments")
    assert measured(shop)["job_failed/recover_payments"] == 0
    assert measured(shop)["failing_rows/payments"] == 0


def test_a_run_that_could_not_even_begin_is_seen(shop: Flask) -> None:
    del shop.extensions["channels"]
    jobs.run_job(shop, "send_emails")
    assert measured(shop)["job_failed/send_emails"] == 1
    assert "ended in an error: KeyError" in system_page(shop).text


def test_a_gateway_whose_tokens_meet_a_defect_keeps_no_other_from_its_own(
    shop: Flask, driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    class Broken(ObedientGateway):
        name = "broken"

        def keep_fresh(self) -> bool:
            raise Poison

    for name in ("broken", "broken too"):
        driver.add_gateway(name, Broken())
    driver.set_gateway(gateway)
    assert jobs.run_job(shop, "refresh_tokens") == {"renewed": 0, "fresh": 1, "failed": 2}


def test_runs_are_forgotten_after_a_week(shop: Flask, clock: MovingClock) -> None:
    jobs.run_job(shop, "send_emails")
    clock.advance(7 * 24 * HOUR + 1)
    jobs.run_job(shop, "send_webhooks")
    with shop.app_context():
        assert list(db.session.scalars(db.select(WorkerRun.job))) == ["send_webhooks"]
