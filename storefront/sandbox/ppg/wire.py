"""PPG as the sandbox's inside sees it: whose call it is, and how a bare failure is said."""

from __future__ import annotations

from flask import Request, Response
from sqlalchemy.orm import Session

from storefront.sandbox.calls import Call
from storefront.sandbox.ppg import tokens
from storefront.sandbox.ppg.api import PREFIX
from storefront.sandbox.ppg.callback import PAID, callback_url
from storefront.sandbox.ppg.errors import CODE_OF_STATUS, Refusal, refusal_response
from storefront.sandbox.ppg.requests import Body, read_body
from storefront.sandbox.tables import Order
from storefront.sandbox.worlds import world_of_key


class PpgWire:
    """The card gateway."""

    name = "ppg"
    prefix = PREFIX
    paid_word = PAID
    callback_url = staticmethod(callback_url)

    def world_of(self, session: Session, request: Request) -> str | None:
        """By bearer token, by what a token call carries, or by the order that is being paid."""
        said = json_object(request)
        if request.path == f"{PREFIX}/tokens/generate":
            return world_of_key(said.get("apiKey") or said.get("merchantCode"))
        if request.path.endswith("/payments"):
            order = session.get(Order, (request.view_args or {}).get("identifier", ""))
            return order.world if order else None
        given = (said.get("accessToken"), said.get("refreshToken"))
        bearer = tokens.bearer_token(request) or ""
        return tokens.world_of_token(session, bearer, *(str(token) for token in given if token))

    def failure(self, call: Call, status: int) -> Response:
        code = CODE_OF_STATUS.get(status, "service.internal_error")
        if status == 401 and call.operation in ("generate", "refresh"):
            code = "token.generation.failed"
        return refusal_response(call, (code,), status)

    def revoke(self, session: Session, world: str, *, refresh_too: bool) -> None:
        tokens.revoke_tokens(session, world, refresh_too=refresh_too)


def json_object(request: Request) -> Body:
    """The body, if it happens to be a JSON object; whether it should be is checked later."""
    try:
        return read_body(request)
    except Refusal:
        return {}
