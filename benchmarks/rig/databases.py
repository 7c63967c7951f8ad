"""Both kinds of database, migrated and with the bundled goods, as many copies as are wanted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import create_engine, text

from testkit.databases import PostgresServer, SqliteFiles

PLENTY = 10_000_000


def both(copies: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The kind, and the URL of each copy by its name; the goods never run out."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        files = SqliteFiles(Path(folder))
        urls = {
            name: stack.enter_context(files.fresh(Path(folder) / name, stocked=True))
            for name in copies
        }
        yield "sqlite", _stocked(urls)
    with ExitStack() as stack:
        server = PostgresServer()
        stack.callback(server.stop)
        urls = {name: stack.enter_context(server.fresh(Path(), stocked=True)) for name in copies}
        yield "postgresql", _stocked(urls)


def _stocked(urls: dict[str, str]) -> dict[str, str]:
    more = text(
        "UPDATE products SET"
        " stock_received = stock_received + :more, stock_free = stock_free + :more"
    )
    for url in urls.values():
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(more, {"more": PLENTY})
        engine.dispose()
    return urls
