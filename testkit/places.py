"""Choose what `make test` plays of each matrix; `make test-long` plays all of it.

A place is a gateway, a kind of database, or a screen with its language, with or without scripts.
Each test, and each case of its list, is played at one place, always the same one; the cases of a
list and the tests of a file are dealt over all places, one in five on PostgreSQL: it takes longer.

``both_databases``: played on both, since two writers meet or the database itself is tested.
``one_case_in(n)``: of a long list whose cases are alike, every n-th case is played.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from zlib import crc32

import pytest

from testkit.browser import Surface

DATABASES = ("sqlite", "postgresql")
PLACES = ("scene", "either")  # the names of parameters


_Case = tuple[object, ...]


def leave_the_matrices_to_the_long_run(items: Iterable[pytest.Item]) -> None:
    """Mark as ``long`` what `make test` leaves out."""
    tests: dict[str, dict[_Case, list[pytest.Item]]] = defaultdict(lambda: defaultdict(list))
    for item in sorted(items, key=lambda item: item.nodeid):  # whatever order they come in
        if _parameters(item) and not item.get_closest_marker("long"):
            tests[item.nodeid.split("[")[0]][_case(item)].append(item)
    for name, cases in tests.items():
        first = crc32(name.encode())
        for number, places in enumerate(cases.values()):
            is_played = number % _one_in(places[0]) == 0
            dealt = [*places, *(3 * list(filter(_is_on_sqlite, places)))]
            kept = dealt[(first + number) % len(dealt)] if is_played else None
            for item in places:
                if item is not kept:
                    item.add_marker(pytest.mark.long)


def _case(item: pytest.Item) -> _Case:
    """What two items have in common that are one case at two places."""
    chosen = _parameters(item)
    others = [value for name, value in sorted(chosen.items()) if not _is_place(name, value)]
    database = _database(chosen) if item.get_closest_marker("both_databases") else None
    return database, *map(id, others)  # some values have neither a hash nor a name of their own


def _one_in(item: pytest.Item) -> int:
    marker = item.get_closest_marker("one_case_in")
    return int(marker.args[0]) if marker else 1


def _is_place(name: str, value: object) -> bool:
    return name in PLACES or value in DATABASES or isinstance(value, Surface)


def _database(chosen: Mapping[str, object]) -> object:
    words = [getattr(value, "database", value) for value in chosen.values()]
    return next((word for word in words if word in DATABASES), None)


def _is_on_sqlite(item: pytest.Item) -> bool:
    return _database(_parameters(item)) == "sqlite"


def _parameters(item: pytest.Item) -> Mapping[str, object]:
    callspec = getattr(item, "callspec", None)
    return callspec.params if callspec else {}
