"""``jibit-sandbox wait``: until the sandbox is ready."""

from __future__ import annotations

from argparse import Namespace
from time import monotonic, sleep

from jibit_sandbox.commands.asking import NotAnswered, send, url_of

PAUSE = 0.1  # seconds between two looks


def run(said: Namespace) -> int:
    """Return 0 as soon as the sandbox is ready; raise OSError if it is not in time."""
    url, ends = url_of(said), monotonic() + said.seconds
    while True:
        if is_ready(url):
            return 0
        if monotonic() >= ends:
            raise OSError(f"No sandbox is ready at {url} after {said.seconds:g} seconds")
        sleep(PAUSE)


def is_ready(url: str) -> bool:
    try:
        answer = send(f"{url}/_sandbox/health")
    except NotAnswered:
        return False
    return answer.status == 200 and answer.json is not None
