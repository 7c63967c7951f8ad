"""The wallet's implementation of core.context.Wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from flask import Request, Response
from sqlalchemy.orm import Session

from jibit_sandbox.bank.orders import LOWER_CASE, new_identifier
from jibit_sandbox.core.context import Call, Fields, TokenKind, Work, endpoint_name, squeezed
from jibit_sandbox.core.models import World
from jibit_sandbox.core.settings import Settings
from jibit_sandbox.core.tokens import bearer_token, json_web_token, world_of_token
from jibit_sandbox.core.worlds import world_of_key
from jibit_sandbox.gateways.wallet.api import KINDS, PREFIX, credentials
from jibit_sandbox.gateways.wallet.callback import STATUS_OF_PPG_STATUS, callback
from jibit_sandbox.gateways.wallet.errors import OF_STATUS, PROBLEMS, failure, failure_response
from jibit_sandbox.gateways.wallet.responses import PAID, status_of
from jibit_sandbox.web.json_requests import json_object

AUDIENCES: Mapping[TokenKind, str] = {"access": "ir.jibit.qrpg", "refresh": "ref.ir.jibit.qrpg"}


class WalletWire:
    """The wallet gateway."""

    name = "wallet"
    prefix = PREFIX
    paid_status = PAID
    fields: Mapping[str, str] = MappingProxyType(
        {"amount": "amount", "reference": "merchantOrderId"}
    )
    kinds = KINDS
    older_names: Mapping[str, str] = MappingProxyType({})
    status = staticmethod(status_of)
    callback = staticmethod(callback)
    operation = staticmethod(endpoint_name)
    credentials = staticmethod(credentials)

    def world_of(self, session: Session, request: Request) -> str | None:
        """Find the world by bearer token, or by the body of a token call."""
        said = json_object(request)
        if squeezed(request.path) == f"{PREFIX}/authenticate":
            return world_of_key(said.get("username"))
        given = [said.get(name) for name in ("token", "refreshToken", "RefreshToken")]
        return world_of_token(session, bearer_token(request), *given)

    def named_order(self, _session: Session, _request: Request, _world: str) -> None:
        """Return None: every call about an order names it in its path."""

    def new_identifier(self, world: World) -> str:
        return new_identifier(world, LOWER_CASE)

    def new_token(self, kind: TokenKind, work: Work, expires_at: datetime) -> str:
        """Return a JWT with the claims of the document's samples."""
        return json_web_token(work, expires_at, aud=AUDIENCES[kind], iss="ir.jibit.tserver")

    def refresh_token_seconds(self, settings: Settings) -> int:
        return settings.wallet_refresh_token_seconds

    def failure(self, call: Call, status: int) -> Response:
        problem = OF_STATUS.get(status, OF_STATUS[500])._replace(status=status)
        return failure_response(call, problem)

    def message(self, _code: str, _language: str) -> None:
        """Return None: this gateway's errors are numbers."""

    def with_status(self, call: Call, answer: Fields, status: str) -> Fields:
        """Return the response with another status.

        A verification has no status: ``Failed`` becomes a plain refusal, any other word an error
        that decides nothing, both with HTTP 200.
        """
        if call.operation == "verify":
            problem = PROBLEMS["not paid"] if status == "Failed" else OF_STATUS[500]
            return failure(problem, call.language)
        said = {"statusV": STATUS_OF_PPG_STATUS.get(status, status)} if "statusV" in answer else {}
        return answer | said
