"""Compare the migrations that the code has with the one that the database is at."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storefront.core.database import db

FOLDER = Path(__file__).parents[2] / "migrations"


class Migrations(NamedTuple):
    """Where the database is. ``missing`` are sentences, the next one first.

    ``is_newer``: the database is at a migration that this code does not have.
    """

    now: str
    missing: tuple[str, ...]
    is_newer: bool


@cache
def _sentences() -> dict[str, str]:
    """Return every migration's sentence by its number, in their order."""
    scripts = ScriptDirectory(str(FOLDER)).walk_revisions()
    return dict(reversed([(each.revision, f"{each.revision}: {each.doc}") for each in scripts]))


def migrations() -> Migrations:
    """Ask the database for the number of its tables' version."""
    now = MigrationContext.configure(db.session.connection()).get_current_revision()
    known = _sentences()
    if now is not None and now not in known:
        return Migrations(now, (), is_newer=True)
    applied = list(known).index(now) + 1 if now else 0
    return Migrations(now or "–", tuple(known.values())[applied:], is_newer=False)
