"""PPG's tokens: pairs that are generated, refreshed and die by the world's clock."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Request
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from storefront.sandbox.calls import Work, sandbox
from storefront.sandbox.ppg.errors import Refusal
from storefront.sandbox.tables import EPOCH, TokenPair
from storefront.sandbox.worlds import switches_of

LIVING = select(TokenPair.id).where(  # these two are made once: they are asked on every call
    TokenPair.access_token == bindparam("token"),
    TokenPair.world == bindparam("world"),
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


def new_pair(work: Work) -> TokenPair:
    """A fresh pair beside those that live already."""
    settings = sandbox().settings
    pair = TokenPair(
        world=work.world.name,
        access_token=secrets.token_urlsafe(32),
        refresh_token=secrets.token_urlsafe(32),
        access_dies_at=work.now + timedelta(seconds=settings.access_token_seconds),
        refresh_dies_at=work.now + timedelta(seconds=settings.refresh_token_seconds),
    )
    work.session.add(pair)
    return pair


def refreshed_pair(work: Work, access_token: str, refresh_token: str) -> TokenPair:
    """The pair's successor; Refusal if the two do not belong together or the refresh token is dead.

    The access token may be dead already: that is what the refresh token is for.
    """
    old = work.session.scalar(
        select(TokenPair).where(
            TokenPair.world == work.world.name,
            TokenPair.access_token == access_token,
            TokenPair.refresh_token == refresh_token,
            TokenPair.refresh_dies_at > work.now,
        )
    )
    if old is None:
        raise Refusal("token.generation.failed")
    old.refresh_dies_at = work.now
    if switches_of(work.world).old_access == "dies":
        old.access_dies_at = work.now
    return new_pair(work)


def check_access(work: Work, access_token: str) -> None:
    """Refusal unless the token lives in this world."""
    given = {"token": access_token, "world": work.world.name, "now": work.now}
    if work.session.scalar(LIVING, given) is None:
        raise Refusal("token.verification.failed")


def revoke_tokens(session: Session, world: str, *, refresh_too: bool) -> None:
    """Kill every access token of the world, and every refresh token if so asked."""
    dead = {"access_dies_at": EPOCH} | ({"refresh_dies_at": EPOCH} if refresh_too else {})
    session.execute(update(TokenPair).where(TokenPair.world == world).values(dead))


def world_of_token(session: Session, *tokens: str) -> str | None:
    """The world in which one of these tokens was given out, dead or alive."""
    worlds = (session.scalar(GIVEN_OUT, {"token": token}) for token in tokens if token)
    return next(filter(None, worlds), None)


def bearer_token(request: Request) -> str | None:
    """The token of ``Authorization: Bearer ...``; None if there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
