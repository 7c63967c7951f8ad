"""Choose which half of the pairs of case and database `make test` plays; the long run plays all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from zlib import crc32

import pytest

DATABASES = ("sqlite", "postgresql")


def leave_half_to_the_long_run(items: Iterable[pytest.Item]) -> None:
    """Keep one database for each page and for each case of a list, always the same one.

    Both databases are used by each list and by each file. A test without parameters that is not
    about a page keeps both, and so does whatever is marked ``both_databases``: where two writers
    meet, each database has its own way to let them.
    """
    pairs: dict[str, dict[str, pytest.Item]] = defaultdict(dict)
    for item in items:
        database = _database(item)
        if database and _may_be_halved(item):
            pairs[item.nodeid.replace(database, "")][database] = item
    for case, on in pairs.items():
        if len(on) == len(DATABASES):
            on[DATABASES[crc32(case.encode()) % 2]].add_marker(pytest.mark.long)


def _database(item: pytest.Item) -> str | None:
    chosen = _parameters(item)
    scene = chosen.get("scene")
    found = chosen.get("databases", getattr(scene, "database", None))
    return found if found in DATABASES else None


def _may_be_halved(item: pytest.Item) -> bool:
    if item.get_closest_marker("both_databases") or item.get_closest_marker("long"):
        return False  # what is long on one database is played on the other already
    return item.path.parent.name == "views" or len(_parameters(item)) > 1


def _parameters(item: pytest.Item) -> dict[str, object]:
    callspec = getattr(item, "callspec", None)
    return callspec.params if callspec else {}
