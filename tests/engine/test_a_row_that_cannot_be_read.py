"""A row that cannot even be read, after a hand edit or damage, stops no loop and no command.

SQLite alone lets such a value in: PostgreSQL holds every column to its type.
"""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import literal_column, update

from storefront.core.database import db, transaction
from storefront.orders.states import OrderState
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.staff import system_page
from tests.admin.test_status import measured
from tests.engine.gateway import ObedientGateway
from tests.engine.test_one_bad_row import HOUR, Expiry, Outbox

NO_MOMENTS = ("garbage", "")


def damage(shop: Flask, table: str, column: str, value: str) -> None:
    """Put a value that is no moment into the first row of a table."""
    chosen = db.metadata.tables[table]
    broken = update(chosen).where(chosen.c.id == 1).values({column: literal_column(f"'{value}'")})
    with shop.app_context(), transaction():
        db.session.execute(broken)


@pytest.mark.parametrize("column", ["give_up_at", "created_at"])
@pytest.mark.parametrize("value", NO_MOMENTS)
def test_a_notification_that_cannot_be_read_delays_no_other_and_becomes_a_dead_letter(
    shop: Flask,
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    clock: MovingClock,
    column: str,
    value: str,
) -> None:
    loop = Outbox(driver, gateway, clock)
    damage(shop, "outbox", column, value)
    tally = jobs.run_job(shop, "send_webhooks")
    assert tally["delivered"] == len(loop.orders) - 1
    damage(shop, "outbox", "tries", "500")
    clock.advance(HOUR)
    assert jobs.run_job(shop, "send_webhooks") in ({"given_up": 1}, {})
    dead = shop.test_cli_runner().invoke(args=["outbox", "dead"])
    assert dead.exit_code == 0
    assert "defect: ValueError" in dead.stdout


def test_an_order_that_cannot_be_read_delays_no_other_and_a_person_is_told(
    shop: Flask, driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    loop = Expiry(driver, gateway, clock)
    loop.wait()
    damage(shop, "orders", "created_at", "garbage")
    assert jobs.run_job(shop, "expire_orders") == {"error": 1, "orders_expired": 3}
    assert driver.order_state(loop.orders[1]) is OrderState.EXPIRED
    loop.grow_old()
    assert measured(shop)[loop.metric] == 1
    assert "ValueError" in system_page(shop).text


def test_a_payment_that_cannot_be_read_is_named_and_the_others_are_exported(
    shop: Flask, driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    loop = Outbox(driver, gateway, clock)
    damage(shop, "payments", "created_at", "garbage")
    exported = shop.test_cli_runner().invoke(args=["payments", "export"])
    assert exported.exit_code == 1
    assert len(exported.stdout.splitlines()) == len(loop.orders) - 1
    assert exported.stderr == "payment 1 cannot be read: ValueError\n"


def test_an_order_that_cannot_be_read_keeps_no_other_from_being_erased(
    shop: Flask, driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock
) -> None:
    loop = Expiry(driver, gateway, clock)
    loop.wait()
    jobs.run_job(shop, "expire_orders")
    damage(shop, "orders", "created_at", "")
    clock.advance(31 * 24 * HOUR)
    assert jobs.run_job(shop, "erase_personal_data") == {"error": 1, "orders_erased": 3}
