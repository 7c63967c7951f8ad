"""Steering one world: clock, behaviours, switches, chaos, reset."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import delete, select

from jibit_sandbox.behaviours.catalogue import BEHAVIOURS
from jibit_sandbox.behaviours.chaos import (
    DEFAULT_RATES,
    chaos_statistics,
    start_chaos,
    statistics_lines,
    stop_chaos,
)
from jibit_sandbox.behaviours.rules import add_rule
from jibit_sandbox.control.parameters import (
    body_object,
    gateway_named,
    moment_in,
    number_in,
    object_in,
    rate_in,
    text_in,
    whole_argument,
    whole_in,
    world_name,
    world_work,
)
from jibit_sandbox.control.views import behaviour_view, rule_view
from jibit_sandbox.core.clock import advance_clock, describe_clock, reset_clock, run_clock
from jibit_sandbox.core.context import sandbox
from jibit_sandbox.core.errors import Complaint
from jibit_sandbox.core.models import Rule
from jibit_sandbox.core.settings import say
from jibit_sandbox.core.worlds import NUMBERS, choices, empty_world, set_switches, switches_of

MOST_TIMES = 1_000_000
steering = Blueprint("steering", __name__, url_prefix="/_sandbox")


@steering.get("/clock")
def show_clock() -> Response:
    with world_work() as work:
        return jsonify(describe_clock(work.world))


@steering.put("/clock")
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
            run_clock(work.world, rate_in(body), at)
        else:
            raise Complaint(f"mode can be real, frozen or accelerated, not {mode!r}")
        return jsonify(describe_clock(work.world))


@steering.post("/clock/advance")
def move_clock() -> Response:
    """``{"seconds": 900}``: expiries and token lifetimes follow at once."""
    seconds = number_in(body_object(), "seconds")
    with world_work() as work:
        advance_clock(work.world, seconds)
        return jsonify(describe_clock(work.world))


@steering.get("/behaviours")
def show_behaviours() -> Response:
    with world_work() as work:
        rules = work.session.scalars(
            select(Rule).where(Rule.world == work.world.name).order_by(Rule.id)
        )
        return jsonify(
            active=[rule_view(rule) for rule in rules],
            catalogue=[behaviour_view(behaviour) for behaviour in BEHAVIOURS.values()],
        )


@steering.post("/behaviours")
def set_behaviour() -> tuple[Response, int]:
    """``{"name", "gateway", "operation", "order", "times": 1, "parameters": {...}}``."""
    body = body_object()
    times = whole_in(body, "times", 1)
    if times is not None and not 1 <= times <= MOST_TIMES:
        raise Complaint(f"times must be between 1 and {MOST_TIMES} or null, not {times}")
    with world_work() as work:
        rule = add_rule(
            work.session,
            work.world.name,
            str(body.get("name")),
            gateway=gateway_named(body.get("gateway")),
            operation=text_in(body, "operation"),
            order=text_in(body, "order"),
            times=times,
            parameters=object_in(body, "parameters"),
        )
        return jsonify(rule_view(rule)), 201


@steering.delete("/behaviours")
def clear_behaviours() -> Response:
    """Remove the world's behaviours, or with ``?id=`` one of them; held calls go on."""
    rules = delete(Rule).where(Rule.world == world_name())
    if "id" in request.args:
        rules = rules.where(Rule.id == whole_argument("id"))
    with world_work() as work:
        removed = work.session.execute(rules).rowcount  # type: ignore[attr-defined] # a DELETE has it
    return jsonify(removed=removed, released=sandbox().holds.release(world_name()))


@steering.post("/behaviours/release")
def release() -> Response:
    """Let the calls go on that hold or hang."""
    return jsonify(released=sandbox().holds.release(world_name()))


@steering.get("/behaviours/held")
def held() -> Response:
    """How many calls are being held; with ``?count=1&seconds=5`` waits until there are so many."""
    count, seconds = whole_argument("count"), request.args.get("seconds", 5.0, float)
    return jsonify(held=sandbox().holds.wait_for_held(world_name(), count, seconds))


@steering.get("/switches")
def show_switches() -> Response:
    with world_work() as work:
        return jsonify(
            switches=asdict(switches_of(work.world)),
            choices=choices(),
            numbers={
                name: {"minimum": limits[0], "maximum": limits[-1]}
                for name, limits in NUMBERS.items()
            },
        )


@steering.put("/switches")
def change_switches() -> Response:
    """``{"paid_inquiry": "SUCCESS"}``; what is not named stays as it is."""
    body = body_object()
    with world_work() as work:
        set_switches(work.world, body)
        return jsonify(switches=asdict(switches_of(work.world)))


@steering.get("/chaos")
def show_chaos() -> Response:
    """Rates, seed, and how many faults of which kind were injected into which operation."""
    with world_work() as work:
        return jsonify(chaos_statistics(work.session, work.world))


@steering.put("/chaos")
def mix_chaos() -> Response:
    """``{"seed": 7, "rates": {"reset_after_commit": 0.05}}``; without rates a mix of our own."""
    body = body_object()
    seed, rates = whole_in(body, "seed", 0), object_in(body, "rates")
    with world_work() as work:
        start_chaos(work.world, seed or 0, DEFAULT_RATES if rates is None else rates)
        return jsonify(chaos_statistics(work.session, work.world))


@steering.delete("/chaos")
def end_chaos() -> Response:
    """No more chaos; the answer tells what there was, and so does the sandbox's terminal."""
    with world_work() as work:
        statistics = chaos_statistics(work.session, work.world)
        stop_chaos(work.world)
    if statistics["running"]:
        say(*statistics_lines(world_name(), statistics))
    return jsonify(statistics)


@steering.post("/reset")
def reset() -> Response:
    """Empty the world: orders, tokens, behaviours, switches, clock and log."""
    sandbox().holds.release(world_name())
    with sandbox().store.writing() as session:
        empty_world(session, world_name())
    return jsonify(reset=world_name())
