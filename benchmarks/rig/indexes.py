"""Leaves indexes out while a table on PostgreSQL is filled: to sort once is much faster."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, bindparam, text

# What a constraint stands on stays: a key that is there twice is a mistake of the filling.
PLAIN = text("""
    SELECT indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND tablename IN :tables
        AND indexname NOT IN (SELECT conname FROM pg_constraint)
""").bindparams(bindparam("tables", expanding=True))
ENOUGH = ("SET maintenance_work_mem = '512MB'", "SET work_mem = '128MB'")


@contextmanager
def left_out(connection: Connection, tables: Collection[str]) -> Iterator[None]:
    """Drop the plain indexes of these tables, and make them again at the end."""
    if connection.dialect.name != "postgresql":
        yield
        return
    rows = connection.execute(PLAIN, {"tables": list(tables)}).all()
    for row in rows:
        connection.execute(text(f"DROP INDEX {row.indexname}"))
    yield
    for statement in (*ENOUGH, *(row.indexdef.replace(":", r"\:") for row in rows)):
        connection.execute(text(statement))
