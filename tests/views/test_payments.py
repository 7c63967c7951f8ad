"""The callback: believed in nothing, and working without cookies."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db
from storefront.orders.models import Order
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


def test_a_payment_we_never_made_is_not_found(shopper: Shopper) -> None:
    assert shopper.open("/payments/none/callback?refnum=AAAAAAAA").status == 404
