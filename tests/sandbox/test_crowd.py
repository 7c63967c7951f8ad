"""Many shoppers in many worlds at once, and a kill -9 in the middle."""

from __future__ import annotations

from pathlib import Path

from tests.sandbox.crowd import crowd


def test_a_crowd_loses_nothing_to_a_kill_and_no_world_sees_another(tmp_path: Path) -> None:
    before, after = crowd(purchases=60, worlds=6, database=tmp_path / "crowd.sqlite3")
    assert len(before.verified) >= 15
    assert before.orders() < 60
    assert len(before.verified) + len(after.verified) == 60
