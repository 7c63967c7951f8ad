"""Define the port for a gateway's tokens: one pair for all processes, renewed by one at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """Hold an access token and its refresh token; the repr shows neither. ``issued_at`` is UTC."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class StoredRefusals:
    """Hold how often in a row the credentials were refused; they are not sent before ``until``."""

    count: int
    until: datetime


class TokenCipher(Protocol):
    """Encrypt tokens on their way into a store, and decrypt them on their way out."""

    def encrypt(self, token: str) -> str:
        """Return what is stored in the token's place."""

    def decrypt(self, stored: str) -> str | None:
        """Return the token; None if no known key encrypted this, or nobody did."""


class TokenStore(Protocol):
    """Keep the tokens of one merchant account where all processes find them.

    Every lease that is given has a fencing number higher than the last one's.
    """

    def read(self) -> StoredTokens | None:
        """Return the pair, None before the first."""

    def try_lease(self, seconds: float) -> int | None:
        """Return a fencing number, or None while another process renews.

        The lease ends after ``seconds``. One that ends later than it can have been given was given
        before the clock was set back: it counts as free.
        """

    def write(self, pair: StoredTokens, fence: int) -> bool:
        """Replace the pair and forget all refusals, in one step.

        Returns False, and writes nothing, if a later fencing number was given.
        """

    def release(self, fence: int) -> None:
        """Give the lease back early; does nothing if it is another process's by now."""

    def refusals(self) -> StoredRefusals | None:
        """Return the refusals since the last pair was written, None if there were none."""

    def note_refusal(self, until: datetime) -> None:
        """Count one more refusal and keep every process from trying again before ``until``."""
