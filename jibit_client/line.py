"""A line to one gateway: its transport and its tokens together, so that calls go authorised."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypedDict

from .answers import FailureReader
from .issuing import TokenCalls, TokenSpelling
from .keeper import TokenKeeper
from .refusals import no_deadline
from .tokens import MemoryTokenStore, TokenStore, utc_now
from .transport import Call, Transport


class LineOptions(TypedDict, total=False):
    """What every gateway's ``connect`` takes beside its address and its credentials.

    Without ``token_store`` the tokens are kept in memory, for this process alone.

    Timeouts are seconds, 3 and 10 unless told otherwise. ``pool_size`` (16) is how many
    connections are kept for reuse, which should be the number of threads. ``trust_env`` lets the
    environment name proxies and a certificate bundle. ``clock`` gives aware UTC, ``steady`` seconds
    that never run backwards. ``nearest_deadline`` tells the moment at which the next open payment
    can no longer be verified, or None: refused credentials are tried again in time for it.
    """

    token_store: TokenStore
    connect_timeout: float
    read_timeout: float
    pool_size: int
    trust_env: bool
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    steady: Callable[[], float]
    nearest_deadline: Callable[[], datetime | None]


class Line:
    """Authorised calls to one gateway; thread-safe, share one per process.

    The arguments after ``credentials`` are those of :class:`LineOptions`. Renewing tokens
    included, a call has ended three times ``connect_timeout + read_timeout`` after it was made.
    """

    def __init__(
        self,
        base_url: str,
        read_failure: FailureReader,
        spelling: TokenSpelling,
        credentials: Mapping[str, str],
        *,
        token_store: TokenStore | None = None,
        connect_timeout: float = 3.0,
        read_timeout: float = 10.0,
        pool_size: int = 16,
        trust_env: bool = False,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        steady: Callable[[], float] = time.monotonic,
        nearest_deadline: Callable[[], datetime | None] = no_deadline,
    ) -> None:
        """Put the parts together; nothing is sent yet. ValueError for an impossible base URL."""
        one_call = connect_timeout + read_timeout
        self._transport = Transport(
            base_url,
            read_failure,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            pool_size=pool_size,
            trust_env=trust_env,
        )
        self._tokens = TokenKeeper(
            TokenCalls(self._transport, spelling, credentials, clock),
            token_store or MemoryTokenStore(clock),
            spelling.lifetimes,
            lease_seconds=2 * one_call + 4,
            patience_seconds=2 * one_call,
            clock=clock,
            sleep=sleep,
            steady=steady,
            nearest_deadline=nearest_deadline,
        )

    def call(self, call: Call) -> object:
        """Make the call with a living token. Raises any GatewayError; never repeated, unless a
        401 says that it was not executed."""
        return self._tokens.authorised(
            call.operation, lambda token: self._transport.call(call, token)
        )

    def keep_fresh(self) -> bool:
        """Renew the tokens if they are ageing or absent; waits for nobody. True if it was done."""
        return self._tokens.keep_fresh()

    def close(self) -> None:
        """Close the pooled connections."""
        self._transport.close()


class OnALine:
    """What every gateway does with its line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def keep_fresh(self) -> bool:
        """Renew the tokens if they are ageing or absent; waits for nobody. True if it was done."""
        return self._line.keep_fresh()

    def close(self) -> None:
        """Close the pooled connections."""
        self._line.close()
