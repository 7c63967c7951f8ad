"""A walk for every story: at each gateway, with a world of the sandbox for itself."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.rig.databases import PostgresServer, SqliteFiles
from tests.rig.scenes import USUAL, Scene
from tests.rig.walk import Walk


@pytest.fixture(params=USUAL, ids="-".join)
def scene(request: pytest.FixtureRequest) -> Scene:
    """Card and wallet; a story that is for one of them alone says so (`tests/rig/scenes.py`)."""
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
def walk(app: Flask, gateway: str) -> Walk:
    return Walk(app, gateway)
