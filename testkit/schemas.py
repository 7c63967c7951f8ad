"""What a migration takes away from the release before it, which still runs on the same database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, inspect

Column = Mapping[str, Any]
Schema = Mapping[str, Mapping[str, Column]]
UNIQUE = "unique:"  # before the names of the columns that must differ together


def schema_of(connection: Connection) -> Schema:
    """Every table with its columns, and with the columns of which no two rows may have the same."""
    found = inspect(connection)
    tables = [name for name in found.get_table_names() if name != "alembic_version"]
    return {name: _columns(found, name) | _unique(found, name) for name in tables}


def _columns(found: Any, table: str) -> dict[str, Column]:
    return {
        each["name"]: {
            "type": str(each["type"]),
            "required": not each["nullable"] and each["default"] is None,
            "nullable": each["nullable"],
        }
        for each in found.get_columns(table)
    }


def _unique(found: Any, table: str) -> dict[str, Column]:
    groups = [each["column_names"] for each in found.get_unique_constraints(table)]
    groups += [each["column_names"] for each in found.get_indexes(table) if each["unique"]]
    return {f"{UNIQUE}{','.join(map(str, names))}": {"names": names} for names in groups}


def taken_away(before: Schema, after: Schema) -> list[str]:
    """Say what the release before cannot do any more; nothing if the schema only grew."""
    return [line for table in before for line in _of_table(table, before, after)]


def _of_table(table: str, before: Schema, after: Schema) -> Iterator[str]:
    if table not in after:
        yield f"{table} is gone"
        return
    old, new = before[table], after[table]
    for name in (name for name in old if not name.startswith(UNIQUE)):
        if changed := _of_column(old[name], new.get(name)):
            yield f"{table}.{name} {changed}"
    for name in new.keys() - old.keys():
        if new[name].get("required"):
            yield f"{table}.{name} must be filled in, and the release before does not know it"
        elif set(new[name].get("names", [None])) <= old.keys():
            yield f"{table}: {name} was not asked of the release before"


def _of_column(old: Column, new: Column | None) -> str | None:
    if new is None:
        return "is gone"
    if old.get("type") != new.get("type"):
        return f"is {new['type']} now"
    may_not = old.get("nullable") and not new.get("nullable")
    return "may not be empty any more" if may_not else None
