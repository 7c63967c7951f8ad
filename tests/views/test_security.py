"""What guards every page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from jibit_sandbox.testing import SandboxWorld
from storefront import create_app
from storefront.core.database import db
from testkit.cases import naming
from testkit.settings import quiet_settings
from testkit.shopper import Shopper

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


def test_every_answer_is_guarded(shopper: Shopper) -> None:
    for path in (*PAGES, "/healthz", "/static/css/house.css"):
        with naming(path):
            answer = shopper.client.get(path)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
            answer.close()


def test_no_page_has_a_script_or_a_style_of_its_own(shopper: Shopper) -> None:
    shopper.put_in_cart()
    for path in PAGES:
        with naming(path):
            soup = shopper.open(path).soup
            assert not soup.select("style, [style]")
            assert all(
                script.get("src") and not script.text.strip()
                for script in soup.select("script:not([type='application/ld+json'])")
            )
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
    page = client.get("/", base_url="https://shop.example").text
    assert "ایوان" in page
    assert "پول آزمایشی" not in page


def test_a_practice_wallet_alone_is_test_money_too(open_shop: OpenShop) -> None:
    client = open_shop(PPG_BASE_URL="off", WALLET_BASE_URL="http://127.0.0.1:8001/pg")
    assert "پول آزمایشی" in client.get("/").text


def test_answers_are_compressed_as_the_browser_likes(shopper: Shopper) -> None:
    for path in ("/", "/static/css/house.css", "/static/js/forms.js"):
        for way in ("br", "gzip", "zstd"):
            with (
                naming(path, way),
                shopper.client.get(path) as whole,
                shopper.client.get(path, headers={"Accept-Encoding": way}) as small,
            ):
                assert small.headers["Content-Encoding"] == way
                assert "Accept-Encoding" in small.headers["Vary"]
                assert len(small.data) < len(whole.data) / 1.5


def test_files_named_by_their_content_are_kept_for_ever_and_pages_are_not(
    shopper: Shopper,
) -> None:
    page = shopper.open("/")
    assert page.headers["Cache-Control"] == "private, no-cache"
    files = [str(tag["href"]) for tag in page.soup.select("link[rel=stylesheet]")]
    files += [str(tag["src"]) for tag in page.soup.select("script[src], img")]
    for file in files:
        answer = shopper.client.get(file)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        answer.close()
    for nothing in ("/static/none.css", "/static/css/house.css"):
        answer = shopper.client.get(nothing)
        assert "immutable" not in answer.headers["Cache-Control"]
        answer.close()


def test_a_page_asks_no_other_host_for_anything(shopper: Shopper) -> None:
    for path in ("/", "/products", "/products/saffron-tin"):
        with naming(path):
            soup = shopper.open(path).soup
            parts = [
                tag.get("src") or tag.get("href")
                for tag in soup.select("script[src], img, use, link")
            ]
            own = [str(part) for part in parts if part and str(part).startswith("/")]
            others = {str(part) for part in parts} - set(own)
            assert {
                tag["href"] for tag in soup.select("link[rel=canonical], link[hreflang]")
            } == others


def test_the_front_is_light(shopper: Shopper) -> None:
    """At most 8 kB of HTML, at most 10 requests and 60 kB in all, the typeface left out."""
    headers = {"Accept-Encoding": "br"}
    soup = shopper.open("/").soup
    tags = soup.select("link[rel=stylesheet], link[rel=icon], script[src], img, use")
    parts = {str(tag.get("src") or tag["href"]).partition("#")[0] for tag in tags}
    assert len(parts) < 10
    sizes = {}
    for part in parts | {"/"}:
        with shopper.client.get(part, headers=headers) as answer:
            sizes[part] = len(answer.data)
    assert sizes["/"] <= 8_000
    assert sum(sizes.values()) <= 60_000
