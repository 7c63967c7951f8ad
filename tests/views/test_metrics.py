"""Who may read the metrics, and where the page went that people read."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

import pytest
from flask import Flask

from testkit.shopper import Shopper
from testkit.staff import owner

TOKEN = "a token for the monitoring program"


def basic(password: str) -> str:
    return f"Basic {b64encode(f'prometheus:{password}'.encode()).decode()}"


@pytest.mark.parametrize("name", ["METRICS_TOKEN", "OPERATIONS_PASSWORD"])
def test_the_metrics_want_the_token_also_under_its_old_name(
    database_url: str, another_shop: Callable[..., Flask], name: str
) -> None:
    given = {"METRICS_TOKEN": None, name: TOKEN}
    browser = another_shop(DATABASE_URL=database_url, **given).test_client()
    assert browser.get("/metrics").status_code == 401
    for wrong in ("Bearer wrong", basic("wrong"), "Bearer ", "Digest x=y", TOKEN):
        assert browser.get("/metrics", headers={"Authorization": wrong}).status_code == 401
    for right in (f"Bearer {TOKEN}", basic(TOKEN)):
        answer = browser.get("/metrics", headers={"Authorization": right})
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"


def test_who_is_asked_for_the_token_is_told_both_ways_to_give_it(
    database_url: str, another_shop: Callable[..., Flask]
) -> None:
    shop = another_shop(DATABASE_URL=database_url, METRICS_TOKEN=TOKEN)
    ways = shop.test_client().get("/metrics").headers.getlist("WWW-Authenticate")
    assert [way.split()[0] for way in ways] == ["Bearer", "Basic"]


def test_at_a_real_gateway_nothing_is_open_without_a_token(
    database_url: str, another_shop: Callable[..., Flask]
) -> None:
    shop = another_shop(
        DATABASE_URL=database_url,
        PPG_BASE_URL="https://gateway.example/ppg/v2",
        PPG_API_KEY="key",
        PPG_SECRET_KEY="secret",
        PUBLIC_URL="https://shop.example",
    )
    answer = shop.test_client().get("/metrics", base_url="https://shop.example")
    assert answer.status_code == 404


def test_the_old_page_of_the_operators_leads_into_the_back_office(app: Flask) -> None:
    stranger = Shopper(app)
    assert stranger.client.get("/operations").status_code == 301
    assert stranger.open("/operations").path == "/admin/login"
    assert owner(app).open("/operations").heading == "System"


def test_a_login_opens_no_metrics(database_url: str, another_shop: Callable[..., Flask]) -> None:
    shop = another_shop(DATABASE_URL=database_url, METRICS_TOKEN=TOKEN)
    assert owner(shop).client.get("/metrics").status_code == 401
