"""Calls that wait: until they are released, some seconds have passed, or the sandbox stops."""

from __future__ import annotations

from collections import Counter
from threading import Condition

LONGEST = 24 * 3600  # seconds; nobody waits longer for a test


class HeldCalls:
    """The calls that wait, by world."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._released: Counter[str] = Counter()  # how often each world was released
        self._waiting: Counter[str] = Counter()
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Return whether the sandbox is stopping, so that nothing waits any more."""
        return self._stopped

    def delay(self, seconds: float) -> None:
        """Wait so many real seconds, or until the sandbox stops."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped, min(seconds, LONGEST))

    def hold(self, world: str, seconds: float) -> None:
        """Wait until the world is released, at most so many real seconds."""
        with self._changed:
            before = self._released[world]
            self._waiting[world] += 1
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._stopped or self._released[world] > before, min(seconds, LONGEST)
            )
            self._waiting[world] -= 1

    def release(self, world: str) -> int:
        """Release every held call of the world; return how many there were."""
        with self._changed:
            self._released[world] += 1
            self._changed.notify_all()
            return self._waiting[world]

    def wait_for_held(self, world: str, count: int, seconds: float) -> int:
        """Wait until ``count`` calls of the world are held; return how many are."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._stopped or self._waiting[world] >= count, min(seconds, LONGEST)
            )
            return self._waiting[world]

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
