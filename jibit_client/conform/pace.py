"""Keep the pace of a check: pauses between calls, waits that a 429 asks for, and the end."""

from __future__ import annotations

import math
from time import monotonic
from typing import Final

from ..answers import seconds_of
from .target import Target

MOST_WAITS: Final = 3  # for one call; a gateway that refuses it once more is believed
USUAL_WAIT: Final = 5.0  # where a 429 does not say how long


class OutOfTime(Exception):
    """Raised when the time for the whole check is up; nothing was sent."""


class Pace:
    """Say when the next call may be sent, and how long it may take."""

    def __init__(self, target: Target) -> None:
        """Begin to count ``total_seconds``."""
        self._pause = target.pause_seconds
        self._patience = target.patience_seconds
        self._timeouts = (target.connect_timeout, target.read_timeout)
        self._sleep = target.sleep
        self._next = 0.0
        total = target.total_seconds
        self._end = math.inf if total is None else monotonic() + total

    def wait_for_turn(self) -> tuple[float, float]:
        """Wait for the pause to be over; return the call's timeouts. Raises OutOfTime."""
        self._wait(self._next - monotonic())
        left = self._end - monotonic()
        if left <= 0:
            raise OutOfTime
        self._next = monotonic() + self._pause
        connect, read = self._timeouts
        return min(connect, left), min(read, left)

    def waited(self, retry_after: str | None, waits: int) -> bool:
        """Wait as a 429 asks for; return False if that is too long or too often."""
        seconds = seconds_of(retry_after)
        wanted = USUAL_WAIT if seconds is None else float(seconds)
        if waits >= MOST_WAITS or not wanted <= self._patience or self._is_too_late(wanted):
            return False
        self._wait(wanted)
        return True

    def _is_too_late(self, seconds: float) -> bool:
        return monotonic() + seconds >= self._end

    def _wait(self, seconds: float) -> None:
        if seconds > 0 and self._is_too_late(seconds):
            raise OutOfTime
        if seconds > 0:
            self._sleep(seconds)
