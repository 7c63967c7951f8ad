"""A gateway's tokens: the pair, how long it lives, and the store where all processes share it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

# Another host's clock is a little ahead, or somebody waited for a lock after reading the clock.
CLOCK_SKEW: Final = timedelta(seconds=5)


def utc_now() -> datetime:
    """The default clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and the refresh token that belongs to it; its repr shows neither.

    ``issued_at`` is when they were asked for, aware UTC.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class TokenLifetimes:
    """How long a gateway's tokens live, and what follows from it."""

    access: timedelta
    refresh: timedelta

    def alive(self, pair: TokenPair, now: datetime) -> bool:
        """Whether the access token can still be used, with a minute to spare for the call."""
        return now < pair.issued_at + self.access - timedelta(minutes=1)

    def young(self, pair: TokenPair, now: datetime) -> bool:
        """Whether the pair is in the first three quarters of its life: no need to renew it."""
        return now < pair.issued_at + self.access * 3 / 4

    def refreshable(self, pair: TokenPair, now: datetime) -> bool:
        """Whether the refresh token can still be used."""
        return now < pair.issued_at + self.refresh


class TokenStore(Protocol):
    """Where all processes find the one pair. A fence number grows with every lease given."""

    def read(self) -> TokenPair | None:
        """The pair, if there is one."""

    def try_lease(self, seconds: float) -> int | None:
        """A fence number, or None if somebody else is renewing. Runs out after ``seconds``.

        A lease that ends later than in ``seconds`` and ``CLOCK_SKEW`` was given before the clock
        was set back: it counts as free.
        """

    def write(self, pair: TokenPair, fence: int) -> bool:
        """Replace the pair; False, and nothing written, if a later fence has been given."""

    def release(self, fence: int) -> None:
        """Give the lease back early; nothing happens if it is somebody else's by now."""


class MemoryTokenStore:
    """A TokenStore for one process: a script, a test."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._pair: TokenPair | None = None
        self._fence = 0
        self._leased_until: datetime | None = None

    def read(self) -> TokenPair | None:
        """The pair, if there is one."""
        return self._pair

    def try_lease(self, seconds: float) -> int | None:
        """A fence number, or None if somebody else is renewing."""
        with self._lock:
            now = self._clock()
            end = now + timedelta(seconds=seconds)
            if self._leased_until and now < self._leased_until <= end + CLOCK_SKEW:
                return None
            self._fence += 1
            self._leased_until = end
            return self._fence

    def write(self, pair: TokenPair, fence: int) -> bool:
        """Replace the pair, unless a later fence has been given."""
        with self._lock:
            if fence == self._fence:
                self._pair = pair
            return fence == self._fence

    def release(self, fence: int) -> None:
        """Give the lease back early."""
        with self._lock:
            if fence == self._fence:
                self._leased_until = None
