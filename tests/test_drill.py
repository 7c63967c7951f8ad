"""The drill that a merchant runs before going live, a few of its scenarios."""

from __future__ import annotations

import pytest

from drills import drill
from drills.scenarios import SCENARIOS, Scenario
from storefront.sandbox.behaviours.catalogue import BEHAVIOURS


def test_the_drill_has_at_least_forty_scenarios_of_different_names() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS) >= 40


def test_scenarios_end_as_they_must(capsys: pytest.CaptureFixture[str]) -> None:
    assert drill.main(["pays and vanishes", "verify: reset_after_commit", "walks away"]) == 0
    assert "3 of 3 scenarios ended as they must" in capsys.readouterr().out


def test_a_scenario_that_ends_otherwise_is_called_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(drill, "PATIENCE_SECONDS", 3.0)
    monkeypatch.setattr(drill, "SCENARIOS", [Scenario("declined", "decline")])
    assert drill.main() == 1
    assert capsys.readouterr().out.startswith("WRONG  declined")


def test_every_trouble_is_one_of_the_sandboxs_behaviours() -> None:
    named = {
        trouble.name
        for scenario in SCENARIOS
        for trouble in (*scenario.at_checkout, *scenario.at_bank)
    }
    assert named <= set(BEHAVIOURS)
