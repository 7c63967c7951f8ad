"""How Alembic reaches the shop's database: through the application that Flask-Migrate gives it."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, DateTime

from payment_engine.sqlalchemy_tables import UTCDateTime
from payment_engine.sqlalchemy_writing import WRITES


def plain_types(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write our own type as what the database sees, so that old migrations import none of ours."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return f"sa.{DateTime(timezone=True)!r}"
    return False


def is_the_models(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave out the counters of the limits: they lie apart from the shop's models."""
    return (kind, name) != ("table", "rate_limits")


def run() -> None:
    """Run the migrations in one transaction."""
    extension = current_app.extensions["migrate"]
    engine = extension.db.engine.execution_options(**{WRITES: True})
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _let_tables_be_made_anew(connection)
        context.configure(
            connection=connection,
            target_metadata=extension.db.metadata,
            render_item=plain_types,
            include_name=is_the_models,
            transactional_ddl=True,  # SQLite's too, since database.py says BEGIN itself
            **extension.configure_args,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # Whoever comes after a migration that waits for a lock waits, too: all shoppers.
                connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
            context.run_migrations()
            if connection.dialect.name == "sqlite":
                _check_foreign_keys(connection)


def _let_tables_be_made_anew(connection: Connection) -> None:
    """Turn foreign keys off, or no table that others refer to could be dropped.

    SQLite does that outside a transaction only; the connection is not used for anything else.
    """
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    connection.detach()


def _check_foreign_keys(connection: Connection) -> None:
    """Raise, and so roll everything back, if a migration has left a row without its parent."""
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if lost:
        raise RuntimeError(f"rows without a parent: {lost[:10]}")


run()
