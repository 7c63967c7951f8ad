"""A walk for every story: a shop on each database, and a world of the sandbox for itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from storefront import create_app
from storefront.database import db
from storefront.sandbox.testing import SandboxWorld, running_sandbox
from tests.rig.clock import MovingClock
from tests.rig.settings import quiet_settings
from tests.rig.walk import Walk


@pytest.fixture(scope="session")
def running() -> Iterator[SandboxWorld]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: SandboxWorld, clock: MovingClock) -> SandboxWorld:
    world = running.world(f"w{secrets.token_hex(6)}")
    world.clock.freeze(clock.now())
    clock.followed_by(world.clock.advance)
    return world


@pytest.fixture
def walk(database_url: str, sandbox: SandboxWorld, clock: MovingClock) -> Iterator[Walk]:
    settings = quiet_settings(
        DATABASE_URL=database_url,
        PPG_BASE_URL=sandbox.ppg_base_url,
        PPG_API_KEY=sandbox.api_key,
        PPG_SECRET_KEY=sandbox.secret_key,
        GATEWAY_READ_TIMEOUT=5,
    )
    app = create_app(settings, clock=clock.now)
    yield Walk(app)
    with app.app_context():
        db.engine.dispose()
