"""The tokens: one pair for all processes, renewed by one at a time, before and after it dies.

The rules. A pair is cached in the process and shared through a TokenStore. Whoever meets a 401
re-reads the store first and renews only if it still holds the rejected token. Renewing needs the
store's lease. A refresh takes both tokens and gives two new ones; refused or unanswered, it is
followed by a generate. A refused generate stops everything for a while, loudly. A call that was
answered with 401 was not executed, so it is repeated, exactly once.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol, TypeVar

from .errors import (
    CredentialsRefused,
    GatewayError,
    NoAnswer,
    NotAuthenticated,
    NotConnected,
    Refused,
    TooManyRequests,
)

POLL_SECONDS: Final = 0.1
REFUSAL_PAUSE: Final = timedelta(seconds=60)

log: Final = logging.getLogger("storefront.jibit.tokens")

T = TypeVar("T")


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


Good = Callable[[TokenPair, datetime], bool]  # whether a pair will do, now


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


class TokenIssuer(Protocol):
    """A gateway's two token calls. Both raise GatewayError."""

    def generate(self) -> TokenPair:
        """A new pair for the merchant's credentials."""

    def refresh(self, pair: TokenPair) -> TokenPair:
        """A new pair for the old one, which dies."""


class TokenKeeper:
    """Gives every call a living token; thread-safe.

    ``lease_seconds`` must be longer than a refresh and a generate that both time out. Waiting for
    another process's renewal is bounded by it too.
    """

    def __init__(
        self,
        issuer: TokenIssuer,
        store: TokenStore,
        lifetimes: TokenLifetimes,
        *,
        lease_seconds: float = 30.0,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._issuer = issuer
        self._store = store
        self._lifetimes = lifetimes
        self._lease_seconds = lease_seconds
        self._clock = clock
        self._sleep = sleep
        self._cached: TokenPair | None = None
        self._failure: GatewayError | None = None
        self._refused_at: datetime | None = None

    def authorised(self, operation: str, call: Callable[[str], T]) -> T:
        """``call(access_token)``, and on a 401 once more with a renewed token.

        Raises what the call raises; CredentialsRefused or TooManyRequests if tokens are refused;
        NotConnected if the token calls get no answer, because then ``call`` was never sent or,
        after a 401, never executed.
        """
        pair = self._current(operation)
        try:
            return call(pair.access_token)
        except NotAuthenticated:
            rejected = pair.access_token
        pair = self._renewed(
            operation,
            lambda other, now: other.access_token != rejected and self._lifetimes.alive(other, now),
        )
        return call(pair.access_token)

    def keep_fresh(self) -> bool:
        """Renew the stored pair if it is ageing or absent; True if that was done here.

        For the worker: waits for nobody. Raises what generate raises.
        """
        if self._stored(self._lifetimes.young):
            return False
        self._heed_refusal()
        fence = self._store.try_lease(self._lease_seconds)
        return fence is not None and self._renew_under(fence, self._lifetimes.young) is not None

    def _current(self, operation: str) -> TokenPair:
        cached = self._cached
        if cached and self._lifetimes.young(cached, self._clock()):
            return cached
        return self._renewed(operation, self._lifetimes.alive)

    def _renewed(self, operation: str, good: Good) -> TokenPair:
        try:
            return self._renew(good)
        except NoAnswer as error:
            raise NotConnected(operation, f"no token could be had: {error}") from error

    def _renew(self, good: Good) -> TokenPair:
        failure_before = self._failure
        waited = 0.0
        while waited <= self._lease_seconds:
            pair = self._stored(good)
            if pair is None:
                self._heed_refusal()
                self._share_failure(failure_before)
                fence = self._store.try_lease(self._lease_seconds)
                pair = self._renew_under(fence, good) if fence is not None else None
            if pair:
                return pair
            self._sleep(POLL_SECONDS)
            waited += POLL_SECONDS
        raise NoAnswer("tokens", "somebody else's renewal took too long")

    def _stored(self, good: Good) -> TokenPair | None:
        pair = self._store.read()
        if pair is None or not good(pair, self._clock()):
            return None
        self._cached = pair
        return pair

    def _renew_under(self, fence: int, good: Good) -> TokenPair | None:
        """A new pair, stored; None if somebody else was quicker and the store is to be read."""
        try:
            if self._stored(good):
                return None
            pair = self._issue(self._store.read())
            if not self._store.write(pair, fence):
                return None
            self._cached = pair
            return pair
        finally:
            self._store.release(fence)

    def _issue(self, old: TokenPair | None) -> TokenPair:
        if old and self._lifetimes.refreshable(old, self._clock()):
            try:
                return self._issuer.refresh(old)
            except GatewayError as error:
                log.warning("%s; generating new tokens instead", error)
        try:
            return self._issuer.generate()
        except GatewayError as error:
            self._failure = self._judged(error)
            raise self._failure from error

    def _judged(self, error: GatewayError) -> GatewayError:
        if isinstance(error, TooManyRequests) or not isinstance(error, Refused):
            return copy.copy(error)
        log.critical("%s: no payment is possible; check the API key and secret key", error)
        self._refused_at = self._clock()
        return CredentialsRefused(
            error.operation,
            "the credentials were refused",
            http_status=error.http_status,
            codes=error.codes,
            messages=error.messages,
            fingerprint=error.fingerprint,
        )

    def _heed_refusal(self) -> None:
        """Refused credentials are not tried again with every request, but once a minute."""
        if self._refused_at and self._clock() < self._refused_at + REFUSAL_PAUSE:
            raise CredentialsRefused("generate", "the credentials were refused a moment ago")

    def _share_failure(self, before: GatewayError | None) -> None:
        """Whoever waited for a renewal that failed fails with it: nobody queues to try again."""
        if self._failure is not None and self._failure is not before:
            raise copy.copy(self._failure)
