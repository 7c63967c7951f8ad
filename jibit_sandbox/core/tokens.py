"""Token pairs of all gateways: issued, refreshed, expired by the world's clock, revoked."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

from flask import Request
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from jibit_sandbox.core.chance import chance
from jibit_sandbox.core.context import Wire, Work, sandbox
from jibit_sandbox.core.models import EPOCH, TokenPair
from jibit_sandbox.core.worlds import switches_of

VALID_ACCESS = select(TokenPair.id).where(  # made once: it runs on every call
    TokenPair.access_token == bindparam("token"),
    TokenPair.world == bindparam("world"),
    TokenPair.gateway == bindparam("gateway"),
    TokenPair.access_expires_at > bindparam("now"),
)
WORLD_OF_TOKEN = (
    select(TokenPair.world)
    .where(
        or_(
            TokenPair.access_token == bindparam("token"),
            TokenPair.refresh_token == bindparam("token"),
        )
    )
    .limit(1)
)


def issue_pair(work: Work, wire: Wire) -> TokenPair:
    """Issue a new pair; earlier ones stay valid."""
    settings = sandbox().settings
    access_expires_at = work.now + timedelta(seconds=settings.access_token_seconds)
    refresh_expires_at = work.now + timedelta(seconds=wire.refresh_token_seconds(settings))
    pair = TokenPair(
        world=work.world.name,
        gateway=wire.name,
        access_token=wire.new_token("access", work, access_expires_at),
        refresh_token=wire.new_token("refresh", work, refresh_expires_at),
        access_expires_at=access_expires_at,
        refresh_expires_at=refresh_expires_at,
    )
    work.session.add(pair)
    return pair


def refresh_pair(
    work: Work, wire: Wire, access_token: str | None, refresh_token: str
) -> TokenPair | None:
    """Issue the pair's successor; None if the two do not match or the refresh token has expired.

    The access token may have expired already: that is what the refresh token is for. PPG v3 does
    not ask for it: None.
    """
    old = work.session.scalar(
        select(TokenPair).where(
            TokenPair.world == work.world.name,
            TokenPair.gateway == wire.name,
            TokenPair.refresh_token == refresh_token,
            TokenPair.refresh_expires_at > work.now,
        )
    )
    if old is None or access_token not in (None, old.access_token):
        return None
    old.refresh_expires_at = work.now
    if switches_of(work.world).old_access == "dies":
        old.access_expires_at = work.now
    return issue_pair(work, wire)


def json_web_token(work: Work, expires_at: datetime, **claims: str) -> str:
    """Return a JWT for the world with these claims and the usual ones; its signature is random."""
    source = chance(work.world, "token")
    payload = {
        **claims,
        "sub": work.world.name,
        "exp": int(expires_at.timestamp()),
        "iat": int(work.now.timestamp()),
        "jti": source.randbytes(8).hex(),
    }
    parts = [json.dumps(part).encode() for part in ({"typ": "JWT", "alg": "HS256"}, payload)]
    return ".".join(unpadded(part) for part in (*parts, source.randbytes(32)))


def unpadded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def is_valid_access_token(work: Work, wire: Wire, access_token: str) -> bool:
    """Return whether the token is valid in this world at this gateway now."""
    given = {
        "token": access_token,
        "world": work.world.name,
        "gateway": wire.name,
        "now": work.now,
    }
    return work.session.scalar(VALID_ACCESS, given) is not None


def revoke_tokens(session: Session, world: str, wire: Wire, *, refresh_too: bool) -> None:
    """Revoke the gateway's access tokens of the world, and its refresh tokens if asked to."""
    revoked = {"access_expires_at": EPOCH} | ({"refresh_expires_at": EPOCH} if refresh_too else {})
    mine = (TokenPair.world == world, TokenPair.gateway == wire.name)
    session.execute(update(TokenPair).where(*mine).values(revoked))


def world_of_token(session: Session, *tokens: object) -> str | None:
    """Return the world in which one of these tokens was issued, expired or not."""
    worlds = (session.scalar(WORLD_OF_TOKEN, {"token": str(token)}) for token in tokens if token)
    return next(filter(None, worlds), None)


def bearer_token(request: Request) -> str | None:
    """Return the token of ``Authorization: Bearer ...``; None if there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
