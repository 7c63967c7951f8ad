"""What guards every page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from storefront import create_app
from storefront.database import db
from storefront.sandbox.testing import SandboxWorld
from tests.rig.settings import quiet_settings
from tests.rig.shopper import Shopper

OpenShop = Callable[..., FlaskClient]
PAGES = ("/", "/categories/textiles", "/products/saffron-tin", "/cart", "/checkout", "/none")


@pytest.fixture
def open_shop(database_url: str) -> Iterator[OpenShop]:
    """Opens shops with other settings than those of most tests."""
    opened = []

    def open_shop(**settings: str) -> FlaskClient:
        opened.append(create_app(quiet_settings(DATABASE_URL=database_url, **settings)))
        return opened[-1].test_client()

    yield open_shop
    for app in opened:
        with app.app_context():
            db.engine.dispose()


@pytest.mark.parametrize("path", [*PAGES, "/healthz", "/static/css/house.css"])
def test_every_answer_is_guarded(shopper: Shopper, path: str) -> None:
    answer = shopper.client.get(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    answer.close()


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_script_or_a_style_of_its_own(shopper: Shopper, path: str) -> None:
    shopper.put_in_cart()
    soup = shopper.open(path).soup
    assert not soup.select("style, [style]")
    assert all(script.get("src") and not script.text.strip() for script in soup.select("script"))
    attributes = {name for tag in soup.find_all(True) for name in tag.attrs}
    assert not [name for name in attributes if re.match(r"on[a-z]+$", name)]


def test_forms_may_lead_to_the_gateway_and_nowhere_else(
    shopper: Shopper, sandbox: SandboxWorld
) -> None:
    policy = shopper.open("/checkout").headers["Content-Security-Policy"]
    (rule,) = [rule for rule in policy.split("; ") if rule.startswith("form-action")]
    assert rule == f"form-action 'self' {sandbox.base_url}"


def test_a_real_gateway_is_reached_encrypted_only(open_shop: OpenShop) -> None:
    client = open_shop(PUBLIC_URL="https://shop.example", PSP_HOSTS="psp.example,127.0.0.1:8001")
    headers = client.get("/healthz").headers
    assert (
        "form-action 'self' https://psp.example http://127.0.0.1:8001;"
        in (headers["Content-Security-Policy"])
    )
    assert headers["Strict-Transport-Security"]


def test_cookies_of_an_encrypted_shop_stay_encrypted(open_shop: OpenShop) -> None:
    client = open_shop(PUBLIC_URL="https://shop.example")
    cookie = client.get("/language/en").headers["Set-Cookie"]
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


def test_a_page_that_changes_nothing_sets_no_cookie(shopper: Shopper) -> None:
    shopper.put_in_cart()
    shopper.open("/cart")
    for path in ("/", "/healthz", "/static/css/house.css"):
        answer = shopper.client.get(path)
        assert "Set-Cookie" not in answer.headers
        answer.close()


def test_the_banner_says_test_money_while_the_gateway_is_local(
    shopper: Shopper, persian: Shopper
) -> None:
    assert "TEST MONEY" in shopper.open("/").text
    assert "پول آزمایشی" in persian.open("/").text


def test_no_banner_where_money_is_real(open_shop: OpenShop) -> None:
    client = open_shop(
        PUBLIC_URL="https://shop.example",
        PPG_BASE_URL="https://api.jibit.ir/ppg/v2",
        PPG_API_KEY="a-merchants-key",
        PPG_SECRET_KEY="a-merchants-secret",
    )
    assert "پول آزمایشی" not in client.get("/").text


def test_a_practice_wallet_alone_is_test_money_too(open_shop: OpenShop) -> None:
    client = open_shop(PPG_BASE_URL="off", WALLET_BASE_URL="http://127.0.0.1:8001/pg")
    assert "پول آزمایشی" in client.get("/").text
