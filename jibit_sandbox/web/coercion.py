"""Read JSON scalars of another type, as Java's JSON reader does for older clients.

A number or a boolean becomes the text of a string field, and the other way round. Lists and objects
stay what they are, and so does a scalar that cannot be read as the field's type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

WHOLE_IN_TEXT = re.compile(r"(-?[0-9]{1,19})(?:\.0+)?")
Reading = Callable[[Any], Any]
Kinds = Mapping[str, Reading]  # how to read each field of a body


def as_text(value: Any) -> Any:
    """Return the JSON text of a number or a boolean."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def as_texts(value: Any) -> Any:
    """Do that with each element of a list."""
    return [as_text(each) for each in value] if isinstance(value, list) else value


def as_whole(value: Any) -> Any:
    """Return the integer that ``"200000"`` or ``"200000.00"`` is; an empty text is null."""
    if not isinstance(value, str):
        return value
    found = WHOLE_IN_TEXT.fullmatch(value.strip())
    return int(found[1]) if found else value.strip() or None


def as_truth(value: Any) -> Any:
    """Return the boolean that ``"true"``, ``"false"``, 1 or 0 is; an empty text is null."""
    if isinstance(value, int | float):
        return bool(value)
    return {"true": True, "false": False, "": None}.get(value, value) if is_text(value) else value


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def with_older_names(body: Mapping[str, Any], older: Mapping[str, str]) -> dict[str, Any]:
    """Return the body with the fields that came under their older names, where others lack."""
    known = {name: body.get(said) for name, said in older.items()}
    return known | {name: value for name, value in body.items() if value is not None}


def coerced(body: Mapping[str, Any], kinds: Kinds) -> dict[str, Any]:
    """Return the body with each named field read as its kind."""
    same: Reading = lambda value: value  # noqa: E731 - the kind of every other field
    return {name: kinds.get(name, same)(value) for name, value in body.items()}
