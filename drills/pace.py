"""A rate that several threads share: whoever is free sends the next request."""

from __future__ import annotations

import random
import threading
import time


class Pace:
    """So many turns a second until ``end``, a moment of the monotonic clock.

    The first turn comes at a random time within the first gap, so that independent senders are not
    in phase. Turns that nobody took in time are made up for at once: what is slow to
    answer lowers no rate.
    """

    def __init__(self, rate: float, end: float) -> None:
        self._gap, self._end = 1 / rate, end
        self._due = time.monotonic() + random.uniform(0, self._gap)  # noqa: S311 - no secret
        self._lock = threading.Lock()

    def wait(self) -> bool:
        """Wait for the next turn; return whether there is one before the end."""
        with self._lock:
            due = self._due
            self._due += self._gap
        if max(due, time.monotonic()) >= self._end:
            return False
        time.sleep(max(0.0, due - time.monotonic()))
        return True
