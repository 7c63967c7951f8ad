"""The control API of one world: clock, behaviours, switches, chaos, reset."""

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
    seconds_in,
    seed_in,
    text_in,
    whole_argument,
    whole_in,
    world_name,
    world_work,
)
from jibit_sandbox.control.views import behaviour_view, rule_view
from jibit_sandbox.core.clock import advance_clock, describe_clock, reset_clock, run_clock
from jibit_sandbox.core.context import sandbox
from jibit_sandbox.core.errors import ControlError
from jibit_sandbox.core.models import Rule
from jibit_sandbox.core.worlds import (
    NUMBERS,
    choices,
    empty_world,
    seeded_world,
    set_switches,
    switches_of,
)

MOST_TIMES = 1_000_000
control_api = Blueprint("control_api", __name__, url_prefix="/_sandbox")


@control_api.get("/clock")
def show_clock() -> Response:
    with world_work() as work:
        return jsonify(describe_clock(work.world))


@control_api.put("/clock")
def set_clock() -> Response:
    """Set the clock: ``{"mode": "real"}``, ``{"mode": "frozen", "at"}`` or
    ``{"mode": "accelerated", "rate"}``.
    """
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
            raise ControlError(f"mode can be real, frozen or accelerated, not {mode!r}")
        return jsonify(describe_clock(work.world))


@control_api.post("/clock/advance")
def move_clock() -> Response:
    """Move the clock by ``{"seconds": 900}``: orders and tokens expire at once."""
    seconds = number_in(body_object(), "seconds")
    with world_work() as work:
        advance_clock(work.world, seconds)
        return jsonify(describe_clock(work.world))


@control_api.get("/behaviours")
def show_behaviours() -> Response:
    with world_work() as work:
        rules = work.session.scalars(
            select(Rule).where(Rule.world == work.world.name).order_by(Rule.id)
        )
        return jsonify(
            active=[rule_view(rule) for rule in rules],
            catalogue=[behaviour_view(behaviour) for behaviour in BEHAVIOURS.values()],
        )


@control_api.post("/behaviours")
def set_behaviour() -> tuple[Response, int]:
    """Add ``{"name", "gateway", "operation", "order", "times": 1, "parameters": {...}}``."""
    body = body_object()
    times = whole_in(body, "times", 1)
    if times is not None and not 1 <= times <= MOST_TIMES:
        raise ControlError(f"times must be between 1 and {MOST_TIMES} or null, not {times}")
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


@control_api.delete("/behaviours")
def clear_behaviours() -> Response:
    """Remove the world's behaviours, or with ``?id=`` one of them; release held calls."""
    rules = delete(Rule).where(Rule.world == world_name())
    if "id" in request.args:
        rules = rules.where(Rule.id == whole_argument("id"))
    with world_work() as work:
        removed = work.session.execute(rules).rowcount  # type: ignore[attr-defined] # a DELETE has it
    return jsonify(removed=removed, released=sandbox().held_calls.release(world_name()))


@control_api.post("/behaviours/release")
def release() -> Response:
    """Release the calls that hold or hang."""
    return jsonify(released=sandbox().held_calls.release(world_name()))


@control_api.get("/behaviours/held")
def held() -> Response:
    """Return how many calls are held; ``?count=1&seconds=5`` waits until there are so many."""
    count, seconds = whole_argument("count"), seconds_in(request.args, 5.0)
    return jsonify(held=sandbox().held_calls.wait_for_held(world_name(), count, seconds))


@control_api.get("/switches")
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


@control_api.put("/switches")
def change_switches() -> Response:
    """Set some switches, like ``{"paid_inquiry": "SUCCESS"}``; the others keep their values."""
    body = body_object()
    with world_work() as work:
        set_switches(work.world, body)
        return jsonify(switches=asdict(switches_of(work.world)))


@control_api.get("/chaos")
def show_chaos() -> Response:
    """Return rates, seed, and how many faults of which kind were injected where."""
    with world_work() as work:
        return jsonify(chaos_statistics(work.session, work.world))


@control_api.put("/chaos")
def mix_chaos() -> Response:
    """Start with ``{"seed": 7, "rates": {"reset_after_commit": 0.05}}``; default rates if none."""
    body = body_object()
    seed, rates = whole_in(body, "seed", 0), object_in(body, "rates")
    with world_work() as work:
        start_chaos(work.world, seed or 0, DEFAULT_RATES if rates is None else rates)
        return jsonify(chaos_statistics(work.session, work.world))


@control_api.delete("/chaos")
def end_chaos() -> Response:
    """Stop chaos; return its statistics and print them on the terminal."""
    with world_work() as work:
        statistics = chaos_statistics(work.session, work.world)
        stop_chaos(work.world)
    if statistics["running"]:
        sandbox().settings.print(*statistics_lines(world_name(), statistics))
    return jsonify(statistics)


@control_api.post("/reset")
def reset() -> Response:
    """Empty the world: orders, tokens, behaviours, switches, clock and log.

    ``{"seed": 7}`` makes all that it draws from now on, and its time, the same on every run; null
    makes it a world of chance again. Without it, a seeded world begins again with its seed.
    """
    body, name = body_object() if request.get_data() else {}, world_name()
    sandbox().held_calls.release(name)
    with sandbox().store.writing() as session:
        if "seed" in body:
            world = seeded_world(session, name, seed_in(body))
        else:
            world = empty_world(session, name)
        return jsonify(reset=name, seed=world.seed)
