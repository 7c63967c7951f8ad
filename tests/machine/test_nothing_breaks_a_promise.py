"""Any order of events keeps every promise; a failure prints the shortest one that breaks it.

`MACHINE_EXAMPLES=5000 python -m pytest tests/machine` looks longer; see docs/machine.md.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from jibit_sandbox.testing import SandboxWorld
from tests.machine.environment import Environment
from tests.machine.machine import Machine

EXAMPLES = 2  # a smoke test; `make test-long` plays 2,000
STEPS = int(os.environ.get("MACHINE_STEPS", "30"))


@pytest.mark.parametrize(
    "databases", ["sqlite_files", pytest.param("postgres_server", marks=pytest.mark.long)]
)
def test_whatever_happens_every_promise_is_kept(
    databases: str, request: pytest.FixtureRequest, running: SandboxWorld, tmp_path: Path
) -> None:
    environment = Environment(request.getfixturevalue(databases), running, tmp_path)

    class MachineHere(Machine):
        def __init__(self) -> None:
            super().__init__(environment)

    run_state_machine_as_test(
        MachineHere,
        settings=settings(
            max_examples=int(os.environ.get("MACHINE_EXAMPLES", EXAMPLES)),
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=False,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
