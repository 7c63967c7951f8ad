"""A clock that stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class MovingClock:
    """Starts at the machine's time, so that certificates, cookies and PostgreSQL agree with it."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC).replace(microsecond=0)
        self._passed = 0.0
        self._followers: list[Callable[[float], object]] = []

    def now(self) -> datetime:
        """The moment it shows, aware, in UTC."""
        return self._now

    def steady(self) -> float:
        """Return how many seconds have passed, as a monotonic clock does."""
        return self._passed

    def set_by(self, seconds: float) -> None:
        """Set it forward or back, as a person would: no time passes, no other clock is moved."""
        self._now += timedelta(seconds=seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass: move it, and every clock that follows it, by the same seconds."""
        self._now += timedelta(seconds=seconds)
        self._passed += seconds
        for follow in self._followers:
            follow(seconds)

    def followed_by(self, advance: Callable[[float], object]) -> None:
        """Have another clock, such as the sandbox world's, moved along."""
        self._followers.append(advance)
