"""Provide a valid access token for every call: cached, shared, renewed by one process at a time.

The rules:

* A pair is cached in the process and shared with other processes through a TokenStore.
* After a 401 the store is read again; the pair is renewed only if it still holds the rejected
  token. Renewing requires the store's lease. The call was not executed, so it is repeated once.
* A refresh returns two new tokens. If it is refused or not answered, new tokens
  are generated with the credentials.
* If the credentials are refused, the event is logged as critical, and no process on this store
  sends them again before a pause has ended: one second, doubled after each further refusal up to a
  minute, and never so long that an open payment could not be verified after it. A refresh is never
  paused, a valid stored pair is always used, and any new pair ends the pause.
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
Good = Callable[[TokenPair, datetime], bool]  # whether a pair can be used now


class TokenEndpoint(Protocol):
    """Describe a gateway's two token calls. Both raise GatewayError."""

    def generate(self) -> TokenPair:
        """Return a new pair for the merchant's credentials."""

    def refresh(self, pair: TokenPair) -> TokenPair:
        """Return a new pair for the old one, which stops working."""


class TokenManager:
    """Provide a valid access token for every call; thread-safe.

    ``lease_seconds`` must be longer than a refresh and a generate that both time out. A call is
    sent within ``patience_seconds`` of being requested, however long its tokens take, or not at
    all: its caller may assume after that time that it has ended. ``nearest_deadline`` returns when
    the next open payment can no longer be verified, or None.
    """

    def __init__(
        self,
        endpoint: TokenEndpoint,
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
        self._endpoint = endpoint
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

    def call_with_token(self, operation: str, call: Callable[[str], T]) -> T:
        """Return ``call(access_token)``; repeat it once with a renewed token after a 401.

        Raises what the call raises; CredentialsRefused or TooManyRequests if tokens are refused;
        NotConnected if the token calls got no answer, or got it too late: then ``call`` was never
        sent or, after a 401, never executed.
        """
        late = self._steady() + self._patience_seconds
        pair = self._current(operation)
        self._raise_if_late(operation, late)
        try:
            return call(pair.access_token)
        except NotAuthenticated:
            rejected = pair.access_token
        pair = self._renewed(
            operation,
            lambda other, now: other.access_token != rejected and self._lifetimes.alive(other, now),
        )
        self._raise_if_late(operation, late)
        return call(pair.access_token)

    def keep_fresh(self) -> bool:
        """Renew the stored pair if it is about to expire or missing; True if that was done here.

        Returns at once if another process renews. Raises what ``generate`` raises.
        """
        if self._stored(self._lifetimes.young):
            return False
        return self._renew_once(self._lifetimes.young) is not None

    def _current(self, operation: str) -> TokenPair:
        cached = self._cached
        if cached and self._lifetimes.young(cached, self._clock()):
            return cached
        return self._renewed(operation, self._lifetimes.alive)

    def _raise_if_late(self, operation: str, late: float) -> None:
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
        raise NoAnswer("tokens", "another process's renewal took too long")

    def _stored(self, good: Good) -> TokenPair | None:
        pair = self._store.read()
        if pair is None or not good(pair, self._clock()):
            return None
        self._cached = pair
        return pair

    def _renew_once(self, good: Good) -> TokenPair | None:
        """Return a new, stored pair; None if another process renews or has just renewed."""
        if self._refreshable() is None:
            # Before the lease is taken, so that a call that can do nothing writes nothing.
            self._pause.raise_if_paused()
        fence = self._store.try_lease(self._lease_seconds)
        return self._renew_under(fence, good) if fence is not None else None

    def _renew_under(self, fence: int, good: Good) -> TokenPair | None:
        """Return a new, stored pair; None if another process was faster: then read the store."""
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
        """Return a new pair from the gateway; note a failure for the threads that wait for it."""
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
            return self._endpoint.refresh(old)
        except GatewayError as error:
            log.warning("%s; generating new tokens instead", error)
            return None

    def _generated(self) -> TokenPair:
        # Once more under the lease: its last holder may have been refused.
        self._pause.raise_if_paused()
        try:
            return self._endpoint.generate()
        except TooManyRequests:
            raise
        except Refused as error:
            pause = self._pause.start()
            log.critical(
                "%s: no payment is possible; check the merchant's credentials; next try in %g s",
                error,
                pause.total_seconds(),
            )
            raise credentials_refused(error) from error

    def _share_failure(self, before: GatewayError | None) -> None:
        """Raise the failure of a renewal that this thread waited for, instead of trying again."""
        if self._failure is not None and self._failure is not before:
            raise copy.copy(self._failure)
