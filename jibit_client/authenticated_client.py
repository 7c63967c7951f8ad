"""Make a gateway's calls with a valid access token: a transport and its token manager together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from types import TracebackType
from typing import Self, TypedDict

from .answers import FailureReader
from .refusals import no_deadline
from .token_endpoint import HttpTokenEndpoint, TokenEndpointSpec
from .token_manager import TokenManager
from .tokens import MemoryTokenStore, TokenStore, utc_now
from .transport import Call, Transport


class ClientOptions(TypedDict, total=False):
    """The options that the clients' ``connect`` have in common.

    ``token_store`` keeps the tokens; without one they are kept in memory, for this process alone.
    ``connect_timeout`` (3) and ``read_timeout`` (10) are seconds. ``pool_size`` (16) is how many
    connections are kept for reuse, which should be the number of threads. ``trust_env`` (False)
    lets the environment name proxies and a certificate bundle. ``clock`` returns aware UTC,
    ``steady`` seconds that never run backwards, ``sleep`` waits. ``nearest_deadline`` returns when
    the next open payment can no longer be verified, or None: refused credentials are tried again
    in time for it.
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


class AuthenticatedClient:
    """Authenticated calls to one gateway; thread-safe, share one per process.

    The arguments after ``credentials`` are those of :class:`ClientOptions`. A call ends at most
    three times ``connect_timeout + read_timeout`` after it was made, renewing tokens included.
    """

    def __init__(
        self,
        base_url: str,
        read_failure: FailureReader,
        token_endpoint: TokenEndpointSpec,
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
        """Send nothing yet. Raises ValueError for an impossible base URL.

        Raises TypeError for a credential that is no text.
        """
        for name, credential in credentials.items():
            if not isinstance(credential, str):  # a setting that was read as a number, for example
                raise TypeError(f"{name} is not a text")
        one_call = connect_timeout + read_timeout
        self._transport = Transport(
            base_url,
            read_failure,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            pool_size=pool_size,
            trust_env=trust_env,
        )
        self._tokens = TokenManager(
            HttpTokenEndpoint(self._transport, token_endpoint, credentials, clock),
            token_store or MemoryTokenStore(clock),
            token_endpoint.lifetimes,
            lease_seconds=2 * one_call + 4,
            patience_seconds=2 * one_call,
            clock=clock,
            sleep=sleep,
            steady=steady,
            nearest_deadline=nearest_deadline,
        )

    def call(self, call: Call) -> object:
        """Make the call with a valid token and return the decoded answer.

        Raises any GatewayError. Never repeats the call, unless a 401 says that it was not executed.
        """
        attempts = count(1)
        return self._tokens.call_with_token(
            call.operation, lambda token: self._transport.call(call, token, next(attempts))
        )

    def keep_fresh(self) -> bool:
        """Renew the tokens if they are about to expire or missing; True if that was done."""
        return self._tokens.keep_fresh()

    def close(self) -> None:
        """Close the pooled connections."""
        self._transport.close()


class BaseClient:
    """The part that all clients share: they renew tokens, close, and are context managers."""

    def __init__(self, authenticated: AuthenticatedClient) -> None:
        """Use ``connect`` instead, unless the parts are at hand."""
        self._authenticated = authenticated

    def keep_fresh(self) -> bool:
        """Renew the tokens if they are about to expire or missing; True if that was done.

        Call it now and then from a background job, so that no payment has to wait for a renewal.
        Does nothing while another process renews. Raises GatewayError if no tokens can be had.
        """
        return self._authenticated.keep_fresh()

    def close(self) -> None:
        """Close the pooled connections."""
        self._authenticated.close()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        error_class: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the pooled connections."""
        self.close()
