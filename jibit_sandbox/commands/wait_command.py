"""``jibit-sandbox wait``: until the sandbox is ready."""

from __future__ import annotations

import os
from argparse import Namespace
from time import monotonic, sleep
from typing import Any

from jibit_sandbox.commands.asking import NotAnswered, send, url_of

PAUSE = 0.1  # seconds between two looks


def run(said: Namespace) -> int:
    """Return 0 as soon as the sandbox is ready; raise OSError if it is not in time."""
    url, ends = url_of(said), monotonic() + said.seconds
    while True:
        found = health_at(url)
        if found is not None:
            refuse_another(said.pid, found, url)
            return 0
        refuse_ended(said.pid)
        if monotonic() >= ends:
            raise OSError(f"No sandbox is ready at {url} after {said.seconds:g} seconds")
        sleep(PAUSE)


def health_at(url: str) -> dict[str, Any] | None:
    """Return what a sandbox that is ready says of itself; None if there is none."""
    try:
        answer = send(f"{url}/_sandbox/health")
    except NotAnswered:
        return None
    return answer.json if answer.status == 200 and isinstance(answer.json, dict) else None


def refuse_another(pid: int | None, found: dict[str, Any], url: str) -> None:
    """Raise OSError unless this process answers, or the one that started it, such as uvx."""
    if pid is not None and pid not in (found.get("pid"), found.get("parent_pid")):
        whose = f"another sandbox (process {found.get('pid')}), not process {pid}"
        raise OSError(f"At {url} answers {whose}: stop it, or choose another port and --database")


def refuse_ended(pid: int | None) -> None:
    """Raise OSError if the process has ended; Windows cannot be asked without ending it."""
    if pid is None or os.name == "nt":
        return
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        raise OSError(f"Process {pid} has ended: no sandbox was started") from None
    except PermissionError:
        return  # it runs, as another user
