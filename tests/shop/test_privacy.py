"""Personal data: where it lies, how long it is kept, and that it is gone afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import MetaData, event, select, text

from jibit_sandbox.testing import SandboxWorld
from payment_engine import Actor, NotPayable, PaymentState
from storefront.core.database import db, transaction
from storefront.notifications import outbox
from storefront.notifications.outbox import Channel
from storefront.orders import models as orders
from storefront.orders import payments, privacy
from storefront.orders.models import Customer, Order
from storefront.orders.privacy import PERSONAL, Outcome
from storefront.orders.states import OrderState
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.mishaps import paid_by_decision, reconciled
from testkit.scenario import SHOPPER, ScenarioDriver, unpaid_order
from testkit.shopper import DETAILS, Shopper

A_DAY = 24 * 3600  # seconds
UNPAID_DAYS, PAID_DAYS = 30, 730  # the settings' defaults
TYPED = DETAILS | {
    "email": "maryam@example.com",
    "national_code": "0499370899",
    "note": "زنگ خراب است",
}
SAID = {  # pieces by which each would be found in any spelling
    **TYPED,
    "mobile": "9121234567",
    "family name": "حسینی",
    "street": "ولیعصر",
    "the card with its middle hidden": "******",
}


@pytest.fixture
def driver(app: Flask) -> ScenarioDriver:
    return ScenarioDriver(app)


def erase_due(driver: ScenarioDriver) -> dict[str, int]:
    return dict(jobs.run_job(driver.app, "erase_personal_data"))


def is_erased(driver: ScenarioDriver, order_id: int) -> bool:
    with driver.in_the_shop():
        order = db.session.get_one(Order, order_id)
        empty = {getattr(order, column) for column in PERSONAL} <= {"", None}
        assert empty is (order.erased_at is not None)
        return empty


def expired(driver: ScenarioDriver, clock: MovingClock) -> int:
    """An order that nobody paid."""
    order_id, _ = driver.send_shopper()
    clock.advance(16 * 60)
    driver.worker_passes()
    assert driver.order_state(order_id) is OrderState.EXPIRED
    return order_id


def paid(driver: ScenarioDriver, sandbox: SandboxWorld) -> int:
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.pay(switching_url))
    return order_id


def fulfilled(driver: ScenarioDriver, sandbox: SandboxWorld) -> int:
    order_id = paid(driver, sandbox)
    send(driver, order_id)
    return order_id


def send(driver: ScenarioDriver, order_id: int) -> None:
    number = driver.number(order_id)
    with driver.in_the_shop() as services, transaction():
        orders.locked(number).move(OrderState.FULFILLED, services.clock())


def asked_to_erase(driver: ScenarioDriver, order_id: int) -> Outcome:
    number = driver.number(order_id)
    with driver.in_the_shop() as services:
        return privacy.erase(services, number, actor=Actor.OPERATOR)


def where_it_stands(app: Flask) -> dict[str, set[str]]:
    """Which columns of which tables contain what was typed, of all columns that there are."""
    found: dict[str, set[str]] = {what: set() for what in SAID}
    with app.app_context(), db.engine.connect() as connection:
        schema = MetaData()
        schema.reflect(connection)
        for table in schema.tables.values():
            for row in connection.execute(table.select()).mappings():
                for column, value in row.items():
                    for what in said_in(value):
                        found[what].add(f"{table.name}.{column}")
    return {what: places for what, places in found.items() if places}


def said_in(value: object) -> list[str]:
    written = json.dumps(value, ensure_ascii=False, default=str)
    return [what for what, piece in SAID.items() if piece in written]


def test_what_is_typed_stands_in_the_order_alone_and_nowhere_once_it_is_erased(
    app: Flask, driver: ScenarioDriver, shopper: Shopper, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    driver.set_channels(tuple(Channel))
    sandbox.behave("error_500", operation="inquiry")
    shopper.open(sandbox.decline(shopper.goes_to_pay("turquoise-bowl", 1, **TYPED)))
    clock.advance(61)
    driver.worker_passes()
    shopper.open(shopper.page.path)
    shopper.press("Pay again")
    shopper.open(sandbox.pay(str(shopper.sent_to)))
    assert shopper.page.heading == "Paid. Thank you!"
    reconciled(driver)
    for job in jobs.JOBS:
        jobs.run_job(app, job)
    columns = {name: {f"orders.{name}"} for name in TYPED}
    columns |= {
        "family name": {"orders.full_name", "order_words.word"},
        "street": {"orders.address"},
    }
    columns |= {"the card with its middle hidden": {"payments.payer_card"}}
    assert where_it_stands(app) == columns
    clock.advance(PAID_DAYS * A_DAY + 1)
    assert erase_due(driver) == {"orders_erased": 1}
    assert where_it_stands(app) == {}


def test_what_stands_for_the_clients_address_goes_with_the_unpaid_order(
    app: Flask, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    for callback in (sandbox.pay, sandbox.decline):
        shopper = Shopper(app)
        shopper.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
        switching_url = shopper.goes_to_pay()
        (pseudonym,) = clients(app)
        assert len(pseudonym) == 32
        assert "192.0.2.7" not in pseudonym
        shopper.open(callback(switching_url))
        clock.advance(16 * 60)
        jobs.run_job(app, "expire_orders")
        assert clients(app) == []


def clients(app: Flask) -> list[str]:
    """What stands for clients in orders."""
    with app.app_context():
        return [found for found in db.session.scalars(select(Order.client)) if found is not None]


def test_everything_that_a_customer_types_is_erased() -> None:
    assert set(PERSONAL) == {field.name for field in fields(Customer)} - {"language"}


def test_an_unpaid_order_keeps_personal_data_for_30_days(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    order_id, cancelled = expired(driver, clock), driver.place()
    driver.cancel(cancelled)
    clock.advance(UNPAID_DAYS * A_DAY - 16 * 60)
    assert erase_due(driver) == {}
    clock.advance(1)
    assert erase_due(driver) == {"orders_erased": 1}
    assert is_erased(driver, order_id)
    assert not is_erased(driver, cancelled)
    clock.advance(16 * 60)
    assert erase_due(driver) == {"orders_erased": 1}
    assert erase_due(driver) == {}


def test_a_paid_order_keeps_it_for_730_days_and_what_accounting_needs_for_ever(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, sent = paid(driver, sandbox), fulfilled(driver, sandbox)
    before = kept_for_accounting(driver, order_id)
    clock.advance(PAID_DAYS * A_DAY)
    assert erase_due(driver) == {}
    clock.advance(1)
    assert erase_due(driver) == {"orders_erased": 2}
    assert is_erased(driver, order_id)
    assert is_erased(driver, sent)
    assert kept_for_accounting(driver, order_id) == before
    assert driver.history_entries(order_id)[-1].event == "personal_data_erased"
    assert driver.history_entries(order_id)[-1].actor is Actor.WORKER


def kept_for_accounting(driver: ScenarioDriver, order_id: int) -> list[Any]:
    with driver.in_the_shop():
        order = db.session.get_one(Order, order_id)
        facts = [order.number, order.state, order.amount_rials, order.created_at, order.paid_at]
        facts += [(line.name_fa, line.quantity, line.unit_price_rials) for line in order.lines]
        for payment in payments.of_order(order):
            facts += [payment.reference, payment.gateway_payment_id, payment.gateway]
            facts += [payment.amount_rials, payment.state, payment.paid_at]
        return facts


def test_nothing_is_erased_while_a_payment_is_open_or_in_review(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("error_500", operation="inquiry", times=None)
    driver.come_back(sandbox.pay(switching_url))
    assert asked_to_erase(driver, order_id) is Outcome.NOT_ENDED
    for _ in range(2):
        clock.advance(A_DAY)
        driver.worker_passes()
    (payment,) = driver.payments(order_id)
    assert payment.state is PaymentState.NEEDS_REVIEW
    clock.advance(PAID_DAYS * A_DAY)
    assert erase_due(driver) == {}
    assert asked_to_erase(driver, order_id) is Outcome.NOT_ENDED
    with driver.in_the_shop() as services:
        reference = payment.reference
        services.engine.resolve(reference, PaymentState.EXPIRED, reason="seen in the panel")
    driver.worker_passes()
    assert erase_due(driver) == {"orders_erased": 1}
    assert is_erased(driver, order_id)


def test_nothing_is_erased_while_the_ledgers_differ_about_a_payment(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = paid_by_decision(driver, sandbox, clock)
    send(driver, order_id)
    (row,) = reconciled(driver).open_discrepancies
    assert asked_to_erase(driver, order_id) is Outcome.DISCREPANCY
    clock.advance(PAID_DAYS * A_DAY + 1)
    assert erase_due(driver) == {}
    with driver.in_the_shop() as services:
        services.engine.decide_discrepancy(row.id, "refunded at the counter")
    assert erase_due(driver) == {"orders_erased": 1}


def test_who_asks_before_the_parcel_is_sent_is_forgotten_afterwards(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    assert asked_to_erase(driver, paid(driver, sandbox)) is Outcome.NOT_SENT
    order_id = fulfilled(driver, sandbox)
    assert asked_to_erase(driver, order_id) is Outcome.ERASED
    assert asked_to_erase(driver, order_id) is Outcome.ERASED_BEFORE
    assert driver.history(order_id).count("personal_data_erased") == 1


def test_an_erased_order_cannot_be_paid_and_no_gateway_is_called(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id = expired(driver, clock)
    assert asked_to_erase(driver, order_id) is Outcome.ERASED
    opened = len(sandbox.orders())
    with pytest.raises(NotPayable):
        driver.begin(order_id)
    assert len(sandbox.orders()) == opened


def test_a_letter_that_waits_for_an_erased_order_is_dropped_and_the_webhook_goes(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    driver.set_channels(tuple(Channel))
    with driver.in_the_shop() as services:
        writes = replace(SHOPPER, email="maryam@example.com")
        order_id = unpaid_order(services, {1: 1}, writes, "with-a-letter").id
    driver.come_back(sandbox.pay(str(driver.begin(order_id).redirect_url)))
    send(driver, order_id)
    assert asked_to_erase(driver, order_id) is Outcome.ERASED
    assert jobs.run_job(driver.app, "send_emails") == {"dropped": 1}
    assert jobs.run_job(driver.app, "send_emails") == {}
    assert jobs.run_job(driver.app, "send_webhooks") == {"put_off": 1}  # nobody listens there
    with driver.in_the_shop():
        assert not outbox.given_up()


POISON = {
    "sqlite": (
        "CREATE TRIGGER poison BEFORE UPDATE OF full_name ON orders WHEN OLD.number = '{number}'"
        " BEGIN SELECT RAISE(ABORT, 'poisoned'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'poisoned'; END $$",
        "CREATE TRIGGER poison BEFORE UPDATE OF full_name ON orders FOR EACH ROW"
        " WHEN (OLD.number = '{number}') EXECUTE FUNCTION poison()",
    ),
}


@contextmanager
def poisoned(driver: ScenarioDriver, order_id: int) -> Iterator[None]:
    """Let the database refuse to change this order's name."""
    number = driver.number(order_id)
    with driver.in_the_shop(), db.engine.begin() as connection:
        dialect = connection.dialect.name
        for statement in POISON[dialect]:
            connection.execute(text(statement.format(number=number)))
    yield
    with driver.in_the_shop(), db.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER poison" + " ON orders" * (dialect != "sqlite")))


@pytest.mark.long
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_order_that_cannot_be_erased_stops_no_other(
    driver: ScenarioDriver, clock: MovingClock, place: int
) -> None:
    placed = [expired(driver, clock) for _ in range(3)]
    clock.advance((UNPAID_DAYS + 1) * A_DAY)
    with poisoned(driver, placed[place]):
        assert erase_due(driver) == {"orders_erased": 2, "error": 1}
        assert erase_due(driver) == {}, "it is not tried at every tick"
        clock.advance(3600 + 1)
        assert erase_due(driver) == {"error": 1}
    clock.set_by(-2 * 3600)
    assert erase_due(driver) == {"orders_erased": 1}, "also after the clock was set back"


@pytest.mark.both_databases
def test_two_workers_at_once_erase_each_order_once(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    placed = [expired(driver, clock) for _ in range(4)]
    clock.advance(UNPAID_DAYS * A_DAY + 1)
    with ThreadPoolExecutor(2) as pool:
        counted = list(pool.map(lambda _: erase_due(driver), range(2)))
    assert sum(counts.get("orders_erased", 0) for counts in counted) == 4
    assert not [counts for counts in counted if "error" in counts]
    for order_id in placed:
        assert driver.history(order_id).count("personal_data_erased") == 1


def test_what_is_due_is_found_by_an_index(driver: ScenarioDriver, clock: MovingClock) -> None:
    expired(driver, clock)
    asked: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        _connection, _cursor, statement, parameters, *_ = arguments
        if statement.startswith("SELECT") and "erasure_tried_at <" in statement:
            asked.append((statement, parameters))

    with driver.in_the_shop():
        event.listen(db.engine, "before_cursor_execute", note)
        erase_due(driver)
        event.remove(db.engine, "before_cursor_execute", note)
        with db.engine.connect() as connection:
            on_sqlite = connection.dialect.name == "sqlite"
            if not on_sqlite:  # it scans a table of one page, whatever indexes there are
                connection.exec_driver_sql("SET enable_seqscan = off")
            how = "EXPLAIN QUERY PLAN " if on_sqlite else "EXPLAIN "
            plans = [
                str(connection.exec_driver_sql(how + statement, parameters).all())
                for statement, parameters in asked
            ]
    assert len(plans) == 2, "one for each kind of order"
    for plan in plans:
        assert "ix_orders_unpaid_personal_created_at" in plan or "ix_orders_paid_personal" in plan
        assert "SCAN orders" not in plan
