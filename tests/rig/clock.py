"""A clock that stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class MovingClock:
    """Starts at the machine's time, so that certificates, cookies and PostgreSQL agree with it."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC).replace(microsecond=0)
        self._moved = timedelta()
        self._followers: list[Callable[[float], object]] = []

    def now(self) -> datetime:
        """The moment it shows, aware, in UTC."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move it, and every clock that follows it, by the same seconds."""
        self._now += timedelta(seconds=seconds)
        self._moved += timedelta(seconds=seconds)
        for follow in self._followers:
            follow(seconds)

    def steady(self) -> float:
        """Return by how many seconds it was advanced: what a monotonic clock would show."""
        return self._moved.total_seconds()

    def set_back(self, seconds: float) -> None:
        """Show an earlier moment, as a machine whose clock is corrected. No time passes."""
        self._now -= timedelta(seconds=seconds)

    def followed_by(self, advance: Callable[[float], object]) -> None:
        """Have another clock, such as the sandbox world's, moved along."""
        self._followers.append(advance)
