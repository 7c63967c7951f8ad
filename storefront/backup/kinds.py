"""Choose how the shop's database is backed up: by its kind."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from storefront.backup.manifest import Facts
from storefront.core.database import db


class Backup(Protocol):
    """What each kind of database can do. ``packed``: the dump is worth compressing."""

    kind: str
    verified_by_default: bool
    packed: bool

    def dump(self, target: Path) -> Facts:
        """Copy the database as it is at one moment into a file; others may go on writing."""

    def check(self, dump: Path) -> None:
        """Raise Refused if the dump can certainly not be brought back."""

    def restored(self, dump: Path) -> Facts:
        """Bring the dump back into a scratch database, and count what is in it."""

    def refuse_while_used(self) -> None:
        """Raise Refused while another process uses the database."""

    def replace(self, dump: Path, expected: Facts, stamp: str) -> str | None:
        """Put the dump in the database's place; return where the former one is, if there was."""


def backup_of_this_shop(programs: Path | None) -> Backup:
    """Return how the configured database is backed up; PostgreSQL's programs may be in a folder."""
    if db.engine.dialect.name == "sqlite":
        from storefront.backup.sqlite import SqliteBackup

        return SqliteBackup(db.engine)
    from storefront.backup.postgresql import PostgresBackup

    return PostgresBackup(db.engine, programs)
