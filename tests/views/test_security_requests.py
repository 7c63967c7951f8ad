"""What a request may claim about itself, and what an answer gives away."""

from __future__ import annotations

import time
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable
from copy import copy

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import select

from storefront.core.database import db
from storefront.core.tables import TABLES
from storefront.orders.models import Order
from storefront.orders.states import OrderState
from testkit.cases import naming
from testkit.shopper import DETAILS, Shopper

# Nothing here hangs on the database.
pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
SESSION = "storefront_session"
OpenShop = Callable[..., Flask]


def cookie_of(shopper: Shopper) -> str:
    cookie = shopper.client.get_cookie(SESSION)
    assert cookie is not None
    return cookie.value


def cart_with(app: Flask, cookie: str) -> str:
    """The cart's heading for somebody who brings this session."""
    shopper = Shopper(app)
    shopper.client.set_cookie(SESSION, cookie)
    return shopper.open("/cart").heading


def signing(app: Flask) -> URLSafeTimedSerializer:
    """What signs sessions as the shop does, to be changed at will."""
    assert isinstance(app.session_interface, SecureCookieSessionInterface)
    serializer = app.session_interface.get_signing_serializer(app)
    assert serializer is not None
    return copy(serializer)


def test_a_session_that_somebody_changed_is_none(app: Flask, shopper: Shopper) -> None:
    shopper.put_in_cart()
    cookie = cookie_of(shopper)
    content, moment, signature = cookie.rsplit(".", 2)
    assert cart_with(app, cookie) == "Your cart"
    for forged in (
        f"{content[:-1]}{'A' if content[-1] != 'A' else 'B'}.{moment}.{signature}",
        f"{content}.{moment}.{signature[:-2]}AA",
        f"{content}.{moment}.",
        f"{content}.{moment}",
        content,
    ):
        with naming(forged):
            assert cart_with(app, forged) == "Your cart is empty"


def test_a_session_signed_in_a_weaker_way_is_none(app: Flask, shopper: Shopper) -> None:
    shopper.put_in_cart()
    serializer = signing(app)
    assert len(cookie_of(shopper).rpartition(".")[2]) == 43, "32 bytes, as SHA-256 has"
    content = serializer.loads(cookie_of(shopper))
    by_default = SecureCookieSessionInterface.digest_method  # SHA-1
    serializer.signer_kwargs = {"key_derivation": "hmac", "digest_method": by_default}
    assert cart_with(app, str(serializer.dumps(content))) == "Your cart is empty"


def test_a_session_is_none_after_30_days(app: Flask, shopper: Shopper) -> None:
    shopper.put_in_cart()
    content = signing(app).loads(cookie_of(shopper))
    for days, heading in ((29, "Your cart"), (31, "Your cart is empty")):

        class Earlier(TimestampSigner):
            age = days * 24 * 60 * 60

            def get_timestamp(self) -> int:
                return int(time.time()) - self.age

        serializer = signing(app)
        serializer.signer = Earlier
        assert cart_with(app, str(serializer.dumps(content))) == heading


def test_a_forms_token_is_no_session_and_a_session_no_forms_token(
    app: Flask, shopper: Shopper
) -> None:
    shopper.put_in_cart()
    token = shopper.open("/products/turquoise-bowl").fields("Add to cart")["csrf_token"]
    assert cart_with(app, token) == "Your cart is empty"
    for claimed in (cookie_of(shopper), token[:-1], ""):
        answer = shopper.client.post("/cart/add/saffron-tin", data={"csrf_token": claimed})
        assert answer.status_code == 400


def test_a_token_of_another_browser_opens_no_form(app: Flask, shopper: Shopper) -> None:
    page = Shopper(app).open("/products/turquoise-bowl")
    stolen = page.fields("Add to cart")["csrf_token"]
    shopper.put_in_cart()
    answer = shopper.client.post("/cart/add/saffron-tin", data={"csrf_token": stolen})
    assert answer.status_code == 400


def test_fields_that_no_form_has_change_nothing(app: Flask, shopper: Shopper) -> None:
    shopper.put_in_cart()
    form = shopper.open("/checkout").fields("Pay") | DETAILS
    more = {"amount_rials": "1", "state": "paid", "number": "1", "token": "t", "price_rials": "1"}
    assert shopper.client.post("/checkout", data=form | more).location != "/checkout"
    with app.app_context():
        order = db.session.scalars(select(Order)).one()
        assert order.state is OrderState.PLACED
        assert order.amount_rials == sum(line.amount_rials for line in order.lines) > 1_000_000
        assert {order.number, order.token}.isdisjoint({"1", "t"})


def test_what_an_address_adds_to_a_form_is_not_read(shopper: Shopper) -> None:
    page = shopper.open("/products/turquoise-bowl")
    form = page.fields("Add to cart") | {"quantity": "1"}
    shopper.client.post("/cart/add/turquoise-bowl?quantity=3&csrf_token=x", data=form)
    form.pop("csrf_token")
    refused = shopper.client.post(
        f"/cart/add/saffron-tin?csrf_token={page.fields('Add to cart')['csrf_token']}",
        data=form,
    )
    assert refused.status_code == 400
    assert shopper.open("/cart").fields("Change")["quantity-turquoise-bowl"] == "1"


def guesses(client: FlaskClient, address: Callable[[int], str]) -> list[int]:
    """The answers to 21 guesses about orders, which claim to come from these addresses."""
    shopper = Shopper(client.application)
    form = shopper.open("/orders").fields("Find") | {"mobile": DETAILS["mobile"]}
    return [
        shopper.client.post(
            "/orders",
            data=form | {"order_number": str(2_000_000_000 + guess)},
            headers={"X-Forwarded-For": address(guess)},
        ).status_code
        for guess in range(21)
    ]


def test_an_address_is_believed_from_trusted_proxies_alone(
    app: Flask, another_shop: OpenShop, stocked_database_url: str
) -> None:
    behind_one = another_shop(DATABASE_URL=stocked_database_url, TRUSTED_PROXIES=1)
    many = guesses(behind_one.test_client(), lambda guess: f"192.0.2.{guess}")
    assert many == [303] * 21, "each shopper is counted alone"
    claimed = guesses(behind_one.test_client(), lambda guess: f"198.51.100.{guess}, 192.0.2.200")
    assert claimed == [303] * 20 + [429], "what the client itself wrote is not read"
    assert guesses(app.test_client(), lambda guess: f"192.0.2.{guess}")[-1] == 429


def test_tokens_and_references_are_long_and_never_the_same(app: Flask) -> None:
    for _ in range(5):
        Shopper(app).goes_to_pay()
    with app.app_context():
        found = db.session.scalars(select(Order)).all()
        tokens = {order.token for order in found}
        references = set(db.session.scalars(select(TABLES.payments.c.reference)))
        numbers = {order.number for order in found}
    assert len(tokens) == len(references) == len(numbers) == 5
    assert {len(urlsafe_b64decode(token)) for token in tokens} == {24}
    assert {len(bytes.fromhex(reference)) for reference in references} == {16}
    assert all(number.isdigit() and len(number) == 10 for number in numbers)


def test_no_answer_is_opened_to_other_origins(shopper: Shopper) -> None:
    for path in ("/", "/cart", "/orders", "/healthz", "/static/css/house.css"):
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null", "Access-Control-Request-Method": "POST"},
        ):
            for method in ("GET", "OPTIONS"):
                with (
                    naming(method, path),
                    shopper.client.open(path, method=method, headers=headers) as answer,
                ):
                    assert "Access-Control-Allow-Origin" not in answer.headers


def test_every_answer_says_what_it_is_and_in_which_letters(shopper: Shopper) -> None:
    version = shopper.open("/").soup.select_one("use[href^='/pictures/']")
    assert version is not None
    for path, kind in (
        ("/", "text/html; charset=utf-8"),
        ("/none", "text/html; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/sitemap.xml", "application/xml; charset=utf-8"),
        ("/static/favicon.svg", "image/svg+xml; charset=utf-8"),
        ("/static/css/house.css", "text/css; charset=utf-8"),
        ("/static/js/forms.js", "text/javascript; charset=utf-8"),
        (str(version["href"]).partition("#")[0], "image/svg+xml; charset=utf-8"),
        ("/healthz", "application/json"),  # always UTF-8
    ):
        with naming(path), shopper.client.get(path) as answer:
            assert answer.headers["Content-Type"] == kind
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "object-src 'none'" in answer.headers["Content-Security-Policy"]


def test_only_pages_and_static_files_are_served(shopper: Shopper) -> None:
    for path in (
        "/static/",
        "/static/css/",
        "/.git/config",
        "/instance/README.md",
        "/static/../instance/README.md",
        "/static/%2e%2e/instance/README.md",
        "/static/..%2finstance/README.md",
        "/static/css/..%5c..%5cinstance%5cREADME.md",
        "/requirements.txt",
        "/console",
    ):
        with naming(path):
            assert shopper.client.get(path).status_code == 404
    assert shopper.client.open("/", method="TRACE").status_code == 405


def test_the_metrics_token_may_be_long_and_of_any_letters_and_is_taken_as_it_is(
    another_shop: OpenShop, stocked_database_url: str
) -> None:
    password = "گذرواژه‌ای با " + "حروف و 'نشانه'\" :" * 4
    assert len(password) > 64
    shop = another_shop(DATABASE_URL=stocked_database_url, METRICS_TOKEN=password)
    for given, status in (
        (password, 200),
        (password[:64], 401),
        (f"{password}x", 401),
        (password.replace("ر", "ز", 1), 401),
    ):
        with naming(given):
            basic = b64encode(f"duty:{given}".encode()).decode()
            headers = {"Authorization": f"Basic {basic}"}
            answer = shop.test_client().get("/metrics", headers=headers)
            assert answer.status_code == status
            assert answer.status_code == 200 or not answer.data
