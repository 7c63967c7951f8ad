"""The gateway is off, silent or talks nonsense: every page answers, and the cart is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from storefront import create_app
from storefront.core.database import db
from storefront.core.formats import digits
from storefront.orders.models import Order
from testkit.processes import free_port
from testkit.settings import ADDRESSES, at_gateway, quiet_settings
from testkit.shopper import DETAILS, Shopper

PAGES = ("/", "/products/turquoise-bowl", "/cart", "/checkout", "/healthz", "/readyz")
PAY = {"en": "Pay", "fa": "پرداخت"}
ADVICE = {
    "en": "The payment gateway does not answer at the moment.",
    "fa": "درگاه پرداخت در این لحظه پاسخ نمی‌دهد",
}


@pytest.fixture(params=["off", "hang", "bad_gateway", "truncated_json", "wrong_types", "error_500"])
def app(
    request: pytest.FixtureRequest, gateway: str, stocked_database_url: str, sandbox: SandboxWorld
) -> Iterator[Flask]:
    """A shop whose one gateway is in trouble for good."""
    settings = at_gateway(sandbox, gateway)
    if request.param == "off":
        settings[ADDRESSES[gateway]] = f"http://127.0.0.1:{free_port()}/nobody"
    else:
        sandbox.behave(request.param, times=None)
    settings = quiet_settings(
        DATABASE_URL=stocked_database_url,
        GATEWAY_CONNECT_TIMEOUT=0.2,
        GATEWAY_READ_TIMEOUT=0.2,
        **settings,
    )
    app = create_app(settings)
    yield app
    sandbox.forget_behaviours()
    with app.app_context():
        db.engine.dispose()


@pytest.mark.one_case_in(5)
@pytest.mark.parametrize("language", ["en", "fa"])
def test_checking_out_says_what_to_do_and_keeps_cart_and_form(app: Flask, language: str) -> None:
    shopper = Shopper(app)
    shopper.put_in_cart(pieces=3)
    shopper.open(f"/language/{language}")
    shopper.open("/checkout")
    page = shopper.press(PAY[language], **DETAILS)
    assert page.status == 503
    assert ADVICE[language] in page.text
    assert DETAILS["address"] in page.html
    assert [shopper.open(path).status for path in PAGES] == [200] * len(PAGES)
    three = f'input[name="quantity-turquoise-bowl"][value="{digits("3", language)}"]'
    assert shopper.open("/cart").soup.select_one(three)


@pytest.mark.one_case_in(3)
def test_a_second_try_is_the_same_order(app: Flask) -> None:
    shopper = Shopper(app)
    shopper.put_in_cart()
    for _ in range(2):
        shopper.open("/checkout")
        shopper.press("Pay", **DETAILS)
    with app.app_context():
        assert db.session.query(Order).count() == 1
