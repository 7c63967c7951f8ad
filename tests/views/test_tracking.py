"""Orders found again: in this browser, and by number and mobile anywhere else."""

from __future__ import annotations

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from testkit.shopper import DETAILS, Page, Shopper


@pytest.fixture
def receipt(shopper: Shopper, sandbox: SandboxWorld) -> Page:
    """The receipt of an order, in the browser that paid it."""
    return shopper.open(sandbox.pay(shopper.goes_to_pay()))


def number_on(page: Page) -> str:
    return page.soup.select_one("dl.facts bdi.number").get_text(strip=True)  # type: ignore[union-attr]


def test_a_browser_finds_its_own_orders(shopper: Shopper, receipt: Page) -> None:
    number = number_on(receipt)
    page = shopper.open("/orders")
    assert f"Order {number}" in page.text
    assert "765,000 Toman paid" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    (invoice,) = page.soup.select(".own-orders a[href$='/invoice']")
    assert shopper.open(str(invoice["href"])).heading == "Invoice"
    shopper.open("/orders")
    assert shopper.press("Order again").path == "/cart"
    assert f"What you chose in order {number} is in your cart again." in shopper.page.text


def test_an_order_that_can_be_paid_is_not_offered_again(shopper: Shopper) -> None:
    shopper.goes_to_pay()
    page = shopper.open("/orders")
    assert "not paid yet" in page.text
    assert "Order again" not in page.text


def test_another_browser_sees_none_of_them(app: Flask, receipt: Page) -> None:
    page = Shopper(app).open("/orders")
    assert number_on(receipt) not in page.text
    assert "No orders yet." in page.text


@pytest.mark.parametrize("mobile", [DETAILS["mobile"], "۰۹۱۲ ۱۲۳ ۴۵۶۷", "+98 912 123 4567"])
def test_number_and_mobile_lead_to_the_order(app: Flask, receipt: Page, mobile: str) -> None:
    stranger = Shopper(app)
    stranger.open("/orders")
    page = stranger.press("Find", order_number=number_on(receipt), mobile=mobile)
    assert page.path == receipt.path
    assert DETAILS["address"] not in page.text, "it is not the buyer's own browser"


def test_a_wrong_number_and_a_wrong_mobile_get_the_same_answer(app: Flask, receipt: Page) -> None:
    right = {"order_number": number_on(receipt), "mobile": DETAILS["mobile"]}
    told = set()
    for wrong in ({"order_number": "1000000000"}, {"mobile": "09120000000"}):
        stranger = Shopper(app)
        stranger.open("/orders")
        page = stranger.press("Find", **(right | wrong))
        assert page.status == 404
        assert (right | wrong)["mobile"] in page.html, "nothing typed is lost"
        told.add(page.soup.select_one("[role=alert]").get_text(strip=True))  # type: ignore[union-attr]
    assert len(told) == 1


def test_half_an_answer_is_asked_for_again(app: Flask) -> None:
    stranger = Shopper(app)
    stranger.open("/orders")
    page = stranger.press("Find", order_number="12", mobile="")
    assert page.status == 422
    assert "An order number has 10 digits." in page.text
    assert "Write your mobile number." in page.text


def test_guessing_mobiles_for_one_order_ends_soon(app: Flask, receipt: Page) -> None:
    stranger, statuses = Shopper(app), []
    for guess in range(11):
        stranger.open("/orders")
        values = {"order_number": number_on(receipt), "mobile": f"0912000{guess:04}"}
        statuses.append(stranger.press("Find", **values).status)
    assert statuses == [404] * 10 + [429]


def test_guessing_orders_from_one_address_ends_soon(app: Flask) -> None:
    stranger = Shopper(app)
    stranger.open("/orders")
    values = stranger.page.fields("Find") | {"mobile": DETAILS["mobile"]}
    for guess in range(21):
        values["order_number"] = str(2_000_000_000 + guess)
        last = stranger.client.post("/orders", data=values, follow_redirects=True)
    assert last.status_code == 429
    assert stranger.open("/orders").status == 200, "looking is free"
