"""What the sandbox costs a test suite: CPU time from its start to its first answer, and memory.

Each start is a process of its own with a new file, as in a CI job; bytecode is there, as after an
installation. "At rest" is after a purchase at each gateway; what the dashboard and the OpenAPI
document add when somebody opens them is shown without a limit.
CPU time and memory are the process's own (Linux), so that other programs disturb them little.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import IO, NamedTuple, cast

import requests

from jibit_sandbox.testing import SandboxWorld
from tests.sandbox.recorder import recorded

SECONDS_LIMIT = 0.9
MEGABYTES_LIMIT = 65.0
STARTS = 7
TICK = os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Print the table; exit code 1 if a limit is broken."""
    with tempfile.TemporaryDirectory() as folder:
        measured(Path(folder, "warm"))  # it may compile what nobody has run yet
        starts = [measured(Path(folder, str(number))) for number in range(STARTS)]
    seconds = median(start.seconds for start in starts)
    resting, watched = (max(start[place] for start in starts) for place in (1, 2))
    print(f"the sandbox as a process of its own, {STARTS} starts")
    print(f"  start to first answer  {seconds:6.2f} s of CPU    limit {SECONDS_LIMIT}")
    print(f"  at rest, at most       {resting:6.1f} MB          limit {MEGABYTES_LIMIT}")
    print(f"  with the dashboard     {watched:6.1f} MB")
    return int(seconds > SECONDS_LIMIT or resting > MEGABYTES_LIMIT)


class Start(NamedTuple):
    """One start: CPU seconds until the first answer, megabytes at rest and with the dashboard."""

    seconds: float
    resting: float
    watched: float


def measured(folder: Path) -> Start:
    """Start a sandbox, use it, and end it."""
    with sandbox(folder) as (process, world):
        requests.get(f"{world.base_url}/_sandbox/health", timeout=20).raise_for_status()
        seconds = cpu_seconds(process.pid)
        recorded(world.base_url)
        resting = megabytes(process.pid)
        for path in ("/", "/openapi.json"):
            requests.get(world.base_url + path, timeout=20).raise_for_status()
        return Start(seconds, resting, megabytes(process.pid))


@contextmanager
def sandbox(folder: Path) -> Iterator[tuple[subprocess.Popen[str], SandboxWorld]]:
    folder.mkdir()
    database = str(folder / "sandbox.sqlite3")
    command = [sys.executable, "-m", "jibit_sandbox", "--port", "0", "--database", database]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        yield running, SandboxWorld(cast(IO[str], running.stdout).readline().split()[2])
    finally:
        running.kill()
        running.communicate()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("utf-8"))
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    sys.exit(main())
