"""PPG v3's implementation of core.context.Wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from flask import Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from jibit_sandbox.core.context import Call, Fields, TokenKind, Work, endpoint_name, squeezed
from jibit_sandbox.core.models import Order
from jibit_sandbox.core.settings import Settings
from jibit_sandbox.core.tokens import bearer_token, json_web_token, world_of_token
from jibit_sandbox.core.worlds import world_of_key
from jibit_sandbox.gateways.ppg_v3.api import PREFIX, credentials
from jibit_sandbox.gateways.ppg_v3.bodies import KINDS, OLDER
from jibit_sandbox.gateways.ppg_v3.callback import PAID, callback
from jibit_sandbox.gateways.ppg_v3.codes import BAD_CREDENTIALS, CODE_OF_STATUS
from jibit_sandbox.gateways.ppg_v3.errors import message, refusal_response
from jibit_sandbox.gateways.ppg_v3.listing import ONE_PURCHASE
from jibit_sandbox.gateways.ppg_v3.purchases import new_identifier
from jibit_sandbox.gateways.ppg_v3.responses import status_of
from jibit_sandbox.web.json_requests import json_object

NAME = "ppg_v3"
NAMED_BY_BODY = ("reverse", "refund")


class PpgV3Wire:
    """The card gateway's third version."""

    name = NAME
    prefix = PREFIX
    paid_status = PAID
    fields: Mapping[str, str] = MappingProxyType(
        {"amount": "amount", "currency": "currency", "reference": "clientReferenceNumber"}
    )
    kinds = KINDS
    older_names: Mapping[str, str] = MappingProxyType(OLDER)
    status = staticmethod(status_of)
    callback = staticmethod(callback)
    credentials = staticmethod(credentials)
    new_identifier = staticmethod(new_identifier)
    message = staticmethod(message)

    def operation(self, request: Request) -> str | None:
        """Tell the inquiry of one purchase from the list: both are ``GET /purchases``."""
        name = endpoint_name(request)
        if name == "inquiry" and not any(request.args.get(each) for each in ONE_PURCHASE):
            return "list"
        return name

    def named_order(self, session: Session, request: Request, world: str) -> str | None:
        """Return the purchase that an inquiry's query or a reverse's or refund's body names."""
        operation = self.operation(request)
        said: Mapping[str, object] = request.args if operation == "inquiry" else {}
        if operation in NAMED_BY_BODY:
            said = json_object(request)
        if said.get("purchaseId"):
            return str(said["purchaseId"])
        mine = select(Order.identifier).where(Order.world == world, Order.gateway == NAME)
        reference = str(said.get("clientReferenceNumber") or "")
        return session.scalar(mine.where(Order.reference_number == reference)) if said else None

    def world_of(self, session: Session, request: Request) -> str | None:
        """Find the world by bearer token, or by the body of a token call."""
        said = json_object(request)
        if squeezed(request.path) == f"{PREFIX}/tokens":
            return world_of_key(said.get("apiKey") or said.get("username"), "-api-key")
        return world_of_token(session, bearer_token(request), said.get("refreshToken"))

    def new_token(self, kind: TokenKind, work: Work, expires_at: datetime) -> str:
        return json_web_token(work, expires_at, aud=kind, iss="ir.jibit.ppg")

    def refresh_token_seconds(self, settings: Settings) -> int:
        return settings.refresh_token_seconds

    def failure(self, call: Call, status: int) -> Response:
        code = CODE_OF_STATUS.get(status, "server.error")
        if status == 401 and call.operation in ("generate", "refresh"):
            code = BAD_CREDENTIALS
        return refusal_response(call, (code,))

    def with_status(self, _call: Call, answer: Fields, status: str) -> Fields:
        """Return the response with another status, in capitals as this gateway writes it."""
        return {**answer, "state" if "state" in answer else "status": status.upper()}
