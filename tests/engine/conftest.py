"""A shop on SQLite whose one gateway is the obedient one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from storefront import create_app
from storefront.database import db
from tests.engine.gateway import HOST, ObedientGateway
from tests.rig.clock import MovingClock
from tests.rig.databases import SqliteFiles
from tests.rig.settings import quiet_settings
from tests.rig.walk import Walk


@pytest.fixture
def gateway() -> ObedientGateway:
    return ObedientGateway()


@pytest.fixture
def shop(
    sqlite_files: SqliteFiles, gateway: ObedientGateway, clock: MovingClock, tmp_path: Path
) -> Iterator[Flask]:
    """Without the shop's own gateways: nothing here is sent over a wire."""
    with (
        sqlite_files.fresh(tmp_path / "stocked", stocked=True) as url,
        obedient_shop(url, gateway, clock) as app,
    ):
        yield app


@contextmanager
def obedient_shop(url: str, gateway: ObedientGateway, clock: MovingClock) -> Iterator[Flask]:
    """A shop on a prepared database."""
    settings = quiet_settings(DATABASE_URL=url, PSP_HOSTS=HOST, PUBLIC_URL="https://shop.example")
    app = create_app(settings, clock=clock.now, steady=clock.steady, gateways=[gateway])
    app.extensions["till"] = replace(app.extensions["till"], gateways={gateway.name: gateway})
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def walk(shop: Flask) -> Walk:
    return Walk(shop, ObedientGateway.name)
