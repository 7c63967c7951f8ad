"""Read from a JWT how long it lives. Its signature is the gateway's business."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .tokens import TokenLifetimes, TokenPair

#: Our own rule; a shorter life is a mistake, and believing it would cost a renewal for each call.
SHORTEST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class JwtLifetimes(TokenLifetimes):
    """Judge a pair by its tokens' ``exp``; ``access`` and ``refresh`` hold for tokens without it.

    The life of a token is ``exp`` less ``iat``, two readings of the gateway's clock, counted from
    when we asked for it: a wrong clock on our side changes nothing. Without ``iat``, ``exp`` is
    compared with our clock; it can then only shorten the life.
    """

    def of_access(self, pair: TokenPair) -> timedelta:
        """Return how long the access token lives, from ``issued_at`` on."""
        return _life(pair.access_token, pair.issued_at, self.access)

    def of_refresh(self, pair: TokenPair) -> timedelta:
        """Return how long the refresh token lives, from ``issued_at`` on."""
        return _life(pair.refresh_token, pair.issued_at, self.refresh)


def life_of(token: str) -> timedelta | None:
    """Return how long a JWT lives, ``exp`` less ``iat``; None for a token that does not tell."""
    claims = _claims(token)
    expires, issued = _seconds(claims.get("exp")), _seconds(claims.get("iat"))
    return None if expires is None or issued is None else timedelta(seconds=expires - issued)


def _life(token: str, issued_at: datetime, otherwise: timedelta) -> timedelta:
    claims = _claims(token)
    expires, issued = _seconds(claims.get("exp")), _seconds(claims.get("iat"))
    if expires is None:
        return otherwise
    if issued is None:
        life = min(timedelta(seconds=expires - issued_at.timestamp()), otherwise)
    else:
        life = min(timedelta(seconds=expires - issued), LONGEST)
    return life if life >= SHORTEST else otherwise


def _claims(token: str) -> dict[str, object]:
    """Return the payload of a JWT; nothing for any other token."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _seconds(value: object) -> float | None:
    """Return a claim that is a time, in seconds since 1970 and before the year 3000."""
    if isinstance(value, int | float) and 0 <= value < 32_503_680_000:
        return float(value)
    return None
