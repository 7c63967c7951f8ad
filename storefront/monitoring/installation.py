"""Tell which versions run here, on which database, and whether its tables are up to date."""

from __future__ import annotations

import ast
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import jibit_client
import payment_engine
import storefront
from storefront.core.database import db

ROOT = Path(__file__).parents[2]
SANDBOX = ROOT / "jibit_sandbox" / "__init__.py"
PACKAGES = ("Flask", "SQLAlchemy", "psycopg", "granian", "requests", "cryptography", "argon2-cffi")


@dataclass(frozen=True, slots=True)
class Installation:
    """What runs here. ``missing`` are the migrations that the database does not have yet."""

    versions: Mapping[str, str]
    packages: Mapping[str, str]
    database: str
    migration: str
    missing: tuple[str, ...]


def installation() -> Installation:
    """Return what runs here; the database is asked for the number of its tables' version."""
    migration, missing = _migrations()
    return Installation(
        versions={
            "storefront": storefront.__version__,
            "payment_engine": payment_engine.__version__,
            "jibit_client": jibit_client.__version__,
            "jibit_sandbox": _sandbox(),
            "Python": platform.python_version(),
        },
        packages={name: _package(name) for name in PACKAGES},
        database=_database(),
        migration=migration,
        missing=missing,
    )


def _sandbox() -> str:
    """Read its version from its file: the shop meets the sandbox over HTTP only."""
    if not SANDBOX.is_file():
        return "–"
    found = re.search(r"^__version__ = (.+)$", SANDBOX.read_text(encoding="utf-8"), flags=re.M)
    return str(ast.literal_eval(found[1])) if found else "–"


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "–"


def _database() -> str:
    names = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
    dialect = db.session.connection().dialect
    return f"{names[dialect.name]} {'.'.join(map(str, dialect.server_version_info or ()))}"


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(ROOT / "migrations"))


def _migrations() -> tuple[str, tuple[str, ...]]:
    """Return the database's last migration, and the sentences of those that it lacks."""
    now = MigrationContext.configure(db.session.connection()).get_current_revision()
    lacking = _scripts().iterate_revisions("heads", now or "base")
    return now or "–", tuple(f"{each.revision}: {each.doc}" for each in lacking)[::-1]
