"""The inspection API of one world: orders, requests, faults, cards; and sending again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request, url_for
from sqlalchemy import select

from jibit_sandbox.bank.cards import PAYING_FORM
from jibit_sandbox.bank.orders import find_order
from jibit_sandbox.bank.test_cards import TEST_CARDS
from jibit_sandbox.behaviours.callback_delivery import Delivery, deliver
from jibit_sandbox.behaviours.catalogue import Behaviour
from jibit_sandbox.behaviours.magic_amounts import MAGIC_AMOUNTS, PURCHASE_AMOUNTS, times_of
from jibit_sandbox.control.parameters import (
    body_object,
    checked_word,
    gateway_named,
    text_in,
    whole_argument,
    world_name,
    world_work,
)
from jibit_sandbox.control.views import exchange_view, order_view
from jibit_sandbox.core.callback import callback_in
from jibit_sandbox.core.context import Work, sandbox, wire_named
from jibit_sandbox.core.errors import Conflict, NotFound
from jibit_sandbox.core.models import OLDEST_FIRST, Exchange, Order, Transition, World
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways.payment_pages import BUTTONS, V3_BUTTONS
from jibit_sandbox.web.replay import internal_request, replay
from jibit_sandbox.web.request_log import faults_by_operation, find_exchanges
from jibit_sandbox.web.search import orders_found

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

ACTIONS = (*BUTTONS, *V3_BUTTONS)
inspection_api = Blueprint("inspection_api", __name__, url_prefix="/_sandbox")


@inspection_api.get("/cards")
def show_cards() -> Response:
    """Return the test cards and the magic amounts (Rials), and what each of them does."""
    return jsonify(
        cards=[
            {"number": card.number, "key": card.key, "does": card.description}
            for card in TEST_CARDS
        ],
        amounts=amount_views(MAGIC_AMOUNTS),
        v3_amounts=amount_views(PURCHASE_AMOUNTS),
    )


def amount_views(amounts: Mapping[int, Behaviour]) -> list[dict[str, Any]]:
    return [
        {"amount_rials": amount, "behaviour": behaviour.name, "times": times_of(behaviour)}
        for amount, behaviour in amounts.items()
    ]


@inspection_api.get("/orders")
def show_orders() -> Response:
    """Return the world's orders, the oldest first.

    ``?gateway=`` and ``?reference=`` filter, ``?q=`` searches.
    """
    gateway_named(request.args.get("gateway"))
    mine = orders_found(world_name(), request.args)
    if reference := request.args.get("reference"):
        mine = mine.where(Order.reference_number == reference)
    with world_work() as work:
        orders = work.session.scalars(mine.order_by(*OLDEST_FIRST))
        return jsonify(orders=[whole_view(work, order) for order in orders])


def whole_view(work: Work, order: Order) -> dict[str, Any]:
    return order_view(order, inquiry_status(work, order), transitions_of(work, order))


def inquiry_status(work: Work, order: Order) -> str:
    """Return the status that an inquiry at the order's gateway gives."""
    return wire_named(order.gateway).status(order, switches_of(work.world))


def transitions_of(work: Work, order: Order) -> list[Transition]:
    transitions = (
        select(Transition)
        .where(Transition.order_identifier == order.identifier)
        .order_by(Transition.id)
    )
    return list(work.session.scalars(transitions))


@inspection_api.get("/requests")
def show_requests() -> Response:
    """Return the log, the oldest first; filters: operation, order, ..., ``after``, ``q``."""
    whole_argument("after")  # anything else is refused
    with world_work() as work:
        return jsonify(
            requests=[exchange_view(entry) for entry in find_exchanges(work, request.args)]
        )


@inspection_api.post("/requests/<int:number>/replay")
def replay_request(number: int) -> Response:
    """Send a logged request again with a fresh token; return the new response."""
    answer = replay(exchange_of(number))
    return jsonify(status=answer.status_code, body=answer.get_data(as_text=True))


def exchange_of(number: int) -> Exchange:
    with world_work() as work:
        exchange = work.session.get(Exchange, number)
        if exchange is None or exchange.world != work.world.name:
            raise NotFound(f"there is no request {number} in this world's log")
        return exchange


@inspection_api.post("/orders/<identifier>/callback")
def replay_callback(identifier: str) -> Response:
    """Send the callback again; return the shop's response."""
    delivery = call_back(order_named(identifier))
    return jsonify(url=delivery.sent.url, status=delivery.status, fate=delivery.fate)


def order_named(identifier: str) -> Order:
    with world_work() as work:
        order = find_order(work.session, work.world.name, identifier)
    if order is None:
        raise NotFound(f"there is no order {identifier} in this world")
    return order


@inspection_api.post("/orders/<identifier>/press")
def press_button(identifier: str) -> Response:
    """Press a button of the order's page without a browser: ``{"action": "pay"}``."""
    action = checked_word("action", text_in(body_object(), "action"), ACTIONS)
    order = order_named(identifier)
    if action in V3_BUTTONS and order.gateway != "ppg_v3":
        raise Conflict("only the page of PPG v3 has this button")
    answer = press(order, action)
    posted = callback_in(answer.get_data(as_text=True))
    location = posted.url if posted else answer.headers.get("Location")
    return jsonify(
        status=answer.status_code, location=location, form=posted.form if posted else None
    )


def press(order: Order, action: str) -> TestResponse:
    """Send the page's form, filled in so that it pays; logged like a browser's request."""
    address = url_for(f"{order.gateway}_pages.pay", identifier=order.identifier)
    return internal_request(address, method="POST", data={**PAYING_FORM, "action": action})


def call_back(order: Order) -> Delivery:
    """Send the order's callback; raise Conflict in a state in which there is none."""
    with world_work() as work:
        callback = wire_named(order.gateway).callback(work, order)
    if callback is None:
        raise Conflict("nothing is sent to the shop in this state")
    return deliver(order, callback)[0]


@inspection_api.get("/statistics")
def show_statistics() -> Response:
    """Return how many faults were injected, by operation and behaviour."""
    with world_work() as work:
        faults = faults_by_operation(work)
    return jsonify(
        faults=sum(sum(counts.values()) for counts in faults.values()), by_operation=faults
    )


@inspection_api.get("/worlds")
def show_worlds() -> Response:
    """Return the names of all worlds."""
    with sandbox().store.reading() as session:
        return jsonify(worlds=list(session.scalars(select(World.name).order_by(World.name))))
