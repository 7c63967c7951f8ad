"""What every test may ask for: a database of each kind, a shop on it, a gateway and a clock."""

from __future__ import annotations

import gc
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from jibit_sandbox.testing import SandboxWorld, running_sandbox
from storefront import create_app
from storefront.core.database import db
from testkit.browser import launch
from testkit.clock import MovingClock
from testkit.compiled import compile_once
from testkit.databases import PostgresServer, SqliteFiles
from testkit.leftovers import end_leftovers, mark_descendants
from testkit.places import leave_the_matrices_to_the_long_run
from testkit.scratch import keep_in_memory
from testkit.settings import at_gateways, quiet_settings
from testkit.shopper import Shopper

keep_in_memory()

for name in [name for name in os.environ if name.startswith(("STOREFRONT_", "SANDBOX_"))]:
    del os.environ[name]  # a developer's own settings are no part of any test

LONG = (
    "test_chaos.py",
    "test_two_commands.py",
    "test_drill.py",
    "test_nothing_breaks_a_promise.py",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are processors: half of its time a test waits for a process."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Random as they are, but what takes longest first: else one core waits for it at the end.

    Those with a browser follow together: one worker begins with them, and only it starts a browser
    and the shops that are looked at.
    """
    leave_the_matrices_to_the_long_run(items)
    items.sort(key=lambda item: (item.path.name not in LONG, not _needs_a_browser(item)))


def _needs_a_browser(item: pytest.Item) -> bool:
    return "browser" in getattr(item, "fixturenames", ())


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays for ever: a tenth of a run was spent on modules."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def no_process_left_behind() -> Iterator[None]:
    """Fail the run if anything that its tests started is still there in the end."""
    mark = mark_descendants()
    yield
    assert end_leftovers(mark) == []


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    """Fresh SQLite databases."""
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Fresh PostgreSQL databases; the server starts with the first test that wants one."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> SqliteFiles | PostgresServer:
    """Both kinds, one after the other: a test that asks for this runs once on each."""
    kind = {"sqlite": "sqlite_files", "postgresql": "postgres_server"}[request.param]
    found: SqliteFiles | PostgresServer = request.getfixturevalue(kind)
    return found


@pytest.fixture
def database_url(databases: SqliteFiles | PostgresServer, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database of each kind, without goods."""
    with databases.fresh(tmp_path / "empty", stocked=False) as url:
        yield url


@pytest.fixture
def stocked_database_url(databases: SqliteFiles | PostgresServer, tmp_path: Path) -> Iterator[str]:
    """The same with the bundled goods in it."""
    with databases.fresh(tmp_path / "stocked", stocked=True) as url:
        yield url


@pytest.fixture
def clock() -> MovingClock:
    """The shop's time, and with ``sandbox`` its world's; only the test moves it."""
    return MovingClock()


@pytest.fixture(scope="session")
def running() -> Iterator[SandboxWorld]:
    """One sandbox for all tests of a worker, over real HTTP."""
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: SandboxWorld, clock: MovingClock) -> SandboxWorld:
    """A world of the sandbox that no other test has seen; its clock follows the test's."""
    world = running.world(f"w{secrets.token_hex(6)}")
    world.clock.freeze(clock.now())
    clock.followed_by(world.clock.advance)
    return world


@pytest.fixture
def app(
    stocked_database_url: str, sandbox: SandboxWorld, clock: MovingClock, tmp_path: Path
) -> Iterator[Flask]:
    """The shop with the bundled goods, and the sandbox as its two gateways."""
    with open_shop(stocked_database_url, sandbox, clock, **folders(tmp_path)) as app:
        yield app


@pytest.fixture
def bare_app(
    database_url: str, sandbox: SandboxWorld, clock: MovingClock, tmp_path: Path
) -> Iterator[Flask]:
    """A shop that has nothing to sell yet."""
    with open_shop(database_url, sandbox, clock, **folders(tmp_path)) as app:
        yield app


def folders(tmp_path: Path) -> dict[str, object]:
    """Where a shop under test keeps what is uploaded."""
    return {"UPLOADS_FOLDER": str(tmp_path / "uploads")}


@contextmanager
def open_shop(
    database_url: str, sandbox: SandboxWorld, clock: MovingClock, **named: object
) -> Iterator[Flask]:
    """Wire a shop with these settings, and give its connections back at the end."""
    usual = {"DATABASE_URL": database_url, **at_gateways(sandbox), "GATEWAY_READ_TIMEOUT": 5}
    settings = quiet_settings(**(usual | named))
    app = create_app(settings, clock=clock.now, steady=clock.steady)
    compile_once(app)
    yield app
    give_back_connections(app)


def give_back_connections(app: Flask) -> None:
    """Close a shop's connections, when no thread of its own has one any more."""
    for thread in threading.enumerate():
        if thread.name == "alarms":  # pages begin it where no worker runs
            thread.join()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def another_shop(clock: MovingClock) -> Iterator[Callable[..., Flask]]:
    """Wires further shops with these settings; their connections are given back at the end."""
    opened: list[Flask] = []

    def wire(**settings: object) -> Flask:
        app = create_app(quiet_settings(**settings), clock=clock.now, steady=clock.steady)
        opened.append(app)
        compile_once(app)
        return app

    yield wire
    for app in opened:
        give_back_connections(app)


@pytest.fixture
def shopper(app: Flask) -> Shopper:
    """Somebody in front of the shop with a browser that reads English."""
    return Shopper(app)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a worker; playwright bears no second one beside it."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
