"""What is held about a person is printed and erased by mobile number."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db, transaction
from storefront.orders.models import Order
from testkit.clock import MovingClock
from testkit.scenario import SHOPPER, ScenarioDriver
from testkit.shopper import DETAILS, Shopper

MOBILE = SHOPPER.mobile
NOBODY = "09120000000"


@pytest.fixture
def driver(app: Flask) -> ScenarioDriver:
    return ScenarioDriver(app)


def run(app: Flask, *words: str, typed: str | None = None) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["privacy", *words], input=typed)
    return result.exit_code, result.output


def exported(app: Flask, mobile: str = MOBILE) -> list[dict[str, Any]]:
    code, said = run(app, "export", mobile)
    assert code == 0, said
    orders: list[dict[str, Any]] = json.loads(said)["orders"]
    return orders


def test_export_is_one_json_object_with_everything_that_is_held(
    app: Flask, shopper: Shopper, sandbox: SandboxWorld
) -> None:
    callback = sandbox.pay(shopper.goes_to_pay(email="maryam@example.com", note="زنگ خراب است"))
    shopper.open(callback)
    (order,) = exported(app)
    typed = DETAILS | {"email": "maryam@example.com", "national_code": None, "note": "زنگ خراب است"}
    assert order["personal_data"] == typed
    assert (order["state"], order["amount_rials"]) == ("paid", 7_650_000)
    assert sum(line["quantity"] * line["unit_price_rials"] for line in order["lines"]) == 7_650_000
    (payment,) = order["payments"]
    assert payment["reference_number"] == callback.split("/")[4]
    assert payment["payer_card"].count("*") == 6
    assert order["history"][0]["event"] == "order_placed"
    assert [(sent["kind"], sent["channel"]) for sent in order["notifications"]] == [
        ("order_paid", "email")
    ]


def test_a_terminal_obeys_nothing_that_is_exported_and_persian_stays_readable(
    driver: ScenarioDriver,
) -> None:
    note, number = (
        "می\u200cآید \u202eevil\u202c \x9b2J\x1b[2J \u2028",
        driver.number(driver.place()),
    )
    with driver.app.app_context(), transaction():
        db.session.execute(update(Order).where(Order.number == number).values(note=note))
    _, said = run(driver.app, "export", MOBILE)
    assert "می\u200cآید" in said
    obeyed = {letter for letter in said if not (letter.isprintable() or letter in "\n\u200c")}
    assert obeyed == set()
    assert exported(driver.app)[0]["personal_data"]["note"] == note, "and it is the same JSON"


@pytest.mark.parametrize("typed", ["۰۹۱۲ ۱۲۳ ۴۵۶۷", "+98 912 123 4567"], ids=["persian", "abroad"])
def test_the_mobile_number_is_read_as_at_the_checkout(driver: ScenarioDriver, typed: str) -> None:
    number = driver.number(driver.place())
    assert [order["order_number"] for order in exported(driver.app, typed)] == [number]


def test_what_is_no_mobile_number_is_refused_and_nobody_has_nothing(app: Flask) -> None:
    code, said = run(app, "erase", "0912")
    assert (code, "a mobile number looks like 09121234567" in said) == (2, True)
    assert exported(app, NOBODY) == []
    assert run(app, "erase", NOBODY) == (0, "nothing is held about 0912*****00\n")


@pytest.mark.long
def test_erase_says_of_every_order_what_was_kept_why_and_until_when(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    unpaid, _ = driver.send_shopper()
    clock.advance(16 * 60)
    driver.worker_passes()
    sent, to_send = (_paid(driver, sandbox) for _ in range(2))
    driver.app.test_cli_runner().invoke(args=["orders", "fulfil", driver.number(sent)])
    open_order, _ = driver.send_shopper()
    code, said = run(driver.app, "erase", MOBILE, "--yes")
    assert code == 0
    told = {line.split()[1]: line for line in said.splitlines()}
    assert "(expired): erased. Kept: number, items" in told[driver.number(unpaid)]
    assert told[driver.number(unpaid)].endswith("which name nobody")
    assert "(fulfilled): erased" in told[driver.number(sent)]
    assert "for accounting, at least until 20" in told[driver.number(sent)]
    assert "its parcel needs the address" in told[driver.number(to_send)]
    assert "a payment of it is still open" in told[driver.number(open_order)]
    held = [order["order_number"] for order in exported(driver.app)]
    assert held == [driver.number(to_send), driver.number(open_order)]


def _paid(driver: ScenarioDriver, sandbox: SandboxWorld) -> int:
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.pay(switching_url))
    return order_id


def test_erase_asks_first_and_no_means_no(driver: ScenarioDriver, clock: MovingClock) -> None:
    driver.send_shopper()
    clock.advance(16 * 60)
    driver.worker_passes()
    code, said = run(driver.app, "erase", MOBILE, typed="n\n")
    assert (code, len(exported(driver.app))) == (1, 1)
    assert "Erase the personal data of 1 orders of 0912*****67?" in said
    code, said = run(driver.app, "erase", MOBILE, typed="y\n")
    assert (code, exported(driver.app)) == (0, [])


def test_the_history_of_an_erased_order_says_when_it_was_erased(
    driver: ScenarioDriver, clock: MovingClock
) -> None:
    order_id, _ = driver.send_shopper()
    clock.advance(16 * 60)
    driver.worker_passes()
    run(driver.app, "erase", MOBILE, "--yes")
    words = ["orders", "history", driver.number(order_id)]
    told = driver.app.test_cli_runner().invoke(args=words).output.splitlines()[-1]
    assert told.startswith(f"{clock.now():%Y-%m-%d %H:%M:%S}  Merchant")
    assert "The personal data of this order was erased." in told
