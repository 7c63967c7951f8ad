"""Fixtures for the tests of any Python project, loaded by pytest where jibit-sandbox is installed.

``jibit_sandbox`` is one sandbox for the whole run, ``jibit_world`` a new world for each test. From
a source tree that is not installed: ``pytest_plugins = ["jibit_sandbox.pytest_plugin"]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from jibit_sandbox.testing import SandboxWorld


@pytest.fixture(scope="session")
def jibit_sandbox() -> Iterator[SandboxWorld]:
    """Start a sandbox on a free port, with a temporary database, for the whole run."""
    from jibit_sandbox.testing import running_sandbox  # a run without the fixture does not pay

    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def jibit_world(jibit_sandbox: SandboxWorld) -> SandboxWorld:
    """Return a world that no other test uses: own orders, clock, behaviours and log."""
    return jibit_sandbox.world(f"test-{uuid4().hex}")
