"""End what a supervisor left behind when it was killed and could end nothing itself.

This file is also the program that does it: `python watchdog.py`, a process beside the supervisor.
Its standard input is a pipe that only the supervisor writes to: `+PID` when a process group has
started, `-PID` when it has ended. The system closes the pipe when the supervisor dies, of whatever.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress


def end_group(pid: int) -> None:
    """End a process that leads a group, and whatever it started and left behind."""
    with suppress(OSError):  # nothing of the group is left, which is what we want
        if hasattr(os, "killpg"):
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGTERM)  # on Windows this ends it at once


class Watchdog:
    """The process, and what it must know."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=os.name == "posix",  # a Ctrl-C is not for it
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def started(self, pid: int) -> None:
        """Have this group ended if we die."""
        self._write(f"+{pid}\n")

    def ended(self, pid: int) -> None:
        """Forget it: its number may soon be another process's."""
        self._write(f"-{pid}\n")

    def stop(self) -> None:
        """Have it end what was started and has not ended, and wait until it has."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()

    def _write(self, line: str) -> None:
        with suppress(OSError):  # somebody killed it, which is no reason to stop
            if self._process.stdin:
                self._process.stdin.write(line.encode())


def main(lines: Iterable[str]) -> None:
    """Follow the lines until they end, then end every group that is still running."""
    running: set[int] = set()
    for line in lines:
        note = running.add if line.startswith("+") else running.discard
        note(int(line[1:]))
    for pid in running:
        end_group(pid)


if __name__ == "__main__":
    main(sys.stdin)
