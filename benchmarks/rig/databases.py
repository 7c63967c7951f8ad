"""Both kinds of database, migrated and with the bundled goods, as many copies as are wanted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import create_engine, text

from testkit.databases import PostgresServer, SqliteFiles

PLENTY = 10_000_000
INSTALLED = Path(__file__).parents[2] / "deploy" / "postgresql" / "storefront.conf"
OF_PLANS = ("random_page_cost", "max_parallel_workers_per_gather")


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
        _plan_as_installed(urls)
        yield "postgresql", _stocked(urls)


def _plan_as_installed(urls: dict[str, str]) -> None:
    """Plan queries as PostgreSQL does where `deploy/` installs it."""
    lines = [line for line in INSTALLED.read_text().splitlines() if line.startswith(OF_PLANS)]
    if len(lines) != len(OF_PLANS):
        raise RuntimeError(f"{INSTALLED} does not set {OF_PLANS}")
    for url in urls.values():
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for line in lines:
                connection.execute(text(f"ALTER DATABASE {engine.url.database} SET {line}"))
        engine.dispose()


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
