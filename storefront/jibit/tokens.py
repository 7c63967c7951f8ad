"""A gateway's tokens: the pair, how long it lives, and the store where all processes share it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


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
        """A fence number, or None if somebody else is renewing. Runs out after ``seconds``."""

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
            if self._leased_until and now < self._leased_until:
                return None
            self._fence += 1
            self._leased_until = now + timedelta(seconds=seconds)
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
