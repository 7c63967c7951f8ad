"""``jibit-sandbox tail``: each answered call as a line of JSON, as soon as it is answered."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from time import sleep
from typing import Any

from jibit_sandbox.commands.asking import control

PAUSE = 0.5  # seconds between two looks
UNDER_WAY = "being answered"


def run(said: Namespace) -> int:
    """Print what is there; with --follow go on until the reader has enough."""
    tail = Tail(said)
    try:
        tail.print_new()
        while said.follow:
            sleep(PAUSE)
            tail.print_new()
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:  # head(1) has read enough; Python would complain of it at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


class Tail:
    """How far the log was printed."""

    def __init__(self, said: Namespace) -> None:
        self._said = said
        self._whole = 0  # every call up to this number was printed
        self._printed: set[int] = set()  # and these after it

    def print_new(self) -> None:
        found = control(self._said, "GET", "requests", after=self._whole)["requests"]
        for call in found:
            if call["fate"] != UNDER_WAY and call["id"] not in self._printed:
                sys.stdout.write(f"{json.dumps(call, ensure_ascii=False)}\n")
                self._printed.add(call["id"])
        sys.stdout.flush()
        self._forget(found)

    def _forget(self, found: list[dict[str, Any]]) -> None:
        """Move on to the first call that is still under way."""
        waiting = [call["id"] for call in found if call["fate"] == UNDER_WAY]
        last = max((call["id"] for call in found), default=self._whole)
        self._whole = min(waiting) - 1 if waiting else last
        self._printed = {number for number in self._printed if number > self._whole}
