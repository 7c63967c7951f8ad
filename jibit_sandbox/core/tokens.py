"""Tokens of every gateway: pairs that are given out, refreshed and die by the world's clock."""

from __future__ import annotations

from datetime import timedelta

from flask import Request
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from jibit_sandbox.core.context import Wire, Work, sandbox
from jibit_sandbox.core.models import EPOCH, TokenPair
from jibit_sandbox.core.worlds import switches_of

LIVING = select(TokenPair.id).where(  # these two are made once: they are asked on every call
    TokenPair.access_token == bindparam("token"),
    TokenPair.world == bindparam("world"),
    TokenPair.gateway == bindparam("gateway"),
    TokenPair.access_dies_at > bindparam("now"),
)
GIVEN_OUT = (
    select(TokenPair.world)
    .where(
        or_(
            TokenPair.access_token == bindparam("token"),
            TokenPair.refresh_token == bindparam("token"),
        )
    )
    .limit(1)
)


def new_pair(work: Work, wire: Wire) -> TokenPair:
    """A fresh pair beside those that live already."""
    settings = sandbox().settings
    access_dies_at = work.now + timedelta(seconds=settings.access_token_seconds)
    refresh_dies_at = work.now + timedelta(seconds=wire.refresh_token_seconds(settings))
    pair = TokenPair(
        world=work.world.name,
        gateway=wire.name,
        access_token=wire.new_token("access", work, access_dies_at),
        refresh_token=wire.new_token("refresh", work, refresh_dies_at),
        access_dies_at=access_dies_at,
        refresh_dies_at=refresh_dies_at,
    )
    work.session.add(pair)
    return pair


def refreshed_pair(
    work: Work, wire: Wire, access_token: str, refresh_token: str
) -> TokenPair | None:
    """The pair's successor; None if the two do not belong together or the refresh token is dead.

    The access token may be dead already: that is what the refresh token is for.
    """
    old = work.session.scalar(
        select(TokenPair).where(
            TokenPair.world == work.world.name,
            TokenPair.gateway == wire.name,
            TokenPair.access_token == access_token,
            TokenPair.refresh_token == refresh_token,
            TokenPair.refresh_dies_at > work.now,
        )
    )
    if old is None:
        return None
    old.refresh_dies_at = work.now
    if switches_of(work.world).old_access == "dies":
        old.access_dies_at = work.now
    return new_pair(work, wire)


def is_alive(work: Work, wire: Wire, access_token: str) -> bool:
    """Whether the token opens this world at this gateway now."""
    given = {
        "token": access_token,
        "world": work.world.name,
        "gateway": wire.name,
        "now": work.now,
    }
    return work.session.scalar(LIVING, given) is not None


def revoke_tokens(session: Session, world: str, wire: Wire, *, refresh_too: bool) -> None:
    """Kill the gateway's access tokens of the world, and its refresh tokens if so asked."""
    dead = {"access_dies_at": EPOCH} | ({"refresh_dies_at": EPOCH} if refresh_too else {})
    mine = (TokenPair.world == world, TokenPair.gateway == wire.name)
    session.execute(update(TokenPair).where(*mine).values(dead))


def world_of_token(session: Session, *tokens: object) -> str | None:
    """The world in which one of these tokens was given out, dead or alive."""
    worlds = (session.scalar(GIVEN_OUT, {"token": str(token)}) for token in tokens if token)
    return next(filter(None, worlds), None)


def bearer_token(request: Request) -> str | None:
    """The token of ``Authorization: Bearer ...``; None if there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
