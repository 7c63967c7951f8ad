"""A fresh database of either kind, a world of the sandbox in real time, and a shop between them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from jibit_sandbox.testing import SandboxWorld
from tests.engine.databases import empty_postgresql
from tests.examples.shop import EXAMPLES, ExampleShop, running


@pytest.fixture
def world(running: SandboxWorld) -> SandboxWorld:
    """A world that no other test has seen, in real time, as the processes are."""
    return running.world(f"w{secrets.token_hex(6)}")


SCENES = ("flask-sqlite", "flask-postgresql", "django-sqlite")


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> str:
    """Which example on which database; see :func:`on`."""
    return str(request.param)


def on(*scenes: str) -> pytest.MarkDecorator:
    """Run a test on these scenes; on all of them where money may move twice."""
    return pytest.mark.parametrize("scene", scenes or SCENES, indirect=True)


@pytest.fixture
def empty_database_url(scene: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Lend a database without tables."""
    if scene.endswith("sqlite"):
        yield f"sqlite:///{tmp_path}/example.sqlite3"
        return
    with empty_postgresql(request.getfixturevalue("postgres_server"), tmp_path) as url:
        yield url


@pytest.fixture
def shop(
    scene: str, world: SandboxWorld, empty_database_url: str, tmp_path: Path
) -> Iterator[ExampleShop]:
    """The example, started."""
    example = EXAMPLES[scene.partition("-")[0]]
    with running(example, world, empty_database_url, tmp_path) as shop:
        shop.start()
        yield shop
