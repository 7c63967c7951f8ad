"""What one machine stores is readable by its owner alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from jibit_sandbox.core.store import Store
from jibit_sandbox.testing import running_sandbox
from storefront.core import database, settings
from storefront.core.database import db
from storefront.core.limits_storage import engine_for_counters
from testkit.settings import quiet_settings

pytestmark = pytest.mark.skipif(os.name != "posix", reason="this system has no such rights")

WIDE_FILE, WIDE_FOLDER = 0o644, 0o755

# Whoever is last to close an SQLite file removes its log: a process that holds no lock on the file
# would lose its log to this one.
COMES_AND_GOES = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("CREATE TABLE visits (id INTEGER)")
connection.close()
"""


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """What nearly every system has: without care, others read what is created."""
    former = os.umask(0o022)
    yield
    os.umask(former)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: mode(path) for path in folder.iterdir()}


def write_something(folder: Path, **named: object) -> dict[str, int]:
    """Start a shop on this instance folder, and return who may read what while it writes."""
    app = Flask("shop", instance_path=str(folder), instance_relative_config=True)
    settings.load(app, quiet_settings(SECRET_KEY=None, **named))
    database.init_app(app)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE anything (id INTEGER)"))
            seen = modes(folder)
        db.engine.dispose()
    return seen


def test_a_new_shop_keeps_its_folder_its_database_and_its_key_to_itself(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    seen = write_something(folder)
    assert mode(folder) == 0o700
    files = ("secret_key", "storefront.sqlite3", "storefront.sqlite3-shm", "storefront.sqlite3-wal")
    assert seen == dict.fromkeys(files, 0o600)


def test_what_others_could_read_is_taken_from_them_at_start(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    folder.mkdir(WIDE_FOLDER)
    write_something(folder)
    (folder / "config.py").write_text("VAT_PERCENT = 9\n")
    (folder / "an old backup.sqlite3").touch()
    for path in folder.iterdir():
        path.chmod(WIDE_FILE)
    folder.chmod(WIDE_FOLDER)
    settings.load(Flask("shop", instance_path=str(folder)), {})
    assert mode(folder) == 0o700
    assert set(modes(folder).values()) == {0o600}


def test_what_a_link_leads_to_and_a_folder_elsewhere_are_left_alone(tmp_path: Path) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "instance"
    for each in (elsewhere, folder):
        each.mkdir(WIDE_FOLDER)
    (elsewhere / "shared.txt").touch()
    (folder / "link").symlink_to(elsewhere / "shared.txt")
    write_something(folder, DATABASE_URL=f"sqlite:///{elsewhere}/shop.sqlite3")
    assert mode(elsewhere) == WIDE_FOLDER
    assert modes(elsewhere) == {"shared.txt": WIDE_FILE, "shop.sqlite3": 0o600}


def test_the_sandbox_keeps_its_database_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "new" / "sandbox.sqlite3"
    files = [f"sandbox.sqlite3{ending}" for ending in ("", "-shm", "-wal", ".lock")]
    with running_sandbox(path) as world:
        assert world.orders() == []
        assert modes(path.parent) == dict.fromkeys(files, 0o600)
        assert mode(path.parent) == 0o700
    path.chmod(WIDE_FILE)
    with running_sandbox(path):
        assert modes(path.parent) == dict.fromkeys(files, 0o600)


def test_another_process_that_leaves_does_not_take_the_log_of_the_shop_with_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "shop.sqlite3"
    app = Flask("shop", instance_path=str(tmp_path))
    settings.load(app, quiet_settings(DATABASE_URL=f"sqlite:///{path}"))
    database.init_app(app)
    with app.app_context():
        counters = engine_for_counters(db.engine)
        for engine, file in (
            (db.engine, path),
            (counters, tmp_path / "shop-limits.sqlite3"),
        ):
            with engine.connect() as one, engine.connect() as other:
                for connection in (one, other):
                    connection.execute(text("SELECT 1"))
                assert_log_outlives_a_visit(file)
        db.engine.dispose()


def test_another_process_that_leaves_does_not_take_the_log_of_the_sandbox_with_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "sandbox.sqlite3"
    store = Store(path)
    with pytest.raises(
        OSError, match="is in use by another sandbox: name another --database, or SANDBOX_DATABASE"
    ):
        Store(path)
    assert_log_outlives_a_visit(path)
    store.close()


def assert_log_outlives_a_visit(path: Path) -> None:
    log = path.with_name(f"{path.name}-wal")
    before = log.stat().st_ino
    subprocess.run([sys.executable, "-c", COMES_AND_GOES, str(path)], check=True)
    assert log.stat().st_ino == before
