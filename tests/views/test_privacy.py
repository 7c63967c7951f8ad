"""What shoppers are told about their data, and what an erased order still shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db
from storefront.orders.models import Order
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.settings import at_gateways
from testkit.shopper import DETAILS, Page, Shopper

TWO_YEARS = 731 * 24 * 3600  # seconds


@pytest.fixture
def receipt(shopper: Shopper, sandbox: SandboxWorld) -> Page:
    """The receipt of an order, in the browser that paid it."""
    return shopper.open(sandbox.pay(shopper.goes_to_pay(email="maryam@example.com")))


@pytest.fixture
def erased(app: Flask, receipt: Page, clock: MovingClock) -> str:
    """The path of that order's page, after its personal data was erased."""
    clock.advance(TWO_YEARS)
    assert jobs.run_job(app, "erase_personal_data") == {"orders_erased": 1}
    return receipt.path


def number_of(app: Flask) -> str:
    with app.app_context():
        return str(db.session.scalar(select(Order.number)))


def test_the_page_says_who_carries_text_messages_where_there_are_any(
    app: Flask, shopper: Shopper
) -> None:
    said = "The company that carries our text messages"
    assert said not in shopper.open("/privacy").text
    app.config["SMS_URL"] = "https://sms.example"
    assert said in shopper.open("/privacy").text


def test_the_page_gives_the_figures_of_the_settings_in_both_languages(
    app: Flask, another_shop: Callable[..., Flask], sandbox: SandboxWorld
) -> None:
    shop = another_shop(
        DATABASE_URL=app.config["DATABASE_URL"],
        ERASE_UNPAID_AFTER_DAYS=11,
        ERASE_PAID_AFTER_DAYS=1234,
        MAIL_FROM="Eyvan <privacy@shop.example>",
        **at_gateways(sandbox),
    )
    english = Shopper(shop).open("/privacy")
    assert english.heading == "Privacy"
    assert "was not paid: 11 days" in english.text
    assert "A paid order: 1,234 days" in english.text
    assert "privacy@shop.example" in english.text
    assert "Jibit wallet" in english.text
    persian = Shopper(shop, "fa").open("/privacy")
    assert persian.heading == "حریم خصوصی"
    assert "۱۱ روز" in persian.text
    assert "۱٬۲۳۴ روز" in persian.text


def test_the_footer_and_the_checkout_form_lead_there(shopper: Shopper) -> None:
    shopper.put_in_cart()
    for path, place in (("/", "footer"), ("/checkout", "form")):
        links = shopper.open(path).soup.select(f"{place} a[href='/privacy']")
        assert len(links) == 1, path


def test_every_cookie_that_the_shop_sets_is_named(app: Flask) -> None:
    client = app.test_client()
    answers = [client.get("/orders"), client.get("/?lang=en")]
    names = {
        line.partition("=")[0] for each in answers for line in each.headers.getlist("Set-Cookie")
    }
    assert len(names) == 2
    told = client.get("/privacy").get_data(as_text=True)
    assert [name for name in names if name not in told] == []


def test_a_browser_forgets_its_orders_and_keeps_its_cart(
    app: Flask, shopper: Shopper, receipt: Page
) -> None:
    shopper.put_in_cart("saffron-tin", 1)
    copy = shopper.client.get_cookie("storefront_session")
    assert copy
    shopper.open("/orders")
    page = shopper.confirm("Forget my orders")
    assert (page.status, page.path) == (200, "/orders")
    assert "no longer listed in this browser" in page.text
    assert "No orders yet." in page.text
    assert "Forget my orders" not in page.text
    assert shopper.open("/cart").soup.select_one("input[name=quantity-saffron-tin]") is not None
    assert DETAILS["address"] not in shopper.open(receipt.path).text
    shopper.client.set_cookie("storefront_session", copy.value)
    assert DETAILS["address"] not in shopper.open(receipt.path).text, "no copy opens it either"
    shopper.open("/orders")
    found = shopper.press("Find", order_number=number_of(app), mobile=DETAILS["mobile"])
    assert found.path == receipt.path


def test_no_other_site_can_make_a_browser_forget(shopper: Shopper, receipt: Page) -> None:
    assert shopper.client.post("/orders/forget").status_code == 400
    assert DETAILS["address"] in shopper.open(receipt.path).text


def test_an_erased_order_says_so_on_its_page_in_both_languages(
    shopper: Shopper, persian: Shopper, erased: str
) -> None:
    page = shopper.open(erased)
    assert (page.status, page.heading) == (200, "Paid. Thank you!")
    assert "Name, address and contact Erased on" in page.text
    assert "765,000 Toman" in page.text
    assert "maryam@example.com" not in page.text
    assert not set(DETAILS.values()) & set(page.text.split())
    assert "0912" not in page.text
    in_persian = persian.open(erased).text
    assert "نام، نشانی و راه تماس در " in in_persian
    assert "اطلاعات شخصی این سفارش پاک شده است" in in_persian


def test_an_erased_order_keeps_its_history_its_code_and_its_status(
    shopper: Shopper, erased: str
) -> None:
    told = shopper.open(f"{erased}/history").text
    assert "The personal data of this order was erased." in told
    assert shopper.client.get(f"{erased}/code.svg").status_code == 200
    assert shopper.client.get(f"{erased}/status").get_json()["order_state"] == "paid"
    assert "Order " in shopper.open("/orders").text


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "was erased on"), ("fa", "اطلاعات شخصی این سفارش")],
)
def test_tracking_an_erased_order_says_when_it_was_erased(
    app: Flask, erased: str, language: str, told: str
) -> None:
    shopper = Shopper(app, language)
    shopper.open("/orders")
    button = {"en": "Find", "fa": "پیدا"}[language]
    page = shopper.press(button, order_number=number_of(app), mobile=DETAILS["mobile"])
    assert (page.status, page.path) == (410, "/orders")
    assert told in page.text
    assert erased not in page.html
