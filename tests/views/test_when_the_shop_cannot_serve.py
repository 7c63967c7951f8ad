"""A database or a process that cannot serve for a while: 503, nothing is lost, and it recovers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db, transaction
from testkit.databases import SqliteFiles
from testkit.processes import PATIENCE_SECONDS
from testkit.settings import at_gateways
from testkit.shopper import DETAILS, Page, Shopper
from testkit.shortage import answers_when_short_of, are_open, read_only

OpenShop = Callable[..., Flask]

CLOSED = {"fa": "فروشگاه چند لحظه در دسترس نیست", "en": "The shop is closed for a moment"}


def is_closed(page: Page, language: str = "en") -> bool:
    """Whether it says that the shop is closed for a moment, and for how long."""
    told = (page.status, page.headers.get("Retry-After"))
    return told == (503, "30") and page.heading == CLOSED[language]


def test_a_shop_started_on_a_read_only_database_recovers_by_itself(app: Flask) -> None:
    shopper = Shopper(app)
    shopper.put_in_cart()
    with read_only(app):
        assert is_closed(shopper.put_in_cart("saffron-tin"))
        shopper.open("/checkout")
        assert is_closed(shopper.press("Pay", **DETAILS))
        assert "turquoise-bowl" in shopper.open("/cart").html
    shopper.open("/checkout")
    if is_closed(shopper.press("Pay", **DETAILS)):  # it met a connection of before, the last one
        shopper.check_out()
    assert shopper.sent_to


def test_a_read_only_shop_can_still_be_looked_at(app: Flask) -> None:
    shopper = Shopper(app)
    with read_only(app):
        for path in ("/", "/products/turquoise-bowl", "/cart", "/search?q=bowl"):
            assert shopper.open(path).status == 200, path


def test_a_file_that_cannot_even_be_turned_to_wal_can_be_looked_at(
    another_shop: OpenShop, sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    with sqlite_files.fresh(tmp_path / "shop", stocked=True) as url:
        path = url.removeprefix("sqlite:///")
        leave_wal(path)
        app = another_shop(DATABASE_URL=f"sqlite:///file:{path}?mode=ro&uri=true")
        shopper = Shopper(app)
        assert shopper.open("/products/turquoise-bowl").status == 200
        assert is_closed(shopper.put_in_cart())


def leave_wal(path: str) -> None:
    """As a database is that was made from a dump and not yet opened by the shop."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def test_a_pool_without_a_free_connection_closes_the_shop_for_a_moment(
    another_shop: OpenShop, stocked_database_url: str
) -> None:
    one = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.05}
    app = another_shop(DATABASE_URL=stocked_database_url, SQLALCHEMY_ENGINE_OPTIONS=one)
    shopper = Shopper(app)
    with app.app_context():
        engine = db.engine
    with engine.connect():
        assert is_closed(shopper.open("/"))
    assert shopper.open("/").status == 200


@pytest.mark.long
def test_without_file_descriptors_a_shop_that_just_started_is_closed_until_there_are_some(
    stocked_database_url: str,
) -> None:
    answers = answers_when_short_of("descriptors", "cold", stocked_database_url)
    during = answers["during"]
    assert during.pop("GET /healthz")["status"] == 200
    assert during.pop("GET /readyz")["status"] == 503
    for name, answer in during.items():
        assert (name, answer["status"], answer["retry_after"]) == (name, 503, "30")
    for language, heading in CLOSED.items():
        assert heading in during[f"GET /?lang={language}"]["text"]
    assert are_open(answers["after"])


@pytest.mark.long
def test_without_file_descriptors_what_was_open_stays_open(stocked_database_url: str) -> None:
    answers = answers_when_short_of("descriptors", "warm", stocked_database_url)
    file = answers["during"].pop("GET /static/css/house.css")
    assert (file["status"], file["retry_after"]) == (503, "30")
    assert "cannot serve now: too many files are open" in answers["log"]
    assert "Traceback" not in answers["log"]
    for moment in ("before", "during", "after"):
        assert are_open(answers[moment]), moment


@pytest.fixture
def sqlite_shop(
    another_shop: OpenShop, sqlite_files: SqliteFiles, sandbox: SandboxWorld, tmp_path: Path
) -> Iterator[OpenShop]:
    """A shop on SQLite in which any number may go to pay at once."""
    with sqlite_files.fresh(tmp_path / "shop", stocked=True) as url:
        wide = {"GATEWAY_CREATE_SLOTS": 1000}
        yield lambda **settings: another_shop(
            DATABASE_URL=url, **(at_gateways(sandbox) | wide | settings)
        )


def at_the_checkout(app: Flask) -> Callable[[], Page]:
    """Give one browser's click on "Pay", for any thread to make."""
    shopper = Shopper(app)
    shopper.put_in_cart()
    form = shopper.open("/checkout").fields("Pay") | DETAILS
    cookies = {name: shopper.client.get_cookie(name) for name in ("storefront_session", "language")}

    def click() -> Page:
        client = app.test_client()
        for name, cookie in cookies.items():
            assert cookie
            client.set_cookie(name, cookie.value)
        return Page(client.post("/checkout", data=form))

    return click


@contextmanager
def somebody_writes(app: Flask) -> Iterator[None]:
    """A write takes its time, and all others of this process wait."""
    with app.app_context(), transaction():
        yield


def test_who_waits_too_long_to_write_is_asked_to_come_back(sqlite_shop: OpenShop) -> None:
    app = sqlite_shop(SQLITE_QUEUE_SECONDS=0.05)
    click = at_the_checkout(app)
    with ThreadPoolExecutor() as pool:
        with somebody_writes(app):
            assert is_closed(pool.submit(click).result(PATIENCE_SECONDS))
        assert pool.submit(click).result().status == 303


@pytest.mark.long
def test_only_so_many_wait_to_write(sqlite_shop: OpenShop) -> None:
    app = sqlite_shop(SQLITE_QUEUE_SECONDS=2 * PATIENCE_SECONDS)
    click = at_the_checkout(app)
    with ThreadPoolExecutor(40) as pool:
        with somebody_writes(app):
            clicks = [pool.submit(click) for _ in range(40)]
            refused: list[Future[Page]] = list(
                islice(as_completed(clicks, timeout=PATIENCE_SECONDS), 8)
            )
        assert all(is_closed(each.result()) for each in refused)
        assert not any(is_closed(each.result()) for each in clicks if each not in refused)
