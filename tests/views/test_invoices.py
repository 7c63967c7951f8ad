"""The invoice of a paid order: what stands on it, and who sees name and address."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db
from storefront.orders import invoice_links
from storefront.orders.models import Order
from storefront.worker import jobs
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.shopper import DETAILS, Page, Shopper

A_LONG_TIME = 731 * 24 * 3600  # seconds
TYPED = [value for name, value in DETAILS.items() if name != "province"]  # which is chosen


def invoice(shopper: Shopper, sandbox: SandboxWorld, **details: str) -> Page:
    """The invoice of two bowls, in the browser that has just paid them."""
    shopper.open(sandbox.pay(shopper.goes_to_pay(pieces=2, **details)))
    (link,) = shopper.page.soup.select(".standing a[href$='/invoice']")
    return shopper.open(str(link["href"]))


def link_of_a_letter(app: Flask) -> str:
    """The path that the letters about the only order lead to."""
    with app.app_context():
        return invoice_links.path_of(db.session.scalars(select(Order)).one())


def test_an_invoice_says_who_sold_what_to_whom_for_how_much(
    shopper: Shopper, persian: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    page = invoice(shopper, sandbox, national_code="0499370899")
    (there,) = sandbox.orders()
    for told in (
        *TYPED,
        *("Eyvan", "Meybod turquoise bowl", "Bank card", str(there["identifier"])),
        *("680,000 Toman", "1,360,000 Toman", "Delivery", "of which value added tax"),
        *("1,445,000 Toman", "14,450,000 Rials"),
    ):
        assert told in page.text
    assert page.soup.select_one(".stamp").text == "Paid"  # type: ignore[union-attr]
    assert "0499370899" not in page.text
    in_persian = persian.open(link_of_a_letter(app)).text
    for told in ("فاکتور", "۱٬۴۴۵٬۰۰۰ تومان", "۱۴٬۴۵۰٬۰۰۰ ریال", DETAILS["address"]):
        assert told in in_persian


def test_who_and_where_is_seen_by_the_buyers_browser_and_by_the_letters_link_alone(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    page, stranger = invoice(shopper, sandbox), Shopper(app)
    assert page.headers["Cache-Control"] == "no-store"
    whole = link_of_a_letter(app)
    assert whole not in page.html, "who is shown the page over a shoulder gets no key"
    for path in (page.path, f"{page.path}/none", f"{whole}x", f"{page.path}/{'ü' * 43}"):
        with naming(path):
            seen = stranger.open(path)
            assert (seen.status, seen.path) == (200, page.path)
            assert "1,445,000 Toman" in seen.text
            assert not [told for told in TYPED if told in seen.text]
    seen = stranger.open(whole)
    assert all(told in seen.text for told in TYPED)
    assert (seen.headers["Cache-Control"], seen.headers["X-Robots-Tag"]) == ("no-store", "noindex")


def test_the_letters_link_makes_no_browser_the_buyers_own(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    page, stranger = invoice(shopper, sandbox), Shopper(app)
    stranger.open(link_of_a_letter(app))
    stranger.put_in_cart()
    for path in ("/orders", "/checkout", page.path.removesuffix("/invoice")):
        assert DETAILS["address"] not in stranger.open(path).html
    assert "No orders yet." in stranger.open("/orders").text


def test_the_link_of_one_order_opens_no_other(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    invoice(shopper, sandbox)
    key = link_of_a_letter(app).rpartition("/")[2]
    other = Shopper(app)
    page = invoice(other, sandbox, address="شیراز، خیابان ارم، پلاک ۷")
    assert "شیراز" in page.text
    assert "شیراز" not in Shopper(app).open(f"{page.path}/{key}").text


def test_an_erased_order_keeps_an_invoice_that_names_nobody(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask, clock: MovingClock
) -> None:
    page = invoice(shopper, sandbox)
    clock.advance(A_LONG_TIME)
    jobs.run_job(app, "erase_personal_data")
    for path in (page.path, link_of_a_letter(app)):
        erased = shopper.open(path).text
        assert "Erased on" in erased
        assert "1,445,000 Toman" in erased
        assert not [told for told in TYPED if told in erased]


def test_an_order_that_is_not_paid_has_no_invoice(shopper: Shopper, app: Flask) -> None:
    shopper.goes_to_pay()
    whole = link_of_a_letter(app)
    for path in (whole, whole.rpartition("/")[0]):
        page = shopper.open(path)
        assert page.path == whole.removesuffix(whole[whole.index("/invoice") :])
        assert "There is an invoice once the order is paid." in page.text
    for path in ("/orders/none/invoice", "/orders/none/invoice/none"):
        assert shopper.open(path).status == 404


def test_an_invoice_shows_what_went_back(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    path = invoice(shopper, sandbox).path
    driver = ScenarioDriver(app)
    for amount, stamp, left in (
        (1_000_000, "Paid, partly refunded", "1,345,000 Toman"),
        (13_450_000, "Paid, and refunded", "0 Toman"),
    ):
        with driver.in_the_shop() as services:
            (payment,) = services.engine.payments_of(driver.number(driver.orders()[0]))
            services.engine.note_refund(payment.reference, amount, reason="broken", by="Sara")
        page = shopper.open(path)
        assert page.soup.select_one(".stamp").text == stamp  # type: ignore[union-attr]
        assert page.soup.select(".sums .total dd")[1].text.startswith(left)
