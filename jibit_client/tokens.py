"""Define a gateway's tokens: the pair, its lifetimes, and the store that processes share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 16, 32, 60))
#: Another host's clock is a little ahead, or somebody waited for a lock after reading the clock.
CLOCK_SKEW: Final = timedelta(seconds=5)


def utc_now() -> datetime:
    """Return the current time, aware UTC: the default clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """Hold an access token and its refresh token; the repr shows neither.

    ``issued_at`` is when they were requested, aware UTC.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class TokenLifetimes:
    """Hold how long a gateway's tokens live, and judge a pair by it."""

    access: timedelta
    refresh: timedelta

    def of_access(self, pair: TokenPair) -> timedelta:  # noqa: ARG002 - JwtLifetimes reads it
        """Return how long the access token lives, from ``issued_at`` on."""
        return self.access

    def of_refresh(self, pair: TokenPair) -> timedelta:  # noqa: ARG002 - JwtLifetimes reads it
        """Return how long the refresh token lives, from ``issued_at`` on."""
        return self.refresh

    def alive(self, pair: TokenPair, now: datetime) -> bool:
        """Return whether the access token is valid for at least another minute."""
        return now < pair.issued_at + self.of_access(pair) - timedelta(minutes=1)

    def young(self, pair: TokenPair, now: datetime) -> bool:
        """Return whether the pair is in the first three quarters of its life: no need to renew."""
        return now < pair.issued_at + self.of_access(pair) * 3 / 4

    def refreshable(self, pair: TokenPair, now: datetime) -> bool:
        """Return whether the refresh token can still be used."""
        return now < pair.issued_at + self.of_refresh(pair)


def pause_after(refusals: int) -> timedelta:
    """Return the longest pause after so many refusals in a row."""
    return PAUSES[min(refusals, len(PAUSES)) - 1]


@dataclass(frozen=True, slots=True)
class Refusals:
    """Hold how often in a row the credentials were refused; they are not sent before ``until``."""

    count: int
    until: datetime

    def block(self, now: datetime) -> bool:
        """Return whether the credentials must not be sent now.

        If ``until`` is further away than it can have been set, the clock was set back since: then
        the pause counts as over.
        """
        return now < self.until <= now + pause_after(self.count) + CLOCK_SKEW


class TokenStore(Protocol):
    """Keep the tokens of one merchant account where all processes find them.

    Every lease that is given has a fencing number higher than the last one's. Implement this on
    your database if several processes use the same account.
    """

    def read(self) -> TokenPair | None:
        """Return the pair, None before the first."""

    def try_lease(self, seconds: float) -> int | None:
        """Return a fencing number, or None while another process renews. Ends after ``seconds``.

        A lease that ends later than in ``seconds`` and ``CLOCK_SKEW`` was given before the clock
        was set back: it counts as free.
        """

    def write(self, pair: TokenPair, fence: int) -> bool:
        """Replace the pair and forget all refusals, in one step.

        Returns False, and writes nothing, if a later fencing number was given.
        """

    def release(self, fence: int) -> None:
        """Give the lease back early; does nothing if it is another process's by now."""

    def refusals(self) -> Refusals | None:
        """Return the refusals since the last pair was written; None if there were none."""

    def note_refusal(self, until: datetime) -> None:
        """Count one more refusal and keep every process from trying again before ``until``.

        Needs no lease. Two processes that are refused at once may both count.
        """


class MemoryTokenStore:
    """Keep tokens in memory, for one process; thread-safe."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._pair: TokenPair | None = None
        self._fence = 0
        self._leased_until: datetime | None = None
        self._refusals: Refusals | None = None

    def read(self) -> TokenPair | None:
        """Return the pair, None before the first."""
        return self._pair

    def try_lease(self, seconds: float) -> int | None:
        """Return a fencing number, or None while another thread renews."""
        with self._lock:
            now = self._clock()
            end = now + timedelta(seconds=seconds)
            if self._leased_until and now < self._leased_until <= end + CLOCK_SKEW:
                return None
            self._fence += 1
            self._leased_until = end
            return self._fence

    def write(self, pair: TokenPair, fence: int) -> bool:
        """Replace the pair and forget all refusals, unless a later fencing number was given."""
        with self._lock:
            if fence == self._fence:
                self._pair, self._refusals = pair, None
            return fence == self._fence

    def release(self, fence: int) -> None:
        """Give the lease back early."""
        with self._lock:
            if fence == self._fence:
                self._leased_until = None

    def refusals(self) -> Refusals | None:
        """Return the refusals since the last pair was written; None if there were none."""
        return self._refusals

    def note_refusal(self, until: datetime) -> None:
        """Count one more refusal and keep every process from trying again before ``until``."""
        with self._lock:
            count = self._refusals.count if self._refusals else 0
            self._refusals = Refusals(count + 1, until)
