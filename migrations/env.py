"""How Alembic reaches the shop's database: through the application that Flask-Migrate gives it."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import DateTime

from storefront.core.database import WRITES, UTCDateTime


def plain_types(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write our own type as what the database sees, so that old migrations import none of ours."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return f"sa.{DateTime(timezone=True)!r}"
    return False


def run() -> None:
    """Run the migrations in one transaction."""
    extension = current_app.extensions["migrate"]
    engine = extension.db.engine.execution_options(**{WRITES: True})
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=extension.db.metadata,
            render_item=plain_types,
            transactional_ddl=True,  # SQLite's too, since database.py says BEGIN itself
            **extension.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
