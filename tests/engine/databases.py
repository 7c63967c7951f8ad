"""An empty database of either kind, for tests that use the engine without the shop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from testkit.databases import PostgresServer


@contextmanager
def empty_postgresql(server: PostgresServer, folder: Path) -> Iterator[str]:
    """Lend the URL of a database without tables."""
    with server.fresh(folder, stocked=False) as url:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        yield url
