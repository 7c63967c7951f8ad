"""The details of a browser's last order are offered at its next, and to nobody else."""

from __future__ import annotations

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from storefront.worker import jobs
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.shopper import DETAILS, Page, Shopper

OFFERED = DETAILS | {"email": "maryam@example.com", "address": "تهران،\nخیابان ولیعصر، پلاک ۱۲"}
SAID = "These are the details of your last order in this browser."
TWO_YEARS = 731 * 24 * 3600  # seconds


def held(page: Page) -> dict[str, str]:
    """What the form begins with, of what a shopper types."""
    button = "Pay" if page.soup.select_one("html[lang=en]") else "پرداخت"
    typed = {name: value.strip() for name, value in page.fields(button).items()}
    names = (*OFFERED, "national_code", "note")
    return {name: typed[name].replace("\r\n", "\n") for name in names if typed[name]}


@pytest.fixture
def known(shopper: Shopper) -> Shopper:
    """Somebody who has ordered in this browser, and has something in the cart again."""
    shopper.put_in_cart()
    shopper.check_out(**OFFERED, national_code="0499370899", note="زنگ خراب است")
    shopper.put_in_cart("saffron-tin")
    return shopper


def test_the_next_checkout_begins_with_them_and_says_so(known: Shopper) -> None:
    page = known.open("/checkout")
    assert held(page) == OFFERED, "neither the national code nor the note"
    assert SAID in page.text
    assert page.headers["Cache-Control"] == "no-store"
    known.press("Pay")
    assert known.sent_to
    cookie = known.client.get_cookie("storefront_session")
    assert cookie
    assert not [told for told in OFFERED.values() if told in cookie.decoded_value]


def test_the_language_is_switched_with_the_offer_and_what_is_changed_is_kept(
    known: Shopper,
) -> None:
    form = known.open("/checkout").fields("Pay")
    switched = Page(known.client.post("/checkout/in/fa", data=form, follow_redirects=True))
    assert held(switched) == OFFERED
    assert "مشخصات آخرین سفارشتان در این مرورگر را آورده‌ایم." in switched.text
    sara = form | {"full_name": "Sara"}
    changed = Page(known.client.post("/checkout/in/en", data=sara, follow_redirects=True))
    assert held(changed) == OFFERED | {"full_name": "Sara"}
    assert SAID not in changed.text


def test_who_wants_other_details_gets_an_empty_form(known: Shopper) -> None:
    page = known.open("/checkout")
    (link,) = (each for each in page.soup.select("a") if each.text == "Use other details")
    page = known.open(str(link["href"]))
    assert held(page) == {}
    assert SAID not in page.text
    known.press("Pay", **DETAILS | {"full_name": "سارا کریمی"})
    assert known.sent_to
    known.put_in_cart()
    assert held(known.open("/checkout"))["full_name"] == "سارا کریمی"


def test_another_browser_and_one_that_forgot_are_offered_nothing(
    known: Shopper, app: Flask
) -> None:
    stranger = Shopper(app)
    stranger.put_in_cart()
    copy = known.client.get_cookie("storefront_session")
    assert copy
    known.open("/orders")
    known.confirm("Forget my orders")
    other_copy = Shopper(app)
    other_copy.client.set_cookie("storefront_session", copy.value)
    for name, browser in {"another": stranger, "forgot": known, "a copy": other_copy}.items():
        with naming(name):
            page = browser.open("/checkout")
            assert held(page) == {}
            assert SAID not in page.text


def test_an_erased_order_offers_nothing(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask, clock: MovingClock
) -> None:
    shopper.open(sandbox.pay(shopper.goes_to_pay()))
    shopper.put_in_cart()
    assert held(shopper.open("/checkout")) == DETAILS
    clock.advance(TWO_YEARS)
    assert jobs.run_job(app, "erase_personal_data") == {"orders_erased": 1}
    page = shopper.open("/checkout")
    assert held(page) == {}
    assert SAID not in page.text


def test_who_has_the_address_of_an_order_is_offered_none_of_its_details(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    receipt = shopper.open(sandbox.pay(shopper.goes_to_pay()))
    stranger = Shopper(app)
    stranger.open(receipt.path)
    stranger.press("Order again")
    assert stranger.page.path == "/cart"
    assert held(stranger.open("/checkout")) == {}
