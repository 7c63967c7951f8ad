"""A live shop for each language: Persian on SQLite, English on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser

from jibit_sandbox.testing import SandboxWorld
from testkit.browser import EVERYWHERE, Surface, watched_context
from testkit.browsing import GOOD, Browsing
from testkit.databases import PostgresServer, SqliteFiles, fill_catalogue
from testkit.live import LiveShop, live_shop


@contextmanager
def _live_shops(
    databases: tuple[SqliteFiles, PostgresServer],
    running: SandboxWorld,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[Surface], LiveShop]]:
    """Give the live shop of a surface's language; it is started when it is wanted first."""
    started: dict[str, LiveShop] = {}
    with ExitStack() as stack:

        def shop_of(surface: Surface) -> LiveShop:
            language = surface.language
            if language not in started:
                folder = tmp_path_factory.mktemp("live")
                database = databases[language == "en"].fresh(folder / "data", stocked=True)
                url = stack.enter_context(database)
                fill_catalogue(url, GOOD)
                started[language] = stack.enter_context(live_shop(url, running, folder))
            return started[language]

        yield shop_of


@pytest.fixture(scope="session")
def shops(
    sqlite_files: SqliteFiles,
    postgres_server: PostgresServer,
    running: SandboxWorld,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[Surface], LiveShop]]:
    """The live shop of a surface: Persian on SQLite, English on PostgreSQL."""
    with _live_shops((sqlite_files, postgres_server), running, tmp_path_factory) as shop_of:
        yield shop_of


@pytest.fixture(scope="session")
def shops_with_a_month(
    sqlite_files: SqliteFiles,
    postgres_server: PostgresServer,
    running: SandboxWorld,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[Surface], LiveShop]]:
    """Further ones, for the back office: states of it fill them with a month of orders."""
    with _live_shops((sqlite_files, postgres_server), running, tmp_path_factory) as shop_of:
        yield shop_of


@pytest.fixture(params=EVERYWHERE, ids=str)
def surface(request: pytest.FixtureRequest) -> Surface:
    """Phone and desktop, each in both languages."""
    surface: Surface = request.param
    return surface


@pytest.fixture
def shop(surface: Surface, shops: Callable[[Surface], LiveShop]) -> LiveShop:
    """The shop that is being looked at."""
    return shops(surface)


@pytest.fixture
def worker(shop: LiveShop) -> Iterator[None]:
    """The shop's worker runs during this test."""
    with shop.at_work():
        yield


@pytest.fixture
def browsing(browser: Browser, surface: Surface, shop: LiveShop) -> Iterator[Browsing]:
    """A new shopper, with JavaScript."""
    with watched_context(browser, surface, shop.url) as context:
        yield Browsing(context, surface.language, context.new_page())


@pytest.fixture
def plain_browsing(browser: Browser, surface: Surface, shop: LiveShop) -> Iterator[Browsing]:
    """A new shopper, without JavaScript."""
    with watched_context(browser, surface, shop.url, javascript=False) as context:
        yield Browsing(context, surface.language, context.new_page())


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def either(
    request: pytest.FixtureRequest, browser: Browser, surface: Surface, shop: LiveShop
) -> Iterator[Browsing]:
    """Each in turn."""
    with watched_context(browser, surface, shop.url, javascript=request.param) as context:
        yield Browsing(context, surface.language, context.new_page())
