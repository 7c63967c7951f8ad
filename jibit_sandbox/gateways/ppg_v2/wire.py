"""PPG's implementation of core.context.Wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from flask import Request, Response
from sqlalchemy.orm import Session

from jibit_sandbox.bank.orders import new_identifier
from jibit_sandbox.core.chance import chance
from jibit_sandbox.core.context import Call, Fields, TokenKind, Work, endpoint_name, squeezed
from jibit_sandbox.core.settings import Settings
from jibit_sandbox.core.tokens import bearer_token, unpadded, world_of_token
from jibit_sandbox.core.worlds import world_of_key
from jibit_sandbox.gateways.ppg_v2.api import KINDS, OLDER, PREFIX, credentials
from jibit_sandbox.gateways.ppg_v2.callback import PAID, callback
from jibit_sandbox.gateways.ppg_v2.errors import CODE_OF_STATUS, CODES, message, refusal_response
from jibit_sandbox.gateways.ppg_v2.responses import status_of
from jibit_sandbox.web.json_requests import json_object


class PpgWire:
    """The card gateway."""

    name = "ppg"
    prefix = PREFIX
    paid_status = PAID
    fields: Mapping[str, str] = MappingProxyType(
        {"amount": "amount", "currency": "currency", "reference": "referenceNumber"}
    )
    kinds = KINDS
    older_names: Mapping[str, str] = MappingProxyType(OLDER)
    status = staticmethod(status_of)
    callback = staticmethod(callback)
    operation = staticmethod(endpoint_name)
    credentials = staticmethod(credentials)
    new_identifier = staticmethod(new_identifier)

    def world_of(self, session: Session, request: Request) -> str | None:
        """Find the world by bearer token, or by the body of a token call."""
        said = json_object(request)
        if squeezed(request.path) == f"{PREFIX}/tokens/generate":
            return world_of_key(said.get("apiKey") or said.get("merchantCode"), "-api-key")
        given = (said.get("accessToken"), said.get("refreshToken"))
        return world_of_token(session, bearer_token(request), *given)

    def named_order(self, _session: Session, _request: Request, _world: str) -> None:
        """Return None: every call about an order names it in its path."""

    def new_token(self, _kind: TokenKind, work: Work, _expires_at: datetime) -> str:
        return unpadded(chance(work.world, "token").randbytes(32))

    def refresh_token_seconds(self, settings: Settings) -> int:
        return settings.refresh_token_seconds

    def failure(self, call: Call, status: int) -> Response:
        code = CODE_OF_STATUS.get(status, "service.internal_error")
        if status == 401 and call.operation in ("generate", "refresh"):
            code = "token.generation.failed"
        return refusal_response(call, (code,), status)

    def message(self, code: str, language: str) -> str | None:
        return message(code, language) if code in CODES else None

    def with_status(self, _call: Call, answer: Fields, status: str) -> Fields:
        return {**answer, "status": status}
