"""The shape of fields without a value: left out, or null by switch."""

from __future__ import annotations

from datetime import datetime

from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.context import Fields
from jibit_sandbox.core.worlds import Switches


def without_empty(fields: Fields, switches: Switches) -> Fields:
    """Leave out the fields without a value, unless the world's switch wants them as null."""
    if switches.v3_empty_fields == "null":
        return fields
    return {name: value for name, value in fields.items() if value is not None}


def moment(at: datetime | None) -> str | None:
    return None if at is None else as_text(at)
