"""PPG's endpoints: generate, refresh, create, verify, inquiry and list.

Source: PPG v2.4, one section for each; what it leaves open is decided in worlds.Switches.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import exists, select

from storefront.sandbox.bank import orders as bank
from storefront.sandbox.bank.orders import State
from storefront.sandbox.behaviours.magic import arm_magic
from storefront.sandbox.calls import Work, sandbox, work_for
from storefront.sandbox.ppg import messages, tokens
from storefront.sandbox.ppg.access import authorised, check_channel, the_call
from storefront.sandbox.ppg.errors import Refusal
from storefront.sandbox.ppg.listing import find_orders, read_filters
from storefront.sandbox.ppg.requests import (
    Body,
    NewOrder,
    check_headers,
    read_body,
    read_order,
    required_texts,
)
from storefront.sandbox.tables import Order
from storefront.sandbox.worlds import switches_of, world_of_keys

PREFIX = "/ppg/v2"
GENERATE_CODES = {
    "apiKey": "generate_token.api_key.is_required",
    "secretKey": "generate_token.secret_key.is_required",
}
REFRESH_CODES = {
    "accessToken": "refresh_token.access_token.is_required",
    "refreshToken": "refresh_token.refresh_token.is_required",
}

api = Blueprint("ppg", __name__, url_prefix=PREFIX)


@api.post("/tokens/generate")
def generate() -> Response:
    check_headers(request)
    body = read_body(request)
    call = the_call()
    with work_for(call) as work:
        keys = required_texts(with_older_names(body, work), GENERATE_CODES)
        if world_of_keys(keys["apiKey"], keys["secretKey"]) != call.world:
            raise Refusal("token.generation.failed")
        check_channel(work)
        return jsonify(messages.tokens(tokens.new_pair(work)))


def with_older_names(body: Body, work: Work) -> Body:
    """Legacy clients call the two keys ``merchantCode`` and ``password``."""
    if not switches_of(work.world).legacy:
        return body
    older = {"apiKey": body.get("merchantCode"), "secretKey": body.get("password")}
    return older | {name: value for name, value in body.items() if value is not None}


@api.post("/tokens/refresh")
def refresh() -> Response:
    check_headers(request)
    given = required_texts(read_body(request), REFRESH_CODES)
    with work_for(the_call()) as work:
        check_channel(work)
        pair = tokens.refreshed_pair(work, given["accessToken"], given["refreshToken"])
        return jsonify(messages.tokens(pair))


@api.post("/orders")
def create() -> Response:
    call = the_call()
    with authorised() as work:
        wanted = read_order(read_body(request), legacy=switches_of(work.world).legacy)
        call.reference_number = wanted.reference_number
        check_merchant(work, wanted)
        order = open_order(work, wanted)
        call.order_identifier = order.identifier
        return jsonify(messages.created(order, request.host_url.rstrip("/") + PREFIX))


def check_merchant(work: Work, wanted: NewOrder) -> None:
    """Refusal if this merchant may not open this order."""
    switches = switches_of(work.world)
    if switches.merchant == "inactive":
        raise Refusal("merchant.inactive")
    used = exists().where(
        Order.world == work.world.name, Order.reference_number == wanted.reference_number
    )
    if switches.reused_reference == "refused" and work.session.scalar(select(used)):
        raise Refusal("order_create.reference_number.duplicated")


def open_order(work: Work, wanted: NewOrder) -> Order:
    """Keep the order; it expires ``order_seconds`` after its creation."""
    order = Order(
        identifier=bank.new_identifier(),
        world=work.world.name,
        gateway="ppg",
        amount_rials=wanted.amount_rials,
        created_at=work.now,
        expires_at=work.now + timedelta(seconds=sandbox().settings.order_seconds),
        **asdict(wanted),
    )
    bank.open_order(work.session, order)
    arm_magic(work, order)
    return order


@api.get("/orders/<identifier>/verify")
def verify(identifier: str) -> Response:
    with authorised("user.not.authenticated") as work:
        order = own_order(work, identifier)
        return jsonify(status=verification(work, order))


def verification(work: Work, order: Order) -> str:
    """Capture a paid order. What an unpaid or a verified one is told is an open point: a switch."""
    switches = switches_of(work.world)
    if order.state == State.PAID:
        bank.move(work.session, order, State.CAPTURED, work.now, "verified by the merchant")
        return "Successful"
    if order.state == State.CAPTURED:
        return switches.verify_again
    if order.state == State.AWAITING and switches.verify_unpaid == "fails":
        bank.move(work.session, order, State.FAILED, work.now, "verified before it was paid")
    return "Failed"


@api.get("/orders/<identifier>")
def inquiry(identifier: str) -> Response:
    with authorised() as work:
        return jsonify(messages.inquiry(own_order(work, identifier), switches_of(work.world)))


def own_order(work: Work, identifier: str) -> Order:
    """This merchant's order; another merchant's is not found either."""
    order = bank.find_order(work.session, work.world.name, identifier)
    if order is None:
        raise Refusal("order.not_found")
    the_call().reference_number = order.reference_number
    return order


@api.get("/orders", endpoint="list")
def list_orders() -> Response:
    with authorised() as work:
        switches = switches_of(work.world)
        filters = read_filters(request.args, switches)
        orders, total = find_orders(work, filters)
        page: dict[str, Any] = messages.listing(
            orders, page=filters.page, size=filters.size, total=total, switches=switches
        )
        return jsonify(page)
