"""Processes that outlive the tests that started them, however far away they were started.

They are known by a variable of the environment that is inherited: a process whose parent has died
is no child of ours any more.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress

import psutil

MARK = "TEST_PROCESS_OF"
GRACE_SECONDS = 10  # for what has been told to end and is about to
ENDS_WITH_US = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")


def mark_descendants() -> str:
    """Mark whatever this process starts from now on. Returns the mark."""
    os.environ[MARK] = secrets.token_hex(8)
    return os.environ[MARK]


def end_leftovers(mark: str, grace_seconds: float = GRACE_SECONDS) -> list[str]:
    """Give marked processes time to end, kill the rest. Returns the commands of the killed."""
    _, left = psutil.wait_procs(list(_marked(mark)), timeout=grace_seconds)
    commands = []
    for process in left:
        with suppress(psutil.NoSuchProcess):
            commands.append(" ".join(process.cmdline()))
            process.kill()
    return commands


def _marked(mark: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            inherited = process.environ().get(MARK) == mark
            words = " ".join(process.cmdline())
            if inherited and not any(each in words for each in ENDS_WITH_US):
                yield process
