"""A driver for every story: at each gateway, with a world of the sandbox for itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from testkit.clock import MovingClock
from testkit.databases import PostgresServer, SqliteFiles
from testkit.response_edits import ResponseEdits, editing_proxy
from testkit.scenario import ScenarioDriver
from testkit.scenes import USUAL, Scene
from tests.conftest import open_shop


@pytest.fixture(params=USUAL, ids="-".join)
def scene(request: pytest.FixtureRequest) -> Scene:
    """Card and wallet; a story that is for one of them alone says so (`testkit/scenes.py`)."""
    scene: Scene = request.param
    return scene


@pytest.fixture
def databases(scene: Scene, request: pytest.FixtureRequest) -> SqliteFiles | PostgresServer:
    """The scene's, in the place of both."""
    fixture = {"sqlite": "sqlite_files", "postgresql": "postgres_server"}[scene.database]
    databases: SqliteFiles | PostgresServer = request.getfixturevalue(fixture)
    return databases


@pytest.fixture
def gateway(scene: Scene) -> str:
    """Where everybody pays in this story."""
    return scene.gateway


@pytest.fixture
def driver(app: Flask, gateway: str) -> ScenarioDriver:
    return ScenarioDriver(app, gateway)


@pytest.fixture
def edited(sandbox: SandboxWorld, gateway: str) -> Iterator[tuple[str, ResponseEdits]]:
    """A proxy before the gateway: its address, and what edits the answers."""
    url = {"ppg": sandbox.ppg_base_url, "wallet": sandbox.wallet_base_url}[gateway]
    with editing_proxy(url) as proxy:
        yield proxy


@pytest.fixture
def edits(edited: tuple[str, ResponseEdits]) -> ResponseEdits:
    return edited[1]


@pytest.fixture
def edited_driver(
    stocked_database_url: str,
    sandbox: SandboxWorld,
    clock: MovingClock,
    gateway: str,
    edited: tuple[str, ResponseEdits],
) -> Iterator[ScenarioDriver]:
    """A driver in a shop that has the proxy where its gateway should be."""
    address = {"ppg": "PPG_BASE_URL", "wallet": "WALLET_BASE_URL"}[gateway]
    hosts = ",".join(url.split("/")[2] for url in (sandbox.ppg_base_url, sandbox.wallet_base_url))
    named = {address: edited[0], "PSP_HOSTS": hosts}
    with open_shop(stocked_database_url, sandbox, clock, **named) as app:
        yield ScenarioDriver(app, gateway)
