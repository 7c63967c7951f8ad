"""The wallet's endpoints: authenticate, refresh, initiate, verify and inquiry.

Source: wallet gateway v2.1, one section for each. The functions have PPG's names for the same
calls, because a behaviour of ``create`` applies to every gateway.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.exceptions import MethodNotAllowed

from jibit_sandbox.bank.orders import LOWER_CASE, new_identifier
from jibit_sandbox.core.context import Work, require_call, sandbox, switches_for, work_for
from jibit_sandbox.core.models import Order
from jibit_sandbox.core.tokens import bearer_token, is_valid_access_token, issue_pair, refresh_pair
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways import orders
from jibit_sandbox.gateways.public_address import public_address
from jibit_sandbox.gateways.wallet import responses
from jibit_sandbox.gateways.wallet.errors import Refusal
from jibit_sandbox.gateways.wallet.requests import read_order, required
from jibit_sandbox.web.coercion import Kinds, as_text, as_whole, coerced
from jibit_sandbox.web.json_requests import Body, check_headers, read_body

PREFIX = "/pg"
SHORTEST = 15  # minutes until an order is cancelled; the setting order_seconds stands for it
KINDS: Kinds = dict.fromkeys(
    (
        *("username", "password", "token", "refreshToken", "callBackUrl", "userIdentity"),
        *("additionalData", "description"),
    ),
    as_text,
) | {"amount": as_whole}  # merchantOrderId is text or a number for everybody

api = Blueprint("wallet", __name__, url_prefix=PREFIX)


@api.post("/authenticate")
def generate() -> Response:
    check_headers(request, brings_body=True)
    body = read_body(request)
    call = require_call()
    with work_for(call) as work:
        body = understood(body, work)
        given = {name: required(body, name) for name in ("username", "password")}
        if given != credentials(call.world):
            raise Refusal("credentials")
        check_channel(work)
        return jsonify(responses.tokens(issue_pair(work, call.wire)))


def credentials(world: str) -> dict[str, str]:
    """Return the username and password of a world."""
    return {"username": world, "password": f"{world}-password"}


def check_channel(work: Work) -> None:
    if switches_of(work.world).channel == "disabled":
        raise Refusal("channel")


def understood(body: Body, work: Work) -> Body:
    """Read scalars as the documented types where the world understands older clients."""
    return coerced(body, KINDS) if switches_of(work.world).legacy else body


@api.post("/authenticate/refresh")
def refresh() -> Response:
    """Accept ``RefreshToken`` (the document's table) and ``refreshToken`` (its answers)."""
    check_headers(request, brings_body=True)
    body = read_body(request)
    body.setdefault("refreshToken", body.get("RefreshToken"))
    call = require_call()
    with work_for(call) as work:
        body = understood(body, work)
        token, refresh_token = (required(body, name) for name in ("token", "refreshToken"))
        check_channel(work)
        pair = refresh_pair(work, call.wire, token, refresh_token)
        if pair is None:
            raise Refusal("dead token")
        return jsonify(responses.tokens(pair))


@contextmanager
def authorised(*, brings_body: bool = False) -> Iterator[Work]:
    """Begin the call's transaction if headers, bearer token and merchant are valid."""
    check_headers(request, brings_body=brings_body)
    call = require_call()
    with work_for(call) as work:
        if not is_valid_access_token(work, call.wire, bearer_token(request) or ""):
            raise Refusal("dead token")
        if switches_of(work.world).merchant == "missing":
            raise Refusal("merchant")
        yield work


@api.post("/order/initiate")
def create() -> Response:
    with authorised(brings_body=True) as work:
        wanted = read_order(understood(read_body(request), work), switches_of(work.world))
        require_call().reference_number = wanted.reference_number
        if switches_of(work.world).merchant == "inactive":
            raise Refusal("inactive")
        if orders.is_refused_reference(work, wanted.reference_number):
            raise Refusal("reused")
        order = orders.open_order(
            work,
            new_identifier(work.world, LOWER_CASE),
            seconds_until_cancelled(work),
            amount=wanted.amount_rials,
            currency="RIALS",
            **asdict(wanted),
        )
        page = public_address() + url_for("wallet_pages.payment_page", identifier=order.identifier)
        return jsonify(responses.initiated(order, page))


def seconds_until_cancelled(work: Work) -> int:
    """Return 15 minutes (the table of statuses) or 30 (the introduction), in seconds."""
    return sandbox().settings.order_seconds * switches_of(work.world).wallet_minutes // SHORTEST


@api.post("/order/verify/<identifier>")
def verify(identifier: str) -> Response:
    with authorised() as work:
        order = own_order(work, identifier)
        if not orders.capture(work, order):
            return Refusal("not paid").response(
                require_call()
            )  # not raised: the order may have moved
        return jsonify(responses.verified(order))


@api.post("/order/inquiry/<identifier>", endpoint="inquiry")
@api.get("/order/inquiry/<identifier>")
def inquiry(identifier: str) -> Response:
    """Answer a GET, and by switch a POST, as some clients send it."""
    by_post = request.method == "POST"
    if by_post and switches_for(require_call()).wallet_inquiry_by_post == "refused":
        raise MethodNotAllowed(["GET"])
    with authorised() as work:
        return jsonify(responses.inquiry(own_order(work, identifier), switches_of(work.world)))


def own_order(work: Work, identifier: str) -> Order:
    order = orders.own_order(work, identifier)
    if order is None:
        raise Refusal("order")
    return order
