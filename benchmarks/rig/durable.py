"""Databases that keep what was committed: the tests' own PostgreSQL does not, and is faster."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic

import psutil
from sqlalchemy import create_engine, text

from testkit.databases import PostgresServer, SqliteFiles

SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")
FOLDER = os.environ.get("SCALE_FOLDER")  # SQLite's files; PostgreSQL's are in TMPDIR


@contextmanager
def postgresql() -> Iterator[PostgresServer]:
    """A PostgreSQL as a shop has it: every commit is on the disk."""
    server = PostgresServer()
    try:
        with server.fresh(Path(), stocked=False) as url:
            _execute(url, *(f"ALTER SYSTEM RESET {name}" for name in SETTINGS))
            _execute(url, "ALTER SYSTEM SET max_wal_size = '4GB'", "SELECT pg_reload_conf()")
        yield server
    finally:
        server.stop()


@contextmanager
def a_database(kind: str) -> Iterator[str]:
    """The URL of a database with the bundled products, on `sqlite` or on `postgresql`."""
    if kind == "postgresql":
        with postgresql() as server, server.fresh(Path(), stocked=True) as url:
            yield url
        return
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        files = SqliteFiles(Path(folder))
        with files.fresh(Path(folder) / "shop", stocked=True) as url:
            yield url


def commits_per_second(url: str, writers: int, seconds: float = 3.0) -> float:
    """How many smallest transactions so many writers commit; SQLite has one writer at a time."""
    if url.startswith("sqlite"):
        return _commits_of_sqlite(Path(url.removeprefix("sqlite:///")).parent, seconds)
    _execute(url, "CREATE TABLE IF NOT EXISTS commits (id INTEGER PRIMARY KEY, n INTEGER)")
    with ThreadPoolExecutor(writers) as pool:
        counts = list(pool.map(lambda writer: _commits(url, writer, seconds), range(writers)))
    _execute(url, "DROP TABLE commits")
    return sum(counts) / seconds


def _commits(url: str, writer: int, seconds: float) -> int:
    engine, count = create_engine(url), 0
    with engine.connect() as connection:
        end = monotonic() + seconds
        while monotonic() < end:
            values = {"id": writer * 10**6 + count}
            connection.execute(text("INSERT INTO commits VALUES (:id, 0)"), values)
            connection.commit()
            count += 1
    engine.dispose()
    return count


def _commits_of_sqlite(folder: Path, seconds: float) -> float:
    path, count = folder / "commits.sqlite3", 0
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for line in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE t (n)"):
            connection.execute(line)
        end = monotonic() + seconds
        while monotonic() < end:
            connection.execute("INSERT INTO t VALUES (1)")
            count += 1
    path.unlink()
    return count / seconds


def cpu_seconds_of_server(url: str) -> float:
    """CPU time of the PostgreSQL behind this URL, with its processes that have ended."""
    engine = create_engine(url)
    with engine.connect() as connection:
        folder = connection.scalar(text("SELECT current_setting('data_directory')"))
    engine.dispose()
    first = psutil.Process(int((Path(str(folder)) / "postmaster.pid").read_text().split()[0]))
    living = []
    for each in first.children():
        with suppress(psutil.NoSuchProcess):  # ended a moment ago: then it is in the sum below
            living.append(each.cpu_times())
    own = first.cpu_times()
    ended = own.children_user + own.children_system
    return float(sum(each.user + each.system for each in (own, *living)) + ended)


def _execute(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
