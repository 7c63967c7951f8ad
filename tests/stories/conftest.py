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
from testkit.settings import ADDRESSES, at_gateways
from tests.conftest import open_shop


@pytest.fixture(params=USUAL, ids="-".join)
def scene(request: pytest.FixtureRequest) -> Scene:
    """Both cards and the wallet; a story for one of them says so (`testkit/scenes.py`)."""
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
def at_the_scene(sandbox: SandboxWorld, gateway: str) -> dict[str, str]:
    """The settings of a shop that has the scene's gateway, and one more."""
    return at_gateways(sandbox, card="ppg_v3" if gateway == "ppg_v3" else "ppg")


@pytest.fixture
def app(
    stocked_database_url: str,
    sandbox: SandboxWorld,
    clock: MovingClock,
    at_the_scene: dict[str, str],
) -> Iterator[Flask]:
    """The shop with the bundled goods, at the scene's gateways."""
    with open_shop(stocked_database_url, sandbox, clock, **at_the_scene) as app:
        yield app


@pytest.fixture
def driver(app: Flask, gateway: str) -> ScenarioDriver:
    return ScenarioDriver(app, gateway)


@pytest.fixture
def edited(at_the_scene: dict[str, str], gateway: str) -> Iterator[tuple[str, ResponseEdits]]:
    """A proxy before the gateway: its address, and what edits the answers."""
    with editing_proxy(at_the_scene[ADDRESSES[gateway]]) as proxy:
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
    at_the_scene: dict[str, str],
    edited: tuple[str, ResponseEdits],
) -> Iterator[ScenarioDriver]:
    """A driver in a shop that has the proxy where its gateway should be."""
    named = at_the_scene | {
        ADDRESSES[gateway]: edited[0],
        "PSP_HOSTS": sandbox.base_url.split("/")[2],
    }
    with open_shop(stocked_database_url, sandbox, clock, **named) as app:
        yield ScenarioDriver(app, gateway)
