"""A living token for every call: cached, shared, and renewed by one at a time.

The rules. A pair is cached in the process and shared through a TokenStore. Whoever meets a 401
re-reads the store first and renews only if it still holds the rejected token. Renewing needs the
store's lease. A refresh takes both tokens and gives two new ones; refused or unanswered, it is
followed by a generate. A refused generate is reported loudly, and nobody who shares the store
generates again before a pause has ended: a second at first, twice as long after each further
refusal, a minute at most, and never so long that a payment can no longer be verified after it. A
refresh is never paused, a good stored pair is always used, and any new pair ends the pause. A call
that was answered with 401 was not executed, so it is repeated, exactly once.
"""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol, TypeVar

from .errors import (
    GatewayError,
    NoAnswer,
    NotAuthenticated,
    NotConnected,
    Refused,
    TooManyRequests,
)
from .refusals import RefusalPause, credentials_refused, no_deadline
from .tokens import TokenLifetimes, TokenPair, TokenStore, utc_now

POLL_SECONDS: Final = 0.1

log: Final = logging.getLogger("jibit_client.tokens")

T = TypeVar("T")
Good = Callable[[TokenPair, datetime], bool]  # whether a pair will do, now


class TokenIssuer(Protocol):
    """A gateway's two token calls. Both raise GatewayError."""

    def generate(self) -> TokenPair:
        """A new pair for the merchant's credentials."""

    def refresh(self, pair: TokenPair) -> TokenPair:
        """A new pair for the old one, which dies."""


class TokenKeeper:
    """Gives every call a living token; thread-safe.

    ``lease_seconds`` must be longer than a refresh and a generate that both time out. A call is
    sent within ``patience_seconds`` of being asked for, however long its tokens take, or not at
    all: who asked may think by then that it has long ended. ``nearest_deadline`` tells when the
    next open payment can no longer be verified, or None.
    """

    def __init__(
        self,
        issuer: TokenIssuer,
        store: TokenStore,
        lifetimes: TokenLifetimes,
        *,
        lease_seconds: float,
        patience_seconds: float,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        steady: Callable[[], float] = time.monotonic,
        nearest_deadline: Callable[[], datetime | None] = no_deadline,
    ) -> None:
        self._issuer = issuer
        self._store = store
        self._lifetimes = lifetimes
        self._lease_seconds = lease_seconds
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._sleep = sleep
        self._steady = steady
        self._pause = RefusalPause(store, clock, nearest_deadline)
        self._cached: TokenPair | None = None
        self._failure: GatewayError | None = None

    def authorised(self, operation: str, call: Callable[[str], T]) -> T:
        """``call(access_token)``, and on a 401 once more with a renewed token.

        Raises what the call raises; CredentialsRefused or TooManyRequests if tokens are refused;
        NotConnected if the token calls get no answer, or too late, because then ``call`` was never
        sent or, after a 401, never executed.
        """
        late = self._steady() + self._patience_seconds
        pair = self._current(operation)
        self._be_in_time(operation, late)
        try:
            return call(pair.access_token)
        except NotAuthenticated:
            rejected = pair.access_token
        pair = self._renewed(
            operation,
            lambda other, now: other.access_token != rejected and self._lifetimes.alive(other, now),
        )
        self._be_in_time(operation, late)
        return call(pair.access_token)

    def keep_fresh(self) -> bool:
        """Renew the stored pair if it is ageing or absent; True if that was done here.

        For the worker: waits for nobody. Raises what generate raises.
        """
        if self._stored(self._lifetimes.young):
            return False
        return self._renew_once(self._lifetimes.young) is not None

    def _current(self, operation: str) -> TokenPair:
        cached = self._cached
        if cached and self._lifetimes.young(cached, self._clock()):
            return cached
        return self._renewed(operation, self._lifetimes.alive)

    def _be_in_time(self, operation: str, late: float) -> None:
        if self._steady() > late:
            raise NotConnected(operation, "the tokens came too late")

    def _renewed(self, operation: str, good: Good) -> TokenPair:
        try:
            return self._renew(good)
        except NoAnswer as error:
            raise NotConnected(operation, f"no token could be had: {error}") from error

    def _renew(self, good: Good) -> TokenPair:
        failure_before = self._failure
        waited = 0.0
        while waited <= self._patience_seconds:
            pair = self._stored(good)
            if pair is None:
                self._share_failure(failure_before)
                pair = self._renew_once(good)
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

    def _renew_once(self, good: Good) -> TokenPair | None:
        """A new pair, stored; None while somebody else renews, or if they were quicker."""
        if self._refreshable() is None:
            self._pause.heed()  # before the lease: a call that can do nothing writes nothing
        fence = self._store.try_lease(self._lease_seconds)
        return self._renew_under(fence, good) if fence is not None else None

    def _renew_under(self, fence: int, good: Good) -> TokenPair | None:
        """A new pair, stored; None if somebody else was quicker and the store is to be read."""
        try:
            if self._stored(good):
                return None
            pair = self._issue()
            if not self._store.write(pair, fence):
                return None
            self._cached = pair
            return pair
        finally:
            self._store.release(fence)

    def _issue(self) -> TokenPair:
        """A new pair from the gateway; whoever waits for it shares the failure."""
        try:
            return self._refreshed() or self._generated()
        except GatewayError as error:
            self._failure = error
            raise

    def _refreshable(self) -> TokenPair | None:
        pair = self._store.read()
        return pair if pair and self._lifetimes.refreshable(pair, self._clock()) else None

    def _refreshed(self) -> TokenPair | None:
        old = self._refreshable()
        if old is None:
            return None
        try:
            return self._issuer.refresh(old)
        except GatewayError as error:
            log.warning("%s; generating new tokens instead", error)
            return None

    def _generated(self) -> TokenPair:
        self._pause.heed()  # under the lease once more: its last holder may have been refused
        try:
            return self._issuer.generate()
        except TooManyRequests:
            raise
        except Refused as error:
            pause = self._pause.begin()
            log.critical(
                "%s: no payment is possible; check the merchant's credentials; next try in %g s",
                error,
                pause.total_seconds(),
            )
            raise credentials_refused(error) from error

    def _share_failure(self, before: GatewayError | None) -> None:
        """Whoever waited for a renewal that failed fails with it: nobody queues to try again."""
        if self._failure is not None and self._failure is not before:
            raise copy.copy(self._failure)
