"""What the sandbox knows of a token that it refused."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select

from jibit_sandbox.core.clock import as_text, now_in
from jibit_sandbox.core.models import EPOCH, TokenPair, World
from jibit_sandbox.core.tokens import bearer_token
from jibit_sandbox.i18n.translations import gettext_noop as _
from jibit_sandbox.web.hints import Hint, Refused

TOKEN_CALLS = ("generate", "refresh")


def of_token(refused: Refused) -> Iterator[Hint]:
    """Say why the bearer token of a call is none."""
    if refused.status != 401 or refused.call.operation in TOKEN_CALLS:
        return
    token = bearer_token(refused.request)
    if token is None:
        yield _("The header Authorization must be: Bearer, a space, and the access token."), {}
        return
    pair = refused.session.scalar(
        select(TokenPair).where(
            or_(TokenPair.access_token == token, TokenPair.refresh_token == token)
        )
    )
    if pair is None:
        yield _("The sandbox has not issued this token, or has forgotten it in a reset."), {}
    elif pair.refresh_token == token:
        yield _("This is the refresh token; the access token is the other one of the pair."), {}
    elif pair.gateway != refused.call.wire.name:
        yield _("Another gateway has issued this token."), {}
    else:
        yield from of_time(refused, pair)


def of_time(refused: Refused, pair: TokenPair) -> Iterator[Hint]:
    if pair.access_expires_at == EPOCH:
        yield _("A behaviour has revoked this token."), {}
    elif pair.access_expires_at <= now_in(refused.session.get_one(World, refused.call.world)):
        message = _("By this world's clock the token was valid until %(until)s.")
        yield message, {"until": as_text(pair.access_expires_at)}
