"""`make bench-scale` in small: every script measures something and prints its table."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from testkit.cases import naming
from testkit.processes import ROOT

SMALL = {
    "SCALE_LOST": "40",
    "SCALE_CHECKOUTS": "16",
    "SCALE_ROUNDS": "1",
    "SCALE_BACKLOG": "60",
    "SCALE_WORKERS": "1",
    "SCALE_MONTH": "300",
    "SCALE_MONTHS": "2",
    "SCALE_REQUESTS": "800",
}
SCRIPTS = sorted(each.stem for each in (ROOT / "benchmarks" / "scale").glob("[a-z]*.py"))


@pytest.mark.long
def test_every_script_prints_its_table_though_no_small_run_can_keep_a_limit() -> None:
    for script in SCRIPTS:
        with naming(script):
            command = [sys.executable, "-m", f"benchmarks.scale.{script}"]
            ended = subprocess.run(
                command,
                cwd=ROOT,
                env=os.environ | SMALL,
                capture_output=True,
                text=True,
                check=False,
            )
            assert "Traceback" not in ended.stderr, ended.stderr
            assert "| --- |" in ended.stdout, ended.stdout
            assert ended.returncode == int("BROKEN" in ended.stdout), ended.stdout
