"""The drill that a merchant runs before going live, a few of its scenarios."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

import pytest

from drills import drill
from drills.scenarios import SCENARIOS, Scenario
from jibit_sandbox.behaviours.catalogue import BEHAVIOURS


def test_the_drill_has_at_least_forty_scenarios_of_different_names() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS) >= 40


def test_nearly_all_of_them_are_played_at_both_gateways_and_the_others_say_why_not() -> None:
    alone = {scenario.card_alone for scenario in SCENARIOS if scenario.card_alone}
    assert alone == {"no such word", "only Rials", "no amount told", "no dates", "other field"}
    assert sum(not scenario.card_alone for scenario in SCENARIOS) >= 40


@pytest.fixture(scope="module")
def drilled() -> tuple[int, list[str]]:
    """What a drill of five scenarios, one of them with a wrong end, returns and prints."""
    names = ["pays and vanishes", "verify: reset_after_commit", "walks away", "other_currency"]
    chosen = [each for each in SCENARIOS if any(name in each.name for name in names)]
    printed = io.StringIO()
    with redirect_stdout(printed):
        code = drill.main(scenarios=[*chosen, Scenario("declined", "decline")], patience=3.0)
    return code, printed.getvalue().splitlines()


def test_scenarios_end_as_they_must_at_both_gateways(drilled: tuple[int, list[str]]) -> None:
    _, printed = drilled
    assert "card: 4 of 5 scenarios ended as they must" in printed
    assert "wallet: 3 of 4 scenarios ended as they must, 1 cannot happen there" in printed
    assert sum(line.count("ok    expired/expired") for line in printed) == 2


def test_a_scenario_that_ends_otherwise_is_called_wrong(drilled: tuple[int, list[str]]) -> None:
    code, printed = drilled
    (row,) = (line for line in printed if line.startswith("declined"))
    assert "WRONG failed/failed" in row
    assert "WRONG expired/failed" in row
    assert code == 1


def test_every_trouble_is_one_of_the_sandboxs_behaviours() -> None:
    named = {
        trouble.name
        for scenario in SCENARIOS
        for trouble in (*scenario.at_checkout, *scenario.at_bank)
    }
    assert named <= set(BEHAVIOURS)
