"""Tell which of the database's rules refused a row: only one of them is what a caller expects."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute


def is_taken(error: IntegrityError, column: InstrumentedAttribute[Any]) -> bool:
    """Return whether the refusal says that another row has this value of a unique column.

    PostgreSQL names the constraint; SQLite's message names the column, and no more than that.
    """
    table, diagnosis = column.class_.__tablename__, getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return bool(diagnosis.constraint_name == f"uq_{table}_{column.key}")
    return str(error.orig) == f"UNIQUE constraint failed: {table}.{column.key}"
