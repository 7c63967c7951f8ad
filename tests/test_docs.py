"""What the documentation shows is what the code says."""

from __future__ import annotations

import subprocess
import sys

from tests.rig.processes import ROOT


def test_the_page_of_states_is_written_from_the_code() -> None:
    command = [sys.executable, "scripts/write_states.py", "--check"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0, (
        "docs/states.md is out of date: run python scripts/write_states.py"
    )
