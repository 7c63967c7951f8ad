"""A shop on SQLite whose one gateway is the obedient one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from storefront import create_app
from storefront.core.database import db
from testkit.clock import MovingClock
from testkit.compiled import compile_once
from testkit.databases import SqliteFiles
from testkit.scenario import ScenarioDriver
from testkit.settings import quiet_settings
from tests.engine.gateway import HOST, ObedientGateway


@pytest.fixture
def gateway() -> ObedientGateway:
    return ObedientGateway()


@pytest.fixture
def prepared_url(sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[str]:
    """A fresh database with goods; a module that wants one of each kind gives another fixture."""
    with sqlite_files.fresh(tmp_path / "stocked", stocked=True) as url:
        yield url


@pytest.fixture
def shop(prepared_url: str, gateway: ObedientGateway, clock: MovingClock) -> Iterator[Flask]:
    """Without the shop's own gateways: nothing here is sent over a wire."""
    settings = quiet_settings(
        DATABASE_URL=prepared_url, PSP_HOSTS=HOST, PUBLIC_URL="https://shop.example"
    )
    app = create_app(settings, clock=clock.now, steady=clock.steady, gateways=[gateway])
    compile_once(app)
    engine = app.extensions["services"].engine
    engine.services = replace(engine.services, gateways={gateway.name: gateway})
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def driver(shop: Flask) -> ScenarioDriver:
    return ScenarioDriver(shop, ObedientGateway.name)
