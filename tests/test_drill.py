"""The drill that a merchant runs before going live, a few of its scenarios."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

import pytest

from drills import drill
from drills.refund_scenarios import REFUNDS
from drills.scenarios import SCENARIOS, Scenario
from jibit_sandbox.behaviours.catalogue import BEHAVIOURS


def test_the_drill_has_at_least_forty_scenarios_of_different_names() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS) >= 40
    assert len({scenario.name for scenario in REFUNDS}) == len(REFUNDS) >= 15


def test_nearly_all_of_them_are_played_at_every_gateway_and_the_others_say_why_not() -> None:
    alone = {scenario.card_alone for scenario in SCENARIOS if scenario.card_alone}
    assert alone == {"no such word", "only Rials", "no amount told", "no dates", "other field"}
    assert sum(not scenario.card_alone for scenario in SCENARIOS) >= 40


@pytest.fixture(scope="module")
def drilled() -> tuple[int, list[str]]:
    """What a drill of six scenarios, one of them with a wrong end, returns and prints."""
    names = ["pays and vanishes", "verify: reset_after_commit", "walks away", "other_currency"]
    chosen: list[drill.Played] = [
        each for each in SCENARIOS if any(name in each.name for name in names)
    ]
    chosen += [each for each in REFUNDS if each.name == "refund: accepted, then kill -9 here"]
    printed = io.StringIO()
    with redirect_stdout(printed):
        code = drill.main(scenarios=[*chosen, Scenario("declined", "decline")], patience=10.0)
    return code, printed.getvalue().splitlines()


@pytest.mark.long
def test_scenarios_end_as_they_must_at_every_gateway(drilled: tuple[int, list[str]]) -> None:
    _, printed = drilled
    card, v3, wallet = printed[-3:]
    assert card.startswith("card: 4 of 5 scenarios ended as they must, 1 cannot happen there; ")
    assert v3.startswith("v3: 5 of 6 scenarios ended as they must; ")
    assert wallet.startswith("wallet: 3 of 4 scenarios ended as they must, 2 cannot happen there; ")
    assert sum(line.count("ok    expired/expired") for line in printed) == 3


@pytest.mark.long
def test_the_drill_counts_what_must_never_happen_to_money(drilled: tuple[int, list[str]]) -> None:
    _, printed = drilled
    none = "0 lost, 0 unpaid, 0 double, 0 refunded twice, 0 refunds lost"
    assert all(none in line for line in printed[-3:])


@pytest.mark.long
def test_a_refund_is_rehearsed_where_there_are_refunds(drilled: tuple[int, list[str]]) -> None:
    _, printed = drilled
    (row,) = (line for line in printed if line.startswith("refund: "))
    assert "ok    refunded/captured" in row
    assert row.count("-     has no refunds") == 2
    assert row.endswith("100 % are back: done")


@pytest.mark.long
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
