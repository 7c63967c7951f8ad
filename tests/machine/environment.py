"""Where worlds come from: one sandbox for all of them, and a fresh database for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from jibit_sandbox.testing import SandboxWorld
from testkit.databases import PostgresServer, SqliteFiles
from tests.machine.faults import Reading
from tests.machine.world import World


@dataclass
class Environment:
    """One kind of database, and one running sandbox."""

    databases: SqliteFiles | PostgresServer
    sandbox: SandboxWorld
    folder: Path
    _numbers: count[int] = field(default_factory=lambda: count(1))

    @contextmanager
    def world(self, reading: Reading) -> Iterator[World]:
        """A world that nobody else has seen."""
        folder = self.folder / f"world-{next(self._numbers)}"
        with self.databases.fresh(folder, stocked=False) as url:
            world = World(url, self.sandbox, reading)
            try:
                yield world
            finally:
                world.close()
