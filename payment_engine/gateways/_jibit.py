"""What the bindings to Jibit's gateways share: errors, tokens, and the client itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, Generic, TypeVar

from jibit_client import errors as theirs
from jibit_client.authenticated_client import BaseClient, ClientOptions
from jibit_client.tokens import Refusals, TokenPair
from payment_engine import errors as ours
from payment_engine.gateway import Gateway, Surroundings
from payment_engine.tokens import StoredTokens, TokenStore

ClientT = TypeVar("ClientT", bound=BaseClient)

_CLASSES: Final[dict[type, type[ours.GatewayError]]] = {
    theirs.NotConnected: ours.NotSent,
    theirs.Unintelligible: ours.Unreadable,
    theirs.NoAnswer: ours.NoAnswer,
    theirs.CredentialsRefused: ours.CredentialsRefused,
    theirs.NotAuthenticated: ours.NotExecuted,
    theirs.NotFound: ours.NotFound,
    theirs.TooManyRequests: ours.TooManyRequests,
    theirs.Refused: ours.Refused,
    theirs.CannotBeKnown: ours.CannotBeKnown,
    theirs.GatewayError: ours.GatewayError,
}


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise the client's errors as the engine's, with the same facts.

    The client's error stays attached as the cause; it holds no secret either.
    """
    try:
        yield
    except theirs.GatewayError as error:
        raise translated(error) from error


def translated(error: theirs.GatewayError) -> ours.GatewayError:
    """Return the engine's error for the client's; ``kind`` is the client's class."""
    error_class = next(_CLASSES[each] for each in type(error).__mro__ if each in _CLASSES)
    return error_class(
        error.operation,
        error.reason,
        kind=type(error).__name__,
        http_status=error.http_status,
        codes=error.codes,
        fingerprint=error.fingerprint,
    )


def token_account(name: str, base_url: str, merchant: str) -> str:
    """Return the name under which the tokens of one merchant at one address are stored.

    A pair that was issued by one host must never be sent to another one.
    """
    digest = hashlib.sha256(f"{base_url} {merchant}".encode()).hexdigest()
    return f"{name}-{digest[:12]}"


class EngineTokenStore:
    """The client's token store over the engine's; the two differ in their record classes only."""

    def __init__(self, store: TokenStore) -> None:
        self._store = store

    def read(self) -> TokenPair | None:
        """Return the pair, None before the first."""
        pair = self._store.read()
        if pair is None:
            return None
        return TokenPair(pair.access_token, pair.refresh_token, pair.issued_at)

    def try_lease(self, seconds: float) -> int | None:
        """Return a fencing number, or None while another process renews."""
        return self._store.try_lease(seconds)

    def write(self, pair: TokenPair, fence: int) -> bool:
        """Replace the pair, unless a later fencing number was given."""
        stored = StoredTokens(pair.access_token, pair.refresh_token, pair.issued_at)
        return self._store.write(stored, fence)

    def release(self, fence: int) -> None:
        """Give the lease back early."""
        self._store.release(fence)

    def refusals(self) -> Refusals | None:
        """Return the refusals since the last pair was written, None if there were none."""
        refusals = self._store.refusals()
        return None if refusals is None else Refusals(refusals.count, refusals.until)

    def note_refusal(self, until: datetime) -> None:
        """Count one more refusal."""
        self._store.note_refusal(until)


class JibitGateway(Gateway, Generic[ClientT]):
    """A gateway over one of Jibit's clients.

    ``client`` is the client itself, for calls that the port does not have; it raises the client's
    errors. ``connect`` makes one from further options. Until :meth:`attach`, the tokens are kept in
    memory.
    """

    def __init__(
        self, name: str, account: str, connect: Callable[[ClientOptions], ClientT]
    ) -> None:
        self.name = name
        self._account = account
        self._connect = connect
        self.client = connect({})

    def attach(self, surroundings: Surroundings) -> None:
        """Replace the client by one on the engine's tokens, clock and deadlines."""
        unattached = self.client
        self.client = self._connect(
            {
                "token_store": EngineTokenStore(surroundings.tokens(self._account)),
                "clock": surroundings.clock,
                "nearest_deadline": surroundings.nearest_deadline,
            }
        )
        unattached.close()

    def keep_fresh(self) -> bool:
        """Renew the access tokens if they are about to expire; True if that was done."""
        with translated_errors():
            return self.client.keep_fresh()

    def close(self) -> None:
        """Close pooled connections."""
        self.client.close()
