"""A rule of the database that refuses an order is named exactly: only a used key is a used key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from storefront.catalogue.models import Product
from storefront.core.constraints import is_taken
from storefront.core.database import db, transaction
from storefront.orders.checkout import check_out
from storefront.orders.models import Order
from testkit.scenario import PIECES, SHOPPER, ScenarioDriver, checkout_request

pytestmark = pytest.mark.both_databases


@pytest.fixture
def driver(app: Flask) -> ScenarioDriver:
    return ScenarioDriver(app)


@pytest.mark.parametrize("name", ["number", "token", "checkout_key"])
def test_the_column_that_is_taken_is_told_from_the_others(
    driver: ScenarioDriver, name: str
) -> None:
    first, second = driver.place(), driver.place()
    with driver.in_the_shop():
        taken = {name: getattr(db.session.get_one(Order, first), name)}
        with pytest.raises(IntegrityError) as refusal, transaction():
            db.session.execute(update(Order).where(Order.id == second).values(taken))
    columns = (Order.number, Order.token, Order.checkout_key)
    assert [column.key for column in columns if is_taken(refusal.value, column)] == [name]


def test_another_rule_takes_no_column(driver: ScenarioDriver) -> None:
    with driver.in_the_shop(), pytest.raises(IntegrityError) as refusal, transaction():
        db.session.execute(update(Product).values(stock_sold=-1))
    assert not is_taken(refusal.value, Order.number)


def test_an_order_that_another_rule_refuses_is_an_error_and_no_second_click(
    driver: ScenarioDriver,
) -> None:
    driver.check_out("used")
    nameless: Any = None
    with driver.in_the_shop() as services:
        customer = replace(SHOPPER, full_name=nameless)
        request = checkout_request(services, PIECES, customer, "used")
        with pytest.raises(IntegrityError):
            check_out(services, request, driver.gateway, language="en")
    assert len(driver.orders()) == 1
