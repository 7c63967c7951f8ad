"""The schema: migrated up and down on both databases, and the same as the models say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import inspect, select, text

from jibit_sandbox.testing import SandboxWorld
from payment_engine.states import PaymentState
from storefront.catalogue import category_editing, editing, search
from storefront.catalogue.models import Product
from storefront.core.database import db
from storefront.core.services import current_services
from storefront.notifications.outbox import OutboxMessage
from storefront.orders.states import OrderState
from testkit.processes import ROOT
from testkit.scenario import ScenarioDriver


@pytest.mark.both_databases
def test_the_migrated_database_is_what_the_models_say(app: Flask) -> None:
    with app.app_context():
        flask_migrate.check()


@pytest.mark.both_databases
def test_every_migration_goes_down_and_up_again(app: Flask) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
        flask_migrate.upgrade()
        flask_migrate.check()


def test_sqlite_is_set_for_money(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("only SQLite has these settings")

        def pragma(name: str) -> object:
            return connection.execute(text(f"PRAGMA {name}")).scalar()

        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2  # FULL
        assert pragma("foreign_keys") == 1
        assert pragma("busy_timeout") == 15_000


def test_migrations_import_nothing_of_ours_so_that_old_ones_keep_working() -> None:
    versions = list(Path("migrations/versions").glob("*.py"))
    assert versions
    assert not [file.name for file in versions if "storefront" in file.read_text()]


# What the last version before the payment engine had left behind, as SQL: orders and payments in
# every state, with their history. Migrations 0001 to 0009 are that version's own.
OLD_REVISION = "0009"
OLD_ROWS = ROOT / "testkit" / "shop_at_0009.sql"
OLD_TABLES = (
    "categories",
    "products",
    "orders",
    "order_lines",
    "payments",
    "journal",
    "differences",
    "audit_runs",
    "outbox",
)

KEPT_AS_THEY_ARE = (
    """SELECT id, slug, category_id, name_fa, name_en, description_fa, description_en, image,
              price_rials, position, stock_received, stock_free, stock_reserved, stock_sold
       FROM products ORDER BY id""",
    """SELECT id, order_id, product_id, kind, name_fa, name_en, unit_price_rials, quantity
       FROM order_lines ORDER BY id""",
)
MOVED = {
    """SELECT id, number, token, replace(state, 'lapsed', 'expired'), amount_rials, created_at,
              held_until, paid_at, fulfilled_at, full_name, mobile, address, postal_code
       FROM orders ORDER BY id""": """
       SELECT id, number, token, state, amount_rials, created_at, reserved_until, paid_at,
              fulfilled_at, full_name, mobile, address, postal_code FROM orders ORDER BY id""",
    """SELECT id, key, replace(kind, 'money_going_home', 'money_returned'),
              replace(channel, 'hook', 'webhook'), payment_id, created_at, next_try_at, tries,
              delivered_at, given_up_at, last_error FROM outbox ORDER BY id""": """
       SELECT id, key, kind, channel, payment_id, created_at, next_try_at, tries,
              delivered_at, given_up_at, last_error FROM outbox ORDER BY id""",
    """SELECT payments.id, number, gateway, reference_number, order_identifier, switching_url,
              replace(payments.state, 'awaiting_shopper', 'awaiting_payer'),
              payments.amount_rials, payments.created_at, expires_at, closes_at, next_check_at,
              gave_up_at, callback_at, payments.paid_at, payer_card, tracking_number,
              doubtful_since, claimed, verifications_sent, verifications_answered
       FROM payments JOIN orders ON orders.id = order_id ORDER BY payments.id""": """
       SELECT id, order_key, gateway, reference, gateway_payment_id, redirect_url, state,
              amount_rials, created_at, expires_at, closes_at, next_check_at, gave_up_at,
              callback_at, paid_at, payer_card, tracking_number,
              in_doubt_since, claimed, verifications_sent, verifications_answered
       FROM payments ORDER BY id""",
    """SELECT journal.id, at, number, payment_id, details
       FROM journal JOIN orders ON orders.id = order_id ORDER BY journal.id""": """
       SELECT id, at, order_key, payment_id, details FROM payment_events ORDER BY id""",
    """SELECT id, gateway, kind, order_identifier, reference_number, payment_id, found_at,
              closed_at, how, reason FROM differences ORDER BY id""": """
       SELECT id, gateway, kind, gateway_payment_id, reference, payment_id, found_at,
              closed_at, how, reason FROM discrepancies ORDER BY id""",
    "SELECT * FROM audit_runs ORDER BY id": "SELECT * FROM reconciliation_runs ORDER BY id",
    "SELECT gateway, fence FROM gateway_tokens ORDER BY 1": (
        "SELECT account, fence FROM gateway_tokens ORDER BY 1"
    ),
}
RENAMED = {
    "shopper": "payer",
    "audit": "reconciliation",
    "merchant": "operator",
    "sent_to_gateway": "payment_opened",
    "payment_awaiting_shopper": "payment_awaiting_payer",
    "order_lapsed": "order_expired",
    "difference_found": "discrepancy_found",
    "difference_decided": "discrepancy_decided",
}


@pytest.fixture
def old_shop(bare_app: Flask) -> Iterator[Flask]:
    """A shop on a database as version 0009 had left it; the application's context stays open."""
    with bare_app.app_context():
        flask_migrate.downgrade(revision="base")
        flask_migrate.upgrade(revision=OLD_REVISION)
        _insert_old_rows()
        yield bare_app


def _insert_old_rows() -> None:
    with db.engine.begin() as connection:
        on_postgresql = connection.dialect.name == "postgresql"
        if on_postgresql:
            connection.exec_driver_sql("SET TIME ZONE 'UTC'")
        for statement in OLD_ROWS.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        for table in OLD_TABLES if on_postgresql else ():
            last = f"(SELECT max(id) FROM {table})"  # noqa: S608 - our own names
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})"
            )


def rows(*queries: str) -> list[Sequence[Any]]:
    """What the queries give, one after the other."""
    with db.engine.connect() as connection:
        return [tuple(row) for query in queries for row in connection.execute(text(query))]


@pytest.mark.long
@pytest.mark.usefixtures("old_shop")
def test_each_notification_of_the_last_version_is_tried_for_72_hours_from_when_it_was_stored() -> (
    None
):
    flask_migrate.upgrade()
    messages = db.session.scalars(select(OutboxMessage)).all()
    assert messages
    for message in messages:
        left = message.give_up_at - message.created_at
        assert timedelta(hours=71, minutes=59) < left <= timedelta(hours=72)


@pytest.mark.long
@pytest.mark.usefixtures("old_shop")
def test_the_last_versions_tokens_which_stood_there_in_clear_are_forgotten() -> None:
    tokens = "SELECT access_token, refresh_token, issued_at FROM gateway_tokens"
    assert all(value for row in rows(tokens) for value in row)
    flask_migrate.upgrade()
    assert {value for row in rows(tokens) for value in row} == {None}


@pytest.mark.long
@pytest.mark.usefixtures("old_shop")
def test_the_callbacks_that_the_last_version_recorded_are_counted() -> None:
    recorded = "SELECT payment_id, count(*) FROM journal WHERE event = 'callback' GROUP BY 1"
    then = {payment_id: count for payment_id, count in rows(recorded) if count}
    assert then
    flask_migrate.upgrade()
    counted = "SELECT id, callbacks_seen FROM payments WHERE last_callback_at IS NOT NULL"
    assert dict(map(tuple, rows(counted))) == then


@pytest.mark.usefixtures("old_shop")
def test_orders_payments_and_history_of_the_last_version_are_kept() -> None:
    kept, then = rows(*KEPT_AS_THEY_ARE), [rows(query) for query in MOVED]
    assert all(then)
    flask_migrate.upgrade()
    flask_migrate.check()
    assert rows(*KEPT_AS_THEY_ARE) == kept
    assert [rows(query) for query in MOVED.values()] == then


@pytest.mark.long
def test_the_history_of_the_last_version_is_told_in_todays_words(old_shop: Flask) -> None:
    then = rows("SELECT actor, event FROM journal ORDER BY id")
    assert {word for row in then for word in row} & set(RENAMED)
    flask_migrate.upgrade()
    now = rows("SELECT actor, event FROM payment_events ORDER BY id")
    assert now == [tuple(RENAMED.get(word, word) for word in row) for row in then]
    for number, token in rows("SELECT number, token FROM orders"):
        words = ["orders", "history", number]
        told = old_shop.test_cli_runner().invoke(args=words)
        assert (told.exit_code, "The order was placed" in told.output) == (0, True), told.output
        assert old_shop.test_client().get(f"/orders/{token}/history").status_code == 200
        assert old_shop.test_client().get(f"/orders/{token}").status_code == 200


def test_a_shop_of_the_last_version_goes_on_selling(old_shop: Flask, sandbox: SandboxWorld) -> None:
    flask_migrate.upgrade()
    driver = ScenarioDriver(old_shop)
    before = len(driver.orders())
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.pay(switching_url))
    assert len(driver.orders()) == before + 1
    assert driver.order_state(order_id) is OrderState.PAID
    assert driver.states(order_id) == [PaymentState.PAID]
    assert driver.history(order_id)[0] == "order_placed"


@pytest.mark.usefixtures("old_shop")
def test_who_goes_back_to_the_last_version_finds_everything_as_it_was() -> None:
    columns = {table: _columns(table) for table in OLD_TABLES}
    queries = [f"SELECT {columns[table]} FROM {table} ORDER BY id" for table in OLD_TABLES]  # noqa: S608
    then = [rows(query) for query in queries]
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision=OLD_REVISION)
    assert [rows(query) for query in queries] == then


def _columns(table: str) -> str:
    return ", ".join(f'"{column["name"]}"' for column in inspect(db.engine).get_columns(table))


@pytest.mark.long
@pytest.mark.both_databases
def test_products_that_were_off_sale_are_found_by_the_staff_after_the_migration(app: Flask) -> None:
    kept = "SELECT id, slug, image, price_rials, stock_free, retired_at FROM products ORDER BY id"
    words = "SELECT word, product_id FROM product_words ORDER BY word, product_id"
    with app.app_context():
        flask_migrate.downgrade(revision="0024")
        with db.engine.begin() as connection:
            now = "CURRENT_TIMESTAMP"
            connection.exec_driver_sql(f"UPDATE products SET retired_at = {now} WHERE id = 2")  # noqa: S608
            connection.exec_driver_sql("DELETE FROM product_words WHERE product_id = 2")
        then = rows(kept), rows(words)
        flask_migrate.upgrade()
        found = db.session.scalars(select(Product.id).where(search.holding("sun lady"))).all()
        assert list(found) == [2]
        assert not search.find("sun lady").products
        flask_migrate.downgrade(revision="0024")
        assert (rows(kept), rows(words)) == then
        flask_migrate.upgrade()


@pytest.mark.long
@pytest.mark.both_databases
def test_who_goes_back_loses_pictures_and_history_and_no_product(app: Flask) -> None:
    with app.app_context():
        now = current_services().clock()
        editing.set_off_sale(2, True, by="a test", now=now)
        copy_id = editing.duplicate(2, by="a test", now=now)
        category_editing.move(1, 1, by="a test", now=now)
        flask_migrate.downgrade(revision="0024")
        assert rows(f"SELECT slug FROM products WHERE id = {copy_id}")  # noqa: S608
        assert not rows("SELECT 1 FROM product_words WHERE word LIKE '-%'")
        flask_migrate.upgrade()
        flask_migrate.check()
