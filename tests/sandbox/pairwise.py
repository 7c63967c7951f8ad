"""A covering array: few sets of values in which every two values meet at least once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jibit_sandbox.core.worlds import choices

Value = tuple[str, int]  # a parameter, and the place of one of its values


def covering_array(values: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return the sets, each made greedily around two values that have not met yet."""
    everything = [(name, place) for name in values for place in range(len(values[name]))]
    missing = {one: {other for other in everything if other[0] != one[0]} for one in everything}
    rows = []
    while any(missing.values()):
        row = next_row(values, missing)
        for one in row:
            missing[one] -= row
        rows.append({name: values[name][place] for name, place in sorted(row)})
    return rows


def next_row(
    values: Mapping[str, Sequence[Any]], missing: Mapping[Value, set[Value]]
) -> set[Value]:
    first = max(sorted(missing), key=lambda one: len(missing[one]))
    row = {first}
    for name in sorted(values, key=lambda name: name not in {n for n, _ in missing[first]}):
        if name != first[0]:
            possible = [(name, place) for place in range(len(values[name]))]
            row.add(max(possible, key=lambda one: len(missing[one] & row)))
    return row


@cache
def all_positions() -> tuple[dict[str, Any], ...]:
    """Return sets of all switches in which every two positions meet."""
    return tuple(covering_array(choices() | {"expiry_late": (0, 60)}))
