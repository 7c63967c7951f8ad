"""Cookies: kept to this host, and never on an answer that a shared cache may keep."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, session
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from testkit.cases import naming
from testkit.hostile import filled
from testkit.shopper import Shopper

OpenShop = Callable[..., Flask]
GOOD = {
    "slug": "saffron-tin",
    "filename": "css/house.css",
    "number": "0",
    "language": "en",
    "code": "en",
}


def answers(app: Flask, client: FlaskClient, query: str) -> dict[str, TestResponse]:
    """Every page of the shop, asked for in a way that sets a cookie if anything can."""
    found = {}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            path = filled(rule, next((GOOD.get(name, "x") for name in rule.arguments), ""))
            found[path] = client.get(f"{path}?{query}")
            found[path].close()
    return found


def test_no_answer_that_anybody_may_keep_sets_a_cookie(app: Flask) -> None:
    def touch_the_session() -> None:
        session["touched"] = True

    app.before_request(touch_the_session)
    found = answers(app, Shopper(app, "fa").client, "lang=en&v=1")
    public = {path for path, answer in found.items() if answer.cache_control.public}
    assert public == {
        *("/static/css/house.css", "/pictures/x.svg"),
        *("/robots.txt", "/sitemap.xml", "/sitemaps/0.xml"),
        *("/favicon.ico", "/apple-touch-icon.png"),
        *("/site.webmanifest", "/site.en.webmanifest"),
    }
    for path, answer in found.items():
        with naming(path):
            assert ("Set-Cookie" in answer.headers) is (path not in public)
            assert answer.cache_control.public or {"private", "no-store"} & set(
                answer.cache_control
            )


def test_what_anybody_may_keep_is_the_same_for_everybody(app: Flask, shopper: Shopper) -> None:
    shopper.put_in_cart()
    reader, known = app.test_client(), shopper.client
    for path in (
        "/robots.txt",
        "/sitemap.xml",
        "/sitemaps/0.xml",
        "/pictures/x.svg",
        "/favicon.ico",
    ):
        with naming(path), reader.get(path) as theirs, known.get(path) as answer:
            assert theirs.data == answer.data
            assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_page_says_that_it_hangs_on_cookies(app: Flask) -> None:
    for path, answer in answers(app, app.test_client(), "").items():
        if answer.mimetype == "text/html" and not answer.location:
            with naming(path):
                assert "Cookie" in answer.headers["Vary"]


def test_under_https_every_cookie_is_bound_to_the_host(
    stocked_database_url: str, another_shop: OpenShop
) -> None:
    shop = another_shop(DATABASE_URL=stocked_database_url, PUBLIC_URL="https://localhost")
    browser = shop.test_client()
    lines = [
        line
        for path in ("/language/en", "/products/saffron-tin")
        for line in browser.get(path, base_url="https://localhost").headers.getlist("Set-Cookie")
    ]
    assert {line.partition("=")[0] for line in lines} == {
        "__Host-language",
        "__Host-storefront_session",
    }
    for line in lines:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(line.split("; "))
        assert "Domain" not in line
    page = browser.get("/cart", base_url="https://localhost").text
    assert 'lang="en"' in page
    browser.delete_cookie("__Host-language")
    browser.set_cookie("language", "en")  # as a neighbour's domain could
    assert 'lang="fa"' in browser.get("/cart", base_url="https://localhost").text
