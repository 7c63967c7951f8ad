"""Tell which versions run here, on which database, and whether its tables are up to date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

from storefront.core.database import db
from storefront.monitoring.migrations import migrations

ROOT = Path(__file__).parents[2]
OURS = ("storefront", "payment_engine", "jibit_client", "jibit_sandbox")
PACKAGES = ("Flask", "SQLAlchemy", "psycopg", "granian", "requests", "cryptography", "argon2-cffi")


@dataclass(frozen=True, slots=True)
class Installation:
    """What runs here.

    ``missing`` are the migrations that the database does not have yet; ``is_newer`` is whether it
    has one that the code does not know.
    """

    versions: Mapping[str, str]
    packages: Mapping[str, str]
    database: str
    migration: str
    missing: tuple[str, ...]
    is_newer: bool


def installation() -> Installation:
    """Return what runs here; the database is asked for the number of its tables' version."""
    tables = migrations()
    return Installation(
        versions={name: _our_version(name) for name in OURS} | {"Python": python_version()},
        packages={name: _package(name) for name in PACKAGES},
        database=database_name(),
        migration=tables.now,
        missing=tables.missing,
        is_newer=tables.is_newer,
    )


@cache
def _our_version(name: str) -> str:
    """Read it from the file: what lies above this layer, and the sandbox, is not imported here."""
    file = ROOT / name / "__init__.py"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    found = re.search(r'^__version__ = "(.+)"$', text, flags=re.M)
    return found[1] if found else "–"


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "–"


def database_name() -> str:
    """Return which database it is, with its version."""
    names = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
    dialect = db.session.connection().dialect
    return f"{names[dialect.name]} {'.'.join(map(str, dialect.server_version_info or ()))}"
