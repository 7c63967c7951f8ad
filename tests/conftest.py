"""What every test may ask for: a database of each kind, a shop on it, a gateway and a clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from storefront import create_app
from storefront.database import db
from tests.rig.clock import MovingClock
from tests.rig.databases import PostgresServer, SqliteFiles
from tests.rig.settings import quiet_settings

for name in [name for name in os.environ if name.startswith(("STOREFRONT_", "SANDBOX_"))]:
    if name != "STOREFRONT_TEST_BROWSER":
        del os.environ[name]  # a developer's own settings are no part of any test


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
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated, empty database; the test runs once on each kind."""
    kind = {"sqlite": "sqlite_files", "postgresql": "postgres_server"}[request.param]
    with request.getfixturevalue(kind).fresh(tmp_path) as url:
        yield url


@pytest.fixture
def clock() -> MovingClock:
    """The shop's time, and with ``sandbox`` its world's; only the test moves it."""
    return MovingClock()


@pytest.fixture
def app(database_url: str, clock: MovingClock) -> Iterator[Flask]:
    """The shop."""
    app = create_app(quiet_settings(DATABASE_URL=database_url), clock=clock.now)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that knows no page yet."""
    return app.test_client()
