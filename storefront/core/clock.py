"""Define the clock, which is passed in: nothing asks the machine for the time directly.

Moments are read from the wall clock, which may be set at any time; intervals are measured on the
monotonic clock, which cannot be set.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Answers with an aware moment in UTC."""

Steady = Callable[[], float]
"""Answers with seconds from any start that only ever grow, as `time.monotonic` does."""

SKEW = timedelta(minutes=1)  # by so much the clocks of two hosts may differ, not more
SMALLEST_STEP = timedelta(seconds=2)  # less is what NTP corrects all the time, and delays nothing


def utc_now() -> datetime:
    """Return the machine's time, aware, in UTC."""
    return datetime.now(UTC)


class ClockWatch:
    """Notices that the wall clock was set: it then runs apart from the monotonic clock."""

    def __init__(self, wall: Clock = utc_now, steady: Steady = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._started = self._apart()

    def step(self) -> timedelta:
        """Return how far the wall clock was set since the last look; zero if it was not.

        Below zero it was set back. A machine that slept wakes with a clock set forward.
        """
        started, self._started = self._started, self._apart()
        step = self._started - started
        return step if abs(step) > SMALLEST_STEP else timedelta()

    def _apart(self) -> datetime:
        """Return the wall clock's time when the monotonic clock began: the same until it is set."""
        return self._wall() - timedelta(seconds=self._steady())
