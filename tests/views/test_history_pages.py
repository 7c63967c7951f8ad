"""A history that somebody has made long is shown and printed page by page."""

from __future__ import annotations

import pytest
from flask import Flask

from payment_engine import Actor
from storefront.core.database import db, transaction
from storefront.orders import history
from storefront.orders.models import Order
from testkit.scenario import ScenarioDriver
from testkit.shopper import Shopper


@pytest.fixture
def driver(app: Flask) -> ScenarioDriver:
    return ScenarioDriver(app)


def test_a_long_history_is_shown_page_by_page(
    shopper: Shopper, app: Flask, driver: ScenarioDriver
) -> None:
    order_id = driver.place()
    with driver.in_the_shop() as services, transaction():
        order = db.session.get_one(Order, order_id)
        for _ in range(119):
            history.write("order_fulfilled", order, at=services.clock(), actor=Actor.OPERATOR)
    address = f"/orders/{driver.token(order_id)}/history"
    pages = [shopper.open(address)]
    while following := pages[-1].soup.select_one('a[rel="next"]'):
        pages.append(shopper.open(str(following["href"])))
    assert [len(page.soup.select("ol.story > li")) for page in pages] == [50, 50, 20]
    assert "The order was placed" in pages[0].text
    assert "From the beginning" in pages[2].text
    printed = app.test_cli_runner().invoke(args=["orders", "history", driver.number(order_id)])
    assert len(printed.output.splitlines()) == 120


@pytest.mark.parametrize("mark", ["x", "-1", "9" * 10, "9" * 400, "٣", ""])
def test_a_mark_of_the_history_that_nobody_gave_out_harms_nothing(
    shopper: Shopper, driver: ScenarioDriver, mark: str
) -> None:
    address = f"/orders/{driver.token(driver.place())}/history?after={mark}"
    assert shopper.open(address).status == 200
