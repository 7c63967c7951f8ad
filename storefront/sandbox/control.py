"""The JSON control API under ``/_sandbox/``: one world's clock, behaviours, orders and log.

The world is named by ``?world=`` or ``X-Sandbox-World``; without either it is ``sandbox``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import delete, select

from storefront.sandbox.bank.orders import find_order
from storefront.sandbox.bank.outcomes import OUTCOMES
from storefront.sandbox.behaviours.catalogue import BEHAVIOURS
from storefront.sandbox.behaviours.chaos import (
    DEFAULT_RATES,
    chaos_statistics,
    start_chaos,
    statistics_lines,
    stop_chaos,
)
from storefront.sandbox.behaviours.delivery import Delivery, deliver
from storefront.sandbox.behaviours.magic import MAGIC_AMOUNTS, times_of
from storefront.sandbox.behaviours.rules import add_rule
from storefront.sandbox.calls import Work, sandbox, work_in
from storefront.sandbox.clock import (
    advance_clock,
    describe_clock,
    from_text,
    reset_clock,
    run_clock,
)
from storefront.sandbox.log import faults_by_operation, find_exchanges
from storefront.sandbox.replay import replay
from storefront.sandbox.settings import say
from storefront.sandbox.tables import Exchange, Move, Order, Rule, World
from storefront.sandbox.views import behaviour_view, exchange_view, order_view, rule_view
from storefront.sandbox.worlds import (
    DEFAULT_WORLD,
    NAME,
    choices,
    empty_world,
    set_switches,
    switches_of,
)

control = Blueprint("control", __name__, url_prefix="/_sandbox")


class BadRequest(ValueError):
    """The control request cannot be followed; the sentence says why."""


def world_name() -> str:
    """The world this request is about."""
    name = request.args.get("world") or request.headers.get("X-Sandbox-World") or DEFAULT_WORLD
    if not NAME.fullmatch(name):
        raise BadRequest("a world's name is 1 to 64 letters, digits, '-' or '_'")
    return name


@contextmanager
def world_work() -> Iterator[Work]:
    with work_in(world_name()) as work:
        yield work


def body_object() -> dict[str, Any]:
    """The JSON object in the body; BadRequest if it is none."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest("send a JSON object, with Content-Type: application/json")
    return body


def number_in(body: dict[str, Any], name: str, default: float | None = None) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest(f"{name} must be a number, not {value!r}")
    return value


def moment_in(body: dict[str, Any], name: str) -> datetime | None:
    try:
        return from_text(body[name]) if body.get(name) is not None else None
    except (TypeError, ValueError):
        raise BadRequest(f"{name} must be an ISO date and time, not {body[name]!r}") from None


@control.get("/clock")
def show_clock() -> Response:
    with world_work() as work:
        return jsonify(describe_clock(work.world))


@control.put("/clock")
def set_clock() -> Response:
    """``{"mode": "real"}``, ``{"mode": "frozen", "at"}``, ``{"mode": "accelerated", "rate"}``."""
    body = body_object()
    mode = body.get("mode")
    at = moment_in(body, "at")
    with world_work() as work:
        if mode == "real":
            reset_clock(work.world)
        elif mode == "frozen":
            run_clock(work.world, 0.0, at)
        elif mode == "accelerated":
            run_clock(work.world, number_in(body, "rate", 60), at)
        else:
            raise BadRequest(f"mode can be real, frozen or accelerated, not {mode!r}")
        return jsonify(describe_clock(work.world))


@control.post("/clock/advance")
def move_clock() -> Response:
    """``{"seconds": 900}``: expiries and token lifetimes follow at once."""
    seconds = number_in(body_object(), "seconds")
    with world_work() as work:
        advance_clock(work.world, seconds)
        return jsonify(describe_clock(work.world))


@control.get("/behaviours")
def show_behaviours() -> Response:
    with world_work() as work:
        rules = work.session.scalars(
            select(Rule).where(Rule.world == work.world.name).order_by(Rule.id)
        )
        return jsonify(
            active=[rule_view(rule) for rule in rules],
            catalogue=[behaviour_view(behaviour) for behaviour in BEHAVIOURS.values()],
        )


@control.post("/behaviours")
def set_behaviour() -> tuple[Response, int]:
    """``{"name": ..., "operation": ..., "order": ..., "times": 1, "parameters": {...}}``."""
    body = body_object()
    times = body.get("times", 1)
    if times is not None and (type(times) is not int or times < 1):
        raise BadRequest(f"times must be a whole number above zero or null, not {times!r}")
    with world_work() as work:
        rule = add_rule(
            work.session,
            work.world.name,
            str(body.get("name")),
            operation=body.get("operation"),
            order=body.get("order"),
            times=times,
            parameters=body.get("parameters"),
        )
        return jsonify(rule_view(rule)), 201


@control.delete("/behaviours")
def clear_behaviours() -> Response:
    """Remove the world's behaviours, or with ``?id=`` one of them; held calls go on."""
    rules = delete(Rule).where(Rule.world == world_name())
    if "id" in request.args:
        rules = rules.where(Rule.id == request.args["id"])
    with world_work() as work:
        removed = work.session.execute(rules).rowcount  # type: ignore[attr-defined]
    return jsonify(removed=removed, released=sandbox().holds.release(world_name()))


@control.post("/behaviours/release")
def release() -> Response:
    """Let the calls go on that hold or hang."""
    return jsonify(released=sandbox().holds.release(world_name()))


@control.get("/behaviours/held")
def held() -> Response:
    """How many calls are being held; with ``?count=1&seconds=5`` waits until there are so many."""
    count, seconds = request.args.get("count", 0, int), request.args.get("seconds", 5.0, float)
    return jsonify(held=sandbox().holds.wait_for_held(world_name(), count, seconds))


@control.get("/switches")
def show_switches() -> Response:
    with world_work() as work:
        return jsonify(switches=asdict(switches_of(work.world)), choices=choices())


@control.put("/switches")
def change_switches() -> Response:
    """``{"paid_inquiry": "SUCCESS"}``; what is not named stays as it is."""
    body = body_object()
    with world_work() as work:
        set_switches(work.world, body)
        return jsonify(switches=asdict(switches_of(work.world)))


@control.get("/chaos")
def show_chaos() -> Response:
    """Rates, seed, and how many faults of which kind were injected into which operation."""
    with world_work() as work:
        return jsonify(chaos_statistics(work.session, work.world))


@control.put("/chaos")
def mix_chaos() -> Response:
    """``{"seed": 7, "rates": {"reset_after_commit": 0.05}}``; without rates a mix of our own."""
    body = body_object()
    seed, rates = body.get("seed", 0), body.get("rates") or DEFAULT_RATES
    if type(seed) is not int or not isinstance(rates, dict):
        raise BadRequest("seed must be a whole number, and rates an object")
    with world_work() as work:
        start_chaos(work.world, seed, rates)
        return jsonify(chaos_statistics(work.session, work.world))


@control.delete("/chaos")
def end_chaos() -> Response:
    """No more chaos; the answer tells what there was, and so does the sandbox's terminal."""
    with world_work() as work:
        statistics = chaos_statistics(work.session, work.world)
        stop_chaos(work.world)
    say(*statistics_lines(world_name(), statistics))
    return jsonify(statistics)


@control.get("/cards")
def show_cards() -> Response:
    """The test cards and the magic amounts (Rials), and what each of them does."""
    return jsonify(
        cards=[{"number": card.number, "key": card.key, "does": card.en} for card in OUTCOMES],
        amounts=[
            {"amount_rials": amount, "behaviour": behaviour.name, "times": times_of(behaviour)}
            for amount, behaviour in MAGIC_AMOUNTS.items()
        ],
    )


@control.get("/orders")
def show_orders() -> Response:
    """The world's orders as the bank keeps them, the oldest first."""
    with world_work() as work:
        orders = work.session.scalars(
            select(Order).where(Order.world == work.world.name).order_by(Order.created_at)
        )
        return jsonify(orders=[order_view(order, moves_of(work, order)) for order in orders])


def moves_of(work: Work, order: Order) -> list[Move]:
    moves = select(Move).where(Move.order_identifier == order.identifier).order_by(Move.id)
    return list(work.session.scalars(moves))


@control.get("/requests")
def show_requests() -> Response:
    """The log, the oldest first; filters: operation, fingerprint, order, reference, behaviour."""
    with world_work() as work:
        return jsonify(
            requests=[exchange_view(entry) for entry in find_exchanges(work, request.args)]
        )


@control.post("/requests/<int:number>/replay")
def replay_request(number: int) -> Response:
    """Send a logged request again, with a fresh token; answers with what came back."""
    answer = replay(exchange_of(number))
    return jsonify(status=answer.status_code, body=answer.get_data(as_text=True))


def exchange_of(number: int) -> Exchange:
    with world_work() as work:
        exchange = work.session.get(Exchange, number)
        if exchange is None or exchange.world != work.world.name:
            raise BadRequest(f"there is no request {number} in this world's log")
        return exchange


@control.post("/orders/<identifier>/callback")
def replay_callback(identifier: str) -> Response:
    """Call the shop back again, by a GET of the sandbox's own; answers with the shop's answer."""
    delivery = call_back(order_named(identifier))
    return jsonify(url=delivery.url, status=delivery.status, fate=delivery.fate)


def order_named(identifier: str) -> Order:
    with world_work() as work:
        order = find_order(work.session, work.world.name, identifier)
    if order is None:
        raise BadRequest(f"there is no order {identifier} in this world")
    return order


def call_back(order: Order) -> Delivery:
    wire = next(wire for wire in sandbox().wires if wire.name == order.gateway)
    return deliver(order, wire.callback_url(order))[0]


@control.get("/statistics")
def show_statistics() -> Response:
    """How many faults were injected, into which operation, by which behaviour."""
    with world_work() as work:
        faults = faults_by_operation(work)
    return jsonify(
        faults=sum(sum(counts.values()) for counts in faults.values()), by_operation=faults
    )


@control.get("/worlds")
def show_worlds() -> Response:
    """The names of all worlds."""
    with sandbox().store.reading() as session:
        return jsonify(worlds=list(session.scalars(select(World.name).order_by(World.name))))


@control.post("/reset")
def reset() -> Response:
    """Empty the world: orders, tokens, behaviours, switches, clock and log."""
    sandbox().holds.release(world_name())
    with sandbox().store.writing() as session:
        empty_world(session, world_name())
    return jsonify(reset=world_name())
