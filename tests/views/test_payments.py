"""The callback: believed in nothing, and working without cookies."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db
from storefront.orders.history import HistoryEntry
from storefront.orders.models import Order
from storefront.orders.payments import Payment
from testkit.shopper import DETAILS, Shopper


def test_the_callback_needs_no_cookie_and_leads_to_the_order(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    callback = urlsplit(sandbox.pay(shopper.goes_to_pay()))
    stranger = app.test_client(use_cookies=False)
    answer = stranger.get(f"{callback.path}?{callback.query}")
    assert answer.status_code == 303
    with app.app_context():
        assert answer.location == f"/orders/{db.session.scalar(select(Order.token))}"


def test_the_callback_may_come_as_a_form(shopper: Shopper, sandbox: SandboxWorld) -> None:
    callback = urlsplit(sandbox.pay(shopper.goes_to_pay()))
    answer = shopper.client.post(
        callback.path, data=callback.query, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 303


def test_who_does_not_know_the_gateways_number_sees_no_detail(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    path = urlsplit(sandbox.pay(shopper.goes_to_pay())).path
    for query in ("", "?refnum=AAAAAAAA&state=SUCCESSFUL", "?refnum=&state=FAILED"):
        page = Shopper(app).open(path + query)
        assert page.status == 200
        assert page.heading == "We are checking your payment"
        assert page.headers["Cache-Control"] == "no-store"
        with app.app_context():
            order = db.session.scalars(select(Order)).one()
        for secret in (*DETAILS.values(), order.token, order.number):
            assert secret not in page.html


def test_who_comes_back_without_number_and_cookie_reads_the_language_of_the_order(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    path = urlsplit(sandbox.pay(shopper.goes_to_pay())).path
    browser = app.test_client(use_cookies=False)
    for answer in (browser.get(path), browser.post(path)):
        assert answer.status_code == 200
        assert 'lang="en"' in answer.text
        assert "We are checking your payment" in answer.text
    assert "پرداخت شما را بررسی می‌کنیم" in browser.get(f"{path}?lang=fa").text


def test_a_payment_we_never_made_is_not_found(shopper: Shopper) -> None:
    assert shopper.open("/payments/none/callback?refnum=AAAAAAAA").status == 404


def test_a_flood_of_guesses_calls_nobody_and_is_counted(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    path = urlsplit(sandbox.pay(shopper.goes_to_pay())).path
    stranger = app.test_client(use_cookies=False)
    for number in range(60):
        stranger.get(f"{path}?refnum={number}&state=SUCCESSFUL")
    assert sandbox.requests_seen(operation="inquiry") == []
    assert sandbox.requests_seen(operation="verify") == []
    with app.app_context():
        assert db.session.scalars(select(Payment.callbacks_seen)).all() == [60]
        told = db.session.scalars(select(HistoryEntry.event).order_by(HistoryEntry.id)).all()
    assert told == ["order_placed", "payment_initiated", "payment_opened", "unmatched_callback"]


def test_a_flood_that_knows_the_number_asks_once(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask
) -> None:
    shopper.goes_to_pay()
    with app.app_context():
        payment = db.session.scalars(select(Payment)).one()
    known = f"/payments/{payment.reference}/callback?refnum={payment.gateway_payment_id}"
    stranger = app.test_client(use_cookies=False)
    answers = [stranger.get(known) for _ in range(60)]
    assert len({(answer.status_code, answer.location) for answer in answers}) == 1
    assert len(sandbox.requests_seen(operation="inquiry")) <= 2  # before and after a verification
    assert len(sandbox.requests_seen(operation="verify")) <= 1
    with app.app_context():
        assert db.session.scalars(select(Payment.callbacks_seen)).all() == [60]
        told = db.session.scalars(select(HistoryEntry.event)).all()
    assert told.count("callback") == 1
    assert len(told) < 10


def test_in_the_browser_that_ordered_the_order_is_shown_without_the_number(
    shopper: Shopper, sandbox: SandboxWorld
) -> None:
    path = urlsplit(sandbox.pay(shopper.goes_to_pay())).path
    assert shopper.open(path).path.startswith("/orders/")


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "We ask the gateway ourselves"), ("fa", "خودمان از درگاه می‌پرسیم")],
)
def test_who_comes_back_without_the_number_is_told_what_happens_next(
    shopper: Shopper, sandbox: SandboxWorld, app: Flask, language: str, said: str
) -> None:
    path = urlsplit(sandbox.pay(shopper.goes_to_pay())).path
    page = Shopper(app, language).open(path)
    assert said in page.text
    assert page.soup.select_one('main a[href="/orders"]')
