"""Fixtures for any Python project: ``pytest_plugins = ["jibit_sandbox.pytest_plugin"]``.

``jibit_sandbox`` is one sandbox for the whole run, ``jibit_world`` a fresh world for each test.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from jibit_sandbox.testing import SandboxWorld, running_sandbox


@pytest.fixture(scope="session")
def jibit_sandbox() -> Iterator[SandboxWorld]:
    """Start a sandbox on a free port, with a temporary database, for the whole run."""
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def jibit_world(jibit_sandbox: SandboxWorld) -> SandboxWorld:
    """Return a world that no other test uses: own orders, clock, behaviours and log."""
    return jibit_sandbox.world(f"test-{uuid4().hex}")
