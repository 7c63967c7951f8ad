"""The schema: migrated up and down on both databases, and the same as the models say."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import inspect, text

from storefront.core.database import db


def test_the_migrated_database_is_what_the_models_say(app: Flask) -> None:
    with app.app_context():
        flask_migrate.check()


def test_every_migration_goes_down_and_up_again(app: Flask) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
        flask_migrate.upgrade()
        flask_migrate.check()


def test_sqlite_is_set_for_money(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("only SQLite has these settings")

        def pragma(name: str) -> object:
            return connection.execute(text(f"PRAGMA {name}")).scalar()

        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2  # FULL
        assert pragma("foreign_keys") == 1
        assert pragma("busy_timeout") == 15_000


def test_migrations_import_nothing_of_ours_so_that_old_ones_keep_working() -> None:
    versions = list(Path("migrations/versions").glob("*.py"))
    assert versions
    assert not [file.name for file in versions if "storefront" in file.read_text()]
