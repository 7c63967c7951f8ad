"""Rows of the database as JSON objects and back, column by column."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement

from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.models import Base, Instant
from jibit_sandbox.files.fields import FLAG, MOMENT, TEXT, TEXTS, WHOLE, Fields, Kind

KINDS = {bool: FLAG, int: WHOLE, str: TEXT}


def names_of(model: type[Base], left_out: Collection[str]) -> list[str]:
    """Return the names of a table's columns without some of them."""
    return [column.key for column in model.__table__.columns if column.key not in left_out]


def object_of(row: Base, left_out: Collection[str]) -> dict[str, Any]:
    """Return a row as a JSON object."""
    return {name: as_json(getattr(row, name)) for name in names_of(type(row), left_out)}


def as_json(value: Any) -> Any:
    return as_text(value) if isinstance(value, datetime) else value


def values_in(fields: Fields, model: type[Base], left_out: Collection[str]) -> dict[str, Any]:
    """Return the columns that the object gives; null is left to the defaults unless allowed."""
    columns = model.__table__.columns
    return {
        name: fields.read(name, kind_of(columns[name]))
        for name in names_of(model, left_out)
        if name in fields.values and (fields.values[name] is not None or columns[name].nullable)
    }


def kind_of(column: ColumnElement[Any]) -> Kind:
    if isinstance(column.type, Instant):
        return MOMENT
    return TEXTS if isinstance(column.type, JSON) else KINDS[column.type.python_type]
