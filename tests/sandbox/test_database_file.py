"""The sandbox's file: nobody else's is touched, and two sandboxes never share one."""

from __future__ import annotations

import re
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jibit_sandbox.core.models import SCHEMA_VERSION
from jibit_sandbox.core.store import Store
from jibit_sandbox.web.server import CannotListen, SandboxServer
from tests.sandbox.load_generator import process


def written_by_version(path: Path, version: int, *tables: str) -> bytes:
    """Make an SQLite file with these tables; return its bytes."""
    with closing(sqlite3.connect(path)) as connection:
        for table in tables:
            connection.execute(f"CREATE TABLE {table} (something TEXT)")
        connection.execute(f"PRAGMA user_version = {version}")
    return path.read_bytes()


def test_an_older_sandboxs_file_is_set_aside_and_an_earlier_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    for name in ("sandbox.sqlite3.old", "sandbox.sqlite3.old1"):
        old = written_by_version(path, SCHEMA_VERSION - 1, "worlds", "orders")
        store = Store(path)
        store.close()
        assert store.set_aside == tmp_path / name
        assert (tmp_path / name).read_bytes() == old
        path.unlink()


def test_a_foreign_file_stays_as_it_is(tmp_path: Path) -> None:
    contents = {
        "shop.db": written_by_version(tmp_path / "shop.db", 0, "orders", "customers"),
        "same.db": written_by_version(tmp_path / "same.db", SCHEMA_VERSION, "customers"),
        "notes.txt": b"not a database, and longer than a hundred bytes " * 4,
        "random.bin": bytes(range(256)) * 8,
    }
    for name, content in contents.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(OSError, match=f"{name} is not a sandbox's database; name another file"):
            Store(path)
        assert path.read_bytes() == content
    newer = tmp_path / "newer.db"
    written_by_version(newer, SCHEMA_VERSION + 1, "worlds", "orders")
    with pytest.raises(OSError, match="a newer sandbox's database; name another file with --data"):
        Store(newer)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*contents, "newer.db"])


def test_an_address_or_a_place_that_cannot_be_had_says_what_to_choose(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Name a file elsewhere with --database"):
        Store(tmp_path / "file" / "sandbox.sqlite3")
    with pytest.raises(CannotListen, match="Choose another --host"):
        SandboxServer("nosuchhost.invalid", 0)


def test_a_file_that_was_left_in_a_sandboxs_first_moment_is_used(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    store = Store(path)
    store.close()
    assert store.set_aside is None


def test_a_second_sandbox_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    database = tmp_path / "sandbox.sqlite3"
    with process(database) as (running, _):
        sentence = (
            f"{database} is in use by another sandbox: name another --database, or SANDBOX_DATABASE"
        )
        with pytest.raises(OSError, match=re.escape(sentence)):
            Store(database)
        running.send_signal(signal.SIGKILL)
    store = Store(database)  # at once
    store.close()
