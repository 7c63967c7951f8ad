"""PPG's endpoints: generate, refresh, create, verify, inquiry and list.

Source: PPG v2.4, one section for each; what it leaves open is a switch, see core/worlds.py.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from jibit_sandbox.bank.orders import new_identifier
from jibit_sandbox.core.context import Work, require_call, sandbox, work_for
from jibit_sandbox.core.models import Order
from jibit_sandbox.core.tokens import issue_pair, refresh_pair
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways import orders
from jibit_sandbox.gateways.ppg_v2 import responses
from jibit_sandbox.gateways.ppg_v2.access import authorised, check_channel
from jibit_sandbox.gateways.ppg_v2.errors import Refusal
from jibit_sandbox.gateways.ppg_v2.listing import find_orders, read_filters
from jibit_sandbox.gateways.ppg_v2.requests import TEXTS, NewOrder, read_order, required_texts
from jibit_sandbox.gateways.public_address import public_address
from jibit_sandbox.web.coercion import (
    Kinds,
    as_text,
    as_truth,
    as_whole,
    coerced,
    with_older_names,
)
from jibit_sandbox.web.json_requests import Body, check_headers, read_body

PREFIX = "/ppg/v2"
GENERATE_CODES = {
    "apiKey": "generate_token.api_key.is_required",
    "secretKey": "generate_token.secret_key.is_required",
}
REFRESH_CODES = {
    "accessToken": "refresh_token.access_token.is_required",
    "refreshToken": "refresh_token.refresh_token.is_required",
}
OLDER = {"apiKey": "merchantCode", "secretKey": "password"}
KINDS: Kinds = dict.fromkeys((*GENERATE_CODES, *REFRESH_CODES, *TEXTS, "currency"), as_text) | {
    "amount": as_whole,
    "forcePayerCardNumber": as_truth,
}

api = Blueprint("ppg", __name__, url_prefix=PREFIX)


@api.post("/tokens/generate")
def generate() -> Response:
    check_headers(request, brings_body=True)
    body = read_body(request)
    call = require_call()
    with work_for(call) as work:
        keys = required_texts(understood(body, work), GENERATE_CODES)
        if keys != credentials(call.world):
            raise Refusal("token.generation.failed")
        check_channel(work)
        return jsonify(responses.tokens(issue_pair(work, call.wire)))


def credentials(world: str) -> dict[str, str]:
    """Return the two keys of a world."""
    return {"apiKey": f"{world}-api-key", "secretKey": f"{world}-secret-key"}


def understood(body: Body, work: Work) -> Body:
    """Read older names, and scalars as the documented types, where the world is a legacy one."""
    if not switches_of(work.world).legacy:
        return body
    return coerced(with_older_names(body, OLDER), KINDS)


@api.post("/tokens/refresh")
def refresh() -> Response:
    check_headers(request, brings_body=True)
    body = read_body(request)
    call = require_call()
    with work_for(call) as work:
        given = required_texts(understood(body, work), REFRESH_CODES)
        check_channel(work)
        pair = refresh_pair(work, call.wire, given["accessToken"], given["refreshToken"])
        if pair is None:
            raise Refusal("token.generation.failed")
        return jsonify(responses.tokens(pair))


@api.post("/orders")
def create() -> Response:
    with authorised() as work:
        wanted = read_order(understood(read_body(request), work), switches_of(work.world))
        require_call().reference_number = wanted.reference_number
        check_merchant(work, wanted)
        order = orders.open_order(
            work,
            new_identifier(work.world),
            sandbox().settings.order_seconds,
            amount_rials=wanted.amount_rials,
            **asdict(wanted),
        )
        return jsonify(responses.created(order, public_address() + PREFIX))


def check_merchant(work: Work, wanted: NewOrder) -> None:
    """Raise Refusal if this merchant may not create this order."""
    if switches_of(work.world).merchant == "inactive":
        raise Refusal("merchant.inactive")
    if orders.is_refused_reference(work, wanted.reference_number):
        raise Refusal("order_create.reference_number.duplicated")


@api.get("/orders/<identifier>/verify")
def verify(identifier: str) -> Response:
    with authorised("user.not.authenticated") as work:
        captured = orders.capture(work, own_order(work, identifier))
        return jsonify(status="Successful" if captured else "Failed")


@api.get("/orders/<identifier>")
def inquiry(identifier: str) -> Response:
    with authorised() as work:
        return jsonify(responses.inquiry(own_order(work, identifier), switches_of(work.world)))


def own_order(work: Work, identifier: str) -> Order:
    """Return this merchant's order; raise Refusal for any other."""
    order = orders.own_order(work, identifier)
    if order is None:
        raise Refusal("order.not_found")
    return order


@api.get("/orders", endpoint="list")
def list_orders() -> Response:
    with authorised() as work:
        switches = switches_of(work.world)
        filters = read_filters(request.args, switches)
        orders, total = find_orders(work, filters)
        page: dict[str, Any] = responses.listing(
            orders, page=filters.page, size=filters.size, total=total, switches=switches
        )
        return jsonify(page)
