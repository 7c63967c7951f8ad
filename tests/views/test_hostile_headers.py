"""Whatever a stranger's headers say, under any name and by any method: no fault of the shop."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from testkit.cases import naming
from testkit.hostile import HEADER_LINES, HEADERS, HOSTS, METHODS, Stranger, filled, in_thirds
from testkit.shopper import Shopper

OpenShop = Callable[..., Flask]


@pytest.mark.long
@in_thirds
def test_no_method_is_a_fault(app: Flask, stranger: Stranger, third: slice) -> None:
    for rule in list(app.url_map.iter_rules())[third]:
        for method in METHODS:
            with naming(method, rule.rule):
                assert stranger.sends(method, filled(rule, "x"), body=b"x=%ff&\xff=1") < 500


@in_thirds
def test_no_header_is_a_fault(stranger: Stranger, third: slice) -> None:
    for header, value in HEADER_LINES[third]:
        for method, path in (
            ("GET", "/products"),
            ("GET", "/static/css/house.css"),
            ("POST", "/cart/add/turquoise-bowl"),
        ):
            with naming(header, value[:80], path):
                sent = stranger.sends(method, path, body=b"quantity=1", headers={header: value})
                assert sent < 500


def test_no_header_of_a_proxy_is_a_fault(database_url: str, another_shop: OpenShop) -> None:
    shop = another_shop(
        DATABASE_URL=database_url, PUBLIC_URL="https://shop.example", TRUSTED_PROXIES=1
    )
    shop.config["PROPAGATE_EXCEPTIONS"] = False
    stranger = Stranger(shop, HTTP_HOST="shop.example", HTTP_X_FORWARDED_PROTO="https")
    for header in ("X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_FORWARDED_HOST", "ORIGIN", "REFERER"):
        for value in HEADERS[f"HTTP_{header}"]:
            for method, path in (("GET", "/healthz"), ("POST", "/orders")):
                with naming(header, value[:80], path):
                    assert stranger.sends(method, path, headers={f"HTTP_{header}": value}) < 500


def test_no_referer_of_a_form_under_https_is_a_fault(
    stocked_database_url: str, another_shop: OpenShop
) -> None:
    """Flask-WTF compares it as an address, once the form's token has been found right."""
    shop = another_shop(DATABASE_URL=stocked_database_url, PUBLIC_URL="https://localhost")
    shopper = Shopper(shop)
    shopper.open("/products/saffron-tin")
    token = shopper.page.fields("Add to cart")["csrf_token"]
    for referer in HEADERS["HTTP_REFERER"]:
        with naming(referer[:80]):
            answer = shopper.client.post(
                "/cart/add/saffron-tin",
                base_url="https://localhost",
                data={"csrf_token": token},
                environ_overrides={"HTTP_REFERER": referer},
            )
            assert answer.status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_host_that_is_none_is_refused_with_a_page(
    database_url: str, another_shop: OpenShop, method: str
) -> None:
    shop = another_shop(DATABASE_URL=database_url)
    shop.config["PROPAGATE_EXCEPTIONS"] = False
    stranger = Stranger(shop)
    for host in HOSTS:
        with naming(host[:80]):
            assert stranger.sends(method, "/products", headers={"HTTP_HOST": host}) == 400
            assert stranger.sends("GET", "/healthz", headers={"HTTP_HOST": host}) == 200
