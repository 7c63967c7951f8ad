"""Chaos: the same seed brings the same faults, at the given rates, and they are counted."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from jibit_sandbox.testing import SandboxWorld
from tests.sandbox.load_generator import process
from tests.sandbox.merchant import Merchant


def outcomes(merchant: Merchant, calls: int) -> list[int]:
    return [merchant.list().status_code for _ in range(calls)]


def test_the_same_seed_brings_the_same_faults(world: SandboxWorld) -> None:
    seen = []
    for name in ("one", "two"):
        merchant = Merchant(world.world(f"{world.name}-{name}"))
        merchant.generate()
        merchant.world.chaos(7, {"error_500": 0.3, "bad_gateway": 0.2})
        seen.append(outcomes(merchant, 30))
        merchant.session.close()
    assert seen[0] == seen[1]
    assert {200, 500, 502} == set(seen[0])


@pytest.mark.long
def test_another_seed_brings_others(merchant: Merchant) -> None:
    merchant.world.chaos(1, {"error_500": 0.5})
    first = outcomes(merchant, 30)
    merchant.world.chaos(2, {"error_500": 0.5})
    assert outcomes(merchant, 30) != first


@pytest.mark.long
def test_chaos_is_counted_by_operation_and_behaviour(merchant: Merchant) -> None:
    merchant.world.chaos(7, {"error_500": 0.3})
    failed = outcomes(merchant, 40).count(500)
    statistics = merchant.world.end_chaos()
    assert statistics["calls"] == {"list": 40}
    assert statistics["injected"] == {"list": {"error_500": failed}}
    assert statistics["faults"] == failed
    assert 4 <= failed <= 20
    assert outcomes(merchant, 20) == [200] * 20


def test_what_was_asked_for_comes_before_chaos(merchant: Merchant) -> None:
    merchant.world.chaos(7, {"error_500": 1.0})
    merchant.world.behave("bad_gateway")
    assert outcomes(merchant, 2) == [502, 500]


def test_without_rates_chaos_has_a_mix_of_its_own(merchant: Merchant) -> None:
    merchant.world.chaos(7)
    assert len(merchant.world.control("GET", "chaos")["rates"]) > 10


@pytest.mark.parametrize(
    "rates", [{"explode": 0.1}, {"error_500": 2}, {"error_500": 0.6, "reset": 0.6}]
)
def test_rates_that_cannot_be_are_refused(world: SandboxWorld, rates: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"explode|between 0 and 1|more than 1"):
        world.chaos(1, rates)


@pytest.mark.long
def test_a_process_can_start_with_chaos_and_tells_of_it_when_it_stops(tmp_path: Path) -> None:
    with process(tmp_path / "sandbox.sqlite3", "--chaos", "7") as (running, world):
        merchant = Merchant(world)
        for _ in range(40):
            with suppress(requests.RequestException):
                merchant.list()
        merchant.session.close()
        running.terminate()
        assert running.stdout
        told = running.stdout.read()
    assert re.search(r"Chaos in world sandbox, seed 7: [1-9]\d* faults in 40 calls", told)
    assert re.search(r"  list: .*\w+ \d+", told)
