"""How an order is delivered: what is offered, what it costs, and what is asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db
from storefront.orders.models import Order
from testkit.cases import naming
from testkit.settings import at_gateways
from testkit.shopper import DETAILS, Page, Shopper

NO_ADDRESS = dict.fromkeys(("province", "city", "address", "postal_code"), "")


def last_order(app: Flask) -> Order:
    with app.app_context():
        return db.session.scalars(select(Order).order_by(Order.id.desc())).first() or Order()


def complaints(page: Page) -> list[tuple[str, str]]:
    """Where the links of the list of errors lead, and what they say."""
    return [(str(link["href"]), link.text) for link in page.soup.select("[role=alert] a")]


def test_each_method_is_paid_kept_and_shown(app: Flask, sandbox: SandboxWorld) -> None:
    cases: tuple[tuple[str, str, str, dict[str, str]], ...] = (
        ("post", "Delivery: Express post", "765,000 Toman", {}),
        ("courier", "Delivery: Tehran courier", "740,000 Toman", {}),
        ("pickup", "Collect in person", "680,000 Toman", NO_ADDRESS),
    )
    for key, name, total, changed in cases:
        with naming(key):
            shopper = Shopper(app)
            shopper.put_in_cart()
            page = shopper.open(sandbox.pay(shopper.check_out(delivery=key, **changed)))
            bill = page.soup.select_one("table.bill")
            assert bill
            words = " ".join(bill.get_text(" ").split())
            assert name in words
            assert "Meybod turquoise bowl 1 × 680,000 Toman" in words
            assert f"Paid {total}" in words
            order = last_order(app)
            assert (order.delivery_method, order.pickup) == (key, key == "pickup")
            assert bool(order.address) is bool(order.province) is (key != "pickup")
            assert ("Postal code" in page.text) is (key != "pickup")


def test_the_checkout_lists_what_is_bought_and_a_sum_for_each_method(shopper: Shopper) -> None:
    shopper.put_in_cart("turquoise-bowl", 2)
    page = shopper.open("/checkout")
    (line,) = page.soup.select(".bought li")
    assert line.select_one(".picture")
    assert " ".join(line.get_text(" ").split()).endswith(
        "Meybod turquoise bowl 2 × 680,000 Toman 1,360,000 Toman"
    )
    sums = [" ".join(each.get_text(" ").split()) for each in page.soup.select("dl.tally")]
    for said, total in zip(sums, ("1,445,000", "1,420,000", "1,360,000"), strict=True):
        assert f"To pay {total} Toman" in said
    page = shopper.press("Pay", **(DETAILS | {"delivery": "courier", "city": ""}))
    chosen = page.soup.select_one("div.by-delivery > .chosen")
    assert chosen
    assert "1,420,000 Toman" in chosen.text


def test_what_is_wrong_is_said_once_in_the_order_of_the_page(shopper: Shopper) -> None:
    shopper.put_in_cart()
    shopper.open("/checkout")
    odd = {"delivery": "drone", "gateway": "cash", "full_name": "", "email": "x", "city": ""}
    page = shopper.press("Pay", **(DETAILS | odd))
    assert complaints(page) == [
        ("#full_name", "Write your first and last name."),
        ("#email", "Enter a valid email address, for example name@example.com."),
        ("#delivery", "Choose one of the delivery methods."),
        ("#city", "Write the city."),
        ("#gateway", "Choose one of the payment methods."),
    ]
    page = shopper.press(
        "Pay", **(DETAILS | {"delivery": "courier", "province": "fars", "email": ""})
    )
    assert complaints(page) == [
        ("#delivery", "Tehran courier is available in Tehran province only.")
    ]
    assert page.soup.select_one("#province option[value=fars]").has_attr("selected")  # type: ignore[union-attr]


def test_an_old_form_for_another_price_or_method_is_looked_at_again(
    stocked_database_url: str, sandbox: SandboxWorld, another_shop: Callable[..., Flask]
) -> None:
    methods = "post: پست / Post, price {}, days 1-2; van: وانت / Van, price 50, days 1-2"
    usual: dict[str, Any] = {"DATABASE_URL": stocked_database_url, **at_gateways(sandbox)}
    before, after, without = (
        another_shop(**usual, DELIVERY_METHODS=each)
        for each in (methods.format(100), methods.format(200), methods.format(100).split(";")[0])
    )
    shopper = Shopper(before)
    for key, shop, status in (("post", after, 409), ("van", without, 422), ("van", after, None)):
        with naming(key, status):
            shopper.client.application = before
            shopper.put_in_cart()
            form = shopper.open("/checkout").fields("Pay") | DETAILS | {"delivery": key}
            shopper.client.application = shop
            to = str(shopper.client.post("/checkout", data=form).location)
            assert to.startswith("/checkout") is (status is not None)
            if status is None:
                continue
            answer = shopper.open(to)
            assert answer.status == status
            if status == 409:
                assert "Your cart has changed" in answer.text
                assert "Post" in answer.text


@pytest.mark.parametrize(
    ("with_tax", "said"), [(True, "The price includes tax."), (False, "Price before tax")]
)
def test_a_products_page_names_delivery_in_figures(
    stocked_database_url: str,
    sandbox: SandboxWorld,
    another_shop: Callable[..., Flask],
    with_tax: bool,
    said: str,
) -> None:
    app = another_shop(
        DATABASE_URL=stocked_database_url, **at_gateways(sandbox), PRICES_WITH_TAX=with_tax
    )
    page = Shopper(app).open("/products/turquoise-bowl")
    assert said in page.text
    for line in (
        "Express post: 85,000 Toman, 3 to 6 working days; free from 3,000,000 Toman",
        "Tehran courier: 60,000 Toman, 1 to 2 working days",
        "Collect in person: free, ready in 1 to 2 working days",
    ):
        assert line in page.text
    shopper = Shopper(app)
    shopper.put_in_cart()
    assert ("765,000 Toman" if with_tax else "841,500 Toman") in shopper.open("/cart").text
