"""Seeded worlds: what they send is the same on every run, byte by byte."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jibit_sandbox.testing import SandboxWorld
from tests.sandbox.load_generator import COMMAND, process
from tests.sandbox.merchant import Merchant, joined
from tests.sandbox.recorder import recorded


def test_two_runs_with_one_seed_are_the_same_on_the_wire(tmp_path: Path) -> None:
    runs = []
    for run in ("first", "second"):
        with process(tmp_path / f"{run}.sqlite3", "--seed", "7") as (_, world):
            runs.append(recorded(world.base_url))
    first, second = runs
    assert len(first) == 20
    assert all(answer.startswith(b"HTTP/1.1 ") for answer in first)
    assert first == second
    assert not any(b"\r\nDate:" in answer for answer in first)


def test_a_seed_is_of_one_world_and_outlives_a_reset(world: SandboxWorld) -> None:
    def drawn(seeded: SandboxWorld) -> tuple[str, str, str, str]:
        with joined(Merchant(seeded)) as merchant:
            identifier, _ = merchant.opened()
            fingerprint = merchant.inquiry(identifier).headers["X-Sandbox-Fingerprint"]
            return identifier, merchant.access_token, fingerprint, str(seeded.clock.now())

    world.reset(seed=7)
    first = drawn(world)
    world.reset()
    assert drawn(world) == first
    neighbour = world.world(f"{world.name}-next")
    neighbour.reset(seed=7)
    assert not set(drawn(neighbour)[:3]) & set(first)
    world.reset(seed=8)
    assert not set(drawn(world)[:3]) & set(first)
    world.reset(seed=None)
    assert world.export()["seed"] is None
    assert world.control("GET", "clock")["mode"] == "real"


def test_the_clock_of_a_seeded_world_moves_by_the_control_api_only(world: SandboxWorld) -> None:
    world.reset(seed=7)
    began = world.clock.now()
    assert world.clock.now() == began
    identifier = world.make_order()["identifier"]
    world.clock.advance(901)
    assert (world.clock.now() - began).total_seconds() == 901
    assert world.order(identifier)["state"] == "expired"


@pytest.mark.long
def test_a_file_of_another_seed_is_refused_and_one_of_the_same_goes_on(tmp_path: Path) -> None:
    database = tmp_path / "sandbox.sqlite3"
    with process(database, "--seed", "7") as (_, world):
        identifier = world.make_order()["identifier"]
    with process(database, "--seed", "7") as (_, world):
        assert [order["identifier"] for order in world.orders()] == [identifier]
    arguments = [*COMMAND, "--port", "0", "--database", str(database), "--seed", "8"]
    refused = subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=False)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "another seed: 7" in refused.stderr
