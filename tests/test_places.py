"""Which half of the pairs of case and database is left to `make test-long`."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from testkit.half import DATABASES, leave_half_to_the_long_run


class Case(SimpleNamespace):
    """As much of a collected test as the choice looks at."""

    def __init__(self, number: int, database: str, *marks: str) -> None:
        super().__init__(
            nodeid=f"tests/stories/test_x.py::test_y[{database}-{number}]",
            path=Path("tests/stories/test_x.py"),
            callspec=SimpleNamespace(params={"databases": database, "case": number}),
            marks=list(marks),
        )

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.marks else None

    def add_marker(self, mark: pytest.MarkDecorator) -> None:
        self.marks.append(mark.name)


def played(cases: list[Case]) -> list[Case]:
    leave_half_to_the_long_run(cast(list[pytest.Item], cases))
    return [case for case in cases if "long" not in case.marks]


def test_each_case_is_played_on_one_database_and_both_databases_are_used() -> None:
    shown = played([Case(number, database) for number in range(40) for database in DATABASES])
    assert [case.callspec.params["case"] for case in shown] == list(range(40))
    assert {case.callspec.params["databases"] for case in shown} == set(DATABASES)


@pytest.mark.parametrize("long", DATABASES)
def test_a_case_that_is_long_on_one_database_is_played_on_the_other(long: str) -> None:
    cases = [
        Case(number, database, *(["long"] if database == long else []))
        for number in range(40)
        for database in DATABASES
    ]
    assert [case.callspec.params["case"] for case in played(cases)] == list(range(40))


def test_what_needs_both_databases_keeps_both() -> None:
    cases = [Case(number, name, "both_databases") for number in range(9) for name in DATABASES]
    assert played(cases) == cases
