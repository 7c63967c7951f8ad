"""Many shoppers in many worlds at once, and a kill -9 in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox.load_generator import run_load


@pytest.mark.long
def test_parallel_purchases_survive_a_kill_and_no_world_sees_another(tmp_path: Path) -> None:
    before, after = run_load(purchases=60, worlds=6, database=tmp_path / "load.sqlite3")
    assert len(before.verified) >= 15
    assert before.orders() < 60
    assert len(before.verified) + len(after.verified) == 60
