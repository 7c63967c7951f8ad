"""Processes in one terminal: what dies comes back, and the end leaves nothing behind."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from testkit.processes import Process, alive, wait_until

STEADY = "import time; print('up', flush=True); time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STEADY
PARENT = (
    "import subprocess, sys, time;"
    "print('grandchild', subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    ".pid, flush=True); time.sleep(600)"
)
BROKEN = "import sys; sys.exit('the disk is full')"
RUN = """
import os, sys
from storefront.devserver.supervisor import Supervisor
supervisor = Supervisor(grace_seconds=1)
supervisor.listen()
for number, program in enumerate(sys.argv[1:]):
    supervisor.add(f"child{number}", [sys.executable, "-c", program], os.environ)
asked = supervisor.watch()
supervisor.stop()
sys.exit(0 if asked else 1)
"""

Supervise = Callable[..., Process]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    """Run the supervisor over some one-line programs, in a process of its own."""
    started: list[Process] = []

    def run(*programs: str) -> Process:
        process = Process([sys.executable, "-c", RUN, *programs], {}, tmp_path / "log")
        process.start()
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()


def children(process: Process) -> list[psutil.Process]:
    """The children with theirs, the watchdog last."""
    family = psutil.Process(process.pid).children(recursive=True)
    return sorted(family, key=is_watchdog)


def is_watchdog(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return "watchdog.py" in " ".join(process.cmdline())  # one that has just ended has none
    return False


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_request_to_stop_stops_every_child_and_counts_as_success(
    supervise: Supervise, name: str
) -> None:
    process = supervise(STEADY, STEADY)
    wait_until(lambda: process.output.count("up") == 2, "both children run")
    family = children(process)
    process.signal(signal.Signals[name])
    assert process.wait() == 0
    assert not any(map(alive, family))
    assert "Traceback" not in process.output


def test_what_a_child_says_is_passed_on_under_its_name(supervise: Supervise) -> None:
    process = supervise("print('سلام', flush=True);" + STEADY)
    wait_until(lambda: "child0 │ سلام" in process.output, "the child's word arrives")


def test_a_killed_child_comes_back(supervise: Supervise) -> None:
    process = supervise(STEADY)
    wait_until(lambda: "up" in process.output, "the child runs")
    children(process)[0].kill()
    wait_until(lambda: process.output.count("up") == 2, "it runs again")
    assert "The child0 ended (exit code -9); starting it again" in process.output


def test_a_killed_child_leaves_no_grandchild_behind(supervise: Supervise) -> None:
    process = supervise(PARENT)
    wait_until(lambda: "grandchild" in process.output, "the grandchild runs")
    child, grandchild, _ = children(process)
    child.kill()
    wait_until(lambda: not alive(grandchild), "the grandchild is gone")


def test_a_child_that_cannot_start_ends_everything_and_says_so(supervise: Supervise) -> None:
    process = supervise(STEADY, BROKEN)
    wait_until(lambda: "up" in process.output, "the healthy child runs")
    family = children(process)
    assert process.wait() == 1
    assert "the disk is full" in process.output
    assert "The child1 cannot start (exit code 1)" in process.output
    assert not any(map(alive, family))


def test_a_child_that_will_not_stop_is_ended(supervise: Supervise) -> None:
    process = supervise(DEAF)
    wait_until(lambda: "up" in process.output, "the child runs")
    process.signal(signal.SIGINT)
    assert process.wait() == 0
    assert "did not stop in time" in process.output


def test_a_killed_supervisor_leaves_nothing_behind(supervise: Supervise) -> None:
    process = supervise(PARENT, DEAF)
    wait_until(lambda: "grandchild" in process.output, "the grandchild runs")
    wait_until(lambda: "up" in process.output, "the deaf child runs")
    family = children(process)
    assert len(family) == 4
    process.signal(signal.SIGKILL)
    wait_until(lambda: not any(map(alive, family)), "the watchdog has ended them, and itself")


def test_a_supervisor_whose_watchdog_was_killed_goes_on(supervise: Supervise) -> None:
    process = supervise(STEADY)
    wait_until(lambda: "up" in process.output, "the child runs")
    child, watchdog = children(process)
    watchdog.kill()
    child.kill()
    wait_until(lambda: process.output.count("up") == 2, "the child runs again")
    family = psutil.Process(process.pid).children()
    process.signal(signal.SIGTERM)
    assert process.wait() == 0
    assert not any(map(alive, family))
