"""While one database takes over from another: forms are kept, and who paid is not left alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from storefront import create_app
from storefront.core.database import db
from storefront.orders.models import Order
from testkit.cases import naming
from testkit.settings import quiet_settings
from testkit.shopper import DETAILS, Shopper
from testkit.shortage import read_only

OpenShop = Callable[..., Flask]
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
CALLBACK = "/payments/some-payment/callback"
CHECKING = {"en": "We are checking your payment", "fa": "پرداخت شما را بررسی می‌کنیم"}


@pytest.fixture(scope="module")
def away() -> Flask:
    """A shop whose database does not answer."""
    return create_app(quiet_settings(DATABASE_URL=NOWHERE))


@pytest.mark.both_databases
def test_a_form_is_offered_again_as_it_was_filled_in_and_orders_once(
    app: Flask, shopper: Shopper
) -> None:
    shopper.put_in_cart()
    shopper.open("/checkout")
    with read_only(app):
        page = shopper.press("Pay", **DETAILS)
        assert (page.status, page.headers["Cache-Control"]) == (503, "no-store")
        assert page.fields("Send it again").items() >= DETAILS.items()
    for _ in range(2):  # the first may meet a connection of before, the last one
        if not shopper.sent_to:
            shopper.press("Send it again")
    assert shopper.sent_to
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Order)) == 1


def test_a_command_leads_to_the_doctor_who_says_why(away: Flask) -> None:
    ran = away.test_cli_runner().invoke(args=["payments", "export"])
    assert ran.exit_code == 1
    assert "the database does not answer; flask --app storefront doctor says why" in ran.output


def test_what_another_site_sent_is_not_offered_again(away: Flask) -> None:
    browser, foreign = away.test_client(), {"Sec-Fetch-Site": "cross-site"}
    page = browser.post(CALLBACK, data={"state": "SUCCESSFUL"}, headers=foreign)
    assert "SUCCESSFUL" not in page.text


def test_who_comes_back_from_the_bank_is_shown_a_page_that_tries_again(away: Flask) -> None:
    for language, heading in CHECKING.items():
        for method in ("GET", "POST"):
            with naming(language, method):
                browser = Shopper(away, language).client
                page = browser.open(CALLBACK, method=method, query_string="refnum=7")
                assert (page.status_code, page.headers["Refresh"]) == (503, "5")
                assert (page.headers["Retry-After"], heading in page.text) == ("30", True)
                assert "Set-Cookie" not in page.headers  # the browser keeps its cart


def test_no_other_page_turns_by_itself(away: Flask) -> None:
    assert "Refresh" not in Shopper(away).open("/").headers
