"""What `make test` leaves to `make test-long`, of tests that could be played at several places."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any, cast

import pytest

from testkit.browser import DESKTOP, PHONE
from testkit.places import DATABASES, leave_the_matrices_to_the_long_run
from testkit.scenes import USUAL, V2, V3


class Case(SimpleNamespace):
    """As much of a collected test as the choice looks at."""

    def __init__(self, number: int, *marks: pytest.MarkDecorator, **place: object) -> None:
        super().__init__(
            nodeid=f"tests/stories/test_x.py::test_y[{place}-{number:02}]",
            callspec=SimpleNamespace(params={**place, "case": number}),
            marks=[mark.mark for mark in marks],
        )

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return next((mark for mark in self.marks if mark.name == name), None)

    def add_marker(self, mark: pytest.MarkDecorator) -> None:
        self.marks.append(mark.mark)

    def param(self, name: str) -> Any:
        return self.callspec.params[name]


def played(cases: list[Case]) -> list[Case]:
    leave_the_matrices_to_the_long_run(cast(list[pytest.Item], cases))
    return [case for case in cases if not case.get_closest_marker("long")]


def numbers(cases: list[Case]) -> list[int]:
    return [case.param("case") for case in cases]


def test_each_case_is_played_on_one_database_and_both_databases_are_used() -> None:
    shown = played([Case(number, kind=name) for number in range(40) for name in DATABASES])
    assert numbers(shown) == list(range(40))
    assert {case.param("kind") for case in shown} == set(DATABASES)


def test_each_story_is_told_at_one_gateway_and_all_of_them_are_used() -> None:
    shown = played([Case(number, scene=scene) for number in range(60) for scene in USUAL])
    assert numbers(shown) == list(range(60))
    assert {case.param("scene") for case in shown} == set(USUAL)


def test_a_page_is_looked_at_on_one_screen_with_scripts_or_without() -> None:
    places = list(itertools.product((PHONE, DESKTOP), (True, False)))
    shown = played([Case(number, surface=s, either=e) for number in range(40) for s, e in places])
    assert numbers(shown) == list(range(40))
    assert {(case.param("surface"), case.param("either")) for case in shown} == set(places)


def test_a_case_that_is_long_on_one_database_is_played_on_the_other() -> None:
    for long in DATABASES:
        cases = [
            Case(number, *([pytest.mark.long] if name == long else []), kind=name)
            for number in range(40)
            for name in DATABASES
        ]
        assert numbers(played(cases)) == list(range(40))


def test_what_needs_both_databases_keeps_both_each_at_one_gateway() -> None:
    both = pytest.mark.both_databases
    cases = [Case(number, both, kind=name) for number in range(9) for name in DATABASES]
    assert played(cases) == cases
    stories = [Case(number, both, scene=scene) for number in range(9) for scene in (*V2, *V3)]
    told = [(case.param("case"), case.param("scene").database) for case in played(stories)]
    assert sorted(told) == sorted(itertools.product(range(9), DATABASES))


def test_of_a_list_whose_cases_are_alike_every_nth_is_played_once() -> None:
    third = pytest.mark.one_case_in(3)
    shown = played([Case(number, third, kind=name) for number in range(9) for name in DATABASES])
    assert numbers(shown) == [0, 3, 6]


def test_a_test_without_a_place_is_played_with_each_case_of_its_list() -> None:
    cases = [Case(number) for number in range(9)]
    assert played(cases) == cases
