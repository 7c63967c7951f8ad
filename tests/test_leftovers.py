"""A process that outlives its test is found, also when its parent is gone, and is ended."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from testkit.leftovers import MARK, end_leftovers
from testkit.processes import Process, alive, wait_until

SLEEPER = "import time; time.sleep(60)"
ORPHANING = f"""
import subprocess, sys
command = [sys.executable, "-c", {SLEEPER!r}]
child = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
print(child.pid, flush=True)
"""
STARTING = ORPHANING + "child.wait()"


@pytest.fixture
def mark() -> str:
    """One that no other test uses, in another worker say."""
    return secrets.token_hex(8)


@pytest.fixture
def orphan(mark: str) -> Iterator[psutil.Process]:
    """A process whose parent has ended, with a mark of its own."""
    said = subprocess.run(
        [sys.executable, "-c", ORPHANING],
        env={MARK: mark},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    process = psutil.Process(int(said.stdout.split()[0]))
    wait_until(process.environ, "the kernel shows the environment of a process that just began")
    yield process
    end_leftovers(mark, grace_seconds=0)


def test_an_orphan_is_named_and_ended(orphan: psutil.Process, mark: str) -> None:
    (command,) = end_leftovers(mark, grace_seconds=0)
    assert SLEEPER in command
    wait_until(lambda: not alive(orphan), "the orphan is gone")


def test_what_has_another_mark_is_left_alone(orphan: psutil.Process) -> None:
    assert end_leftovers("somebody else", grace_seconds=0) == []
    assert alive(orphan)


def test_killing_a_process_kills_what_it_started_in_other_groups(tmp_path: Path) -> None:
    process = Process([sys.executable, "-c", STARTING], {}, tmp_path / "log")
    process.start()
    wait_until(lambda: process.output.strip(), "the child runs")
    (child,) = psutil.Process(process.pid).children()
    process.kill()
    wait_until(lambda: not alive(child), "the child is gone")
