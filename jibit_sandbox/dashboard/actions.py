"""The dashboard's forms: each changes the world on whose page it stands."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, url_for
from flask import redirect as send_to
from werkzeug.wrappers import Response

from jibit_sandbox.behaviours.chaos import DEFAULT_RATES, start_chaos, stop_chaos
from jibit_sandbox.behaviours.rules import add_rule
from jibit_sandbox.control.api import MOST_TIMES
from jibit_sandbox.control.inspection import call_back, exchange_of, order_named
from jibit_sandbox.control.parameters import (
    gateway_named,
    seconds_in,
    seed_in,
    whole_field,
    word_field,
    world_name,
)
from jibit_sandbox.control.purchases import (
    WANTED_STATES,
    contradict_by_hand,
    halt_by_hand,
    purchase_named,
)
from jibit_sandbox.control.wallets import set_wallet_balance
from jibit_sandbox.control.worlds import changed_at_once
from jibit_sandbox.core.clock import advance_clock, reset_clock, run_clock
from jibit_sandbox.core.context import sandbox, work_in
from jibit_sandbox.core.models import Rule
from jibit_sandbox.core.worlds import NUMBERS, choices, seeded_world, set_switches
from jibit_sandbox.web.json_requests import LARGEST_AMOUNT
from jibit_sandbox.web.replay import replay

RIALS_IN_TOMAN = 10

actions = Blueprint("actions", __name__)


def back(anchor: str = "") -> Response:
    """Redirect to the overview of the same world in the same language."""
    address = url_for(
        "dashboard.index", _anchor=anchor or None, world=world_name(), lang=g.language
    )
    return send_to(address, 303)


@actions.post("/_sandbox/pages/clock")
def clock() -> Response:
    action = word_field("action", ("advance", "real", "freeze", "accelerate"))
    seconds = seconds_in(request.form, 0.0)
    with work_in(world_name()) as work:
        if action == "advance":
            advance_clock(work.world, seconds)
        elif action == "real":
            reset_clock(work.world)
        elif action == "freeze":
            run_clock(work.world, 0.0)
        else:
            run_clock(work.world, 60.0)
    return back("clock")


@actions.post("/_sandbox/pages/behaviours")
def behaviours() -> Response:
    """Add a behaviour, remove one, or release held calls."""
    form, action = request.form, word_field("action", ("arm", "remove", "release"))
    if action == "release":
        sandbox().held_calls.release(world_name())
    with work_in(world_name()) as work:
        if action == "arm":
            times = whole_field("times", 1, MOST_TIMES)
            add_rule(
                work.session,
                work.world.name,
                form.get("name", ""),
                gateway=gateway_named(form.get("gateway") or None),
                operation=form.get("operation") or None,
                times=times or None,
            )
        elif action == "remove":
            rule = work.session.get(Rule, whole_field("id", 0, LARGEST_AMOUNT))
            if rule is not None and rule.world == work.world.name:
                work.session.delete(rule)
    return back("behaviours")


@actions.post("/_sandbox/pages/wallets")
def wallets() -> Response:
    """Set the balance of one wallet, or without a number the default of all unused ones."""
    toman = whole_field("balance", 0, LARGEST_AMOUNT // RIALS_IN_TOMAN)
    with work_in(world_name()) as work:
        set_wallet_balance(work, request.form.get("mobile") or None, toman * RIALS_IN_TOMAN)
    return back("wallets")


@actions.post("/_sandbox/pages/chaos")
def chaos() -> Response:
    action = word_field("action", ("start", "stop"))
    with work_in(world_name()) as work:
        if action == "start":
            start_chaos(work.world, whole_field("seed", 0, LARGEST_AMOUNT), DEFAULT_RATES)
        else:
            stop_chaos(work.world)
    return back("chaos")


@actions.post("/_sandbox/pages/switches")
def switches() -> Response:
    """Set the switches that the form has."""
    said, possible = request.form, choices()
    wanted: dict[str, Any] = {
        name: next((choice for choice in possible[name] if str(choice) == said[name]), said[name])
        for name in possible.keys() & said.keys()
    }
    wanted |= {name: said.get(name, None, int) for name in NUMBERS if name in said}
    with work_in(world_name()) as work:
        set_switches(work.world, wanted)
    return back("switches")


@actions.post("/_sandbox/pages/reset")
def reset() -> Response:
    """Empty the world, and give it a seed or none; the page before has asked."""
    seed = seed_in({"seed": whole_field("seed", 0, LARGEST_AMOUNT) if given("seed") else None})
    sandbox().held_calls.release(world_name())
    with sandbox().store.writing() as session:
        seeded_world(session, world_name(), seed)
    return back()


def given(name: str) -> bool:
    return bool(request.form.get(name, "").strip())


@actions.post("/_sandbox/pages/exchanges/<int:number>/replay")
def replay_exchange(number: int) -> Response:
    replay(exchange_of(number))
    return back("calls")


@actions.post("/_sandbox/pages/purchases/<identifier>/state")
def contradict(identifier: str) -> Response:
    """Let a purchase of PPG v3 turn out to be in another state; show it again."""
    state = WANTED_STATES[word_field("state", WANTED_STATES)]
    with work_in(world_name()) as work:
        contradict_by_hand(work, purchase_named(work, identifier), state)
    return back_to_order(identifier)


@actions.post("/_sandbox/pages/purchases/<identifier>/transfers")
def halt_transfer(identifier: str) -> Response:
    """Let one transfer of a refund fail or wait; show its purchase again."""
    number = whole_field("number", 1, LARGEST_AMOUNT)
    with work_in(world_name()) as work:
        purchase = purchase_named(work, identifier)
        halt_by_hand(work, purchase, number, request.form.get("state"))
    return back_to_order(identifier)


def back_to_order(identifier: str) -> Response:
    where = {"identifier": identifier, "world": world_name(), "lang": g.language}
    return send_to(url_for("dashboard.order", **where), 303)


@actions.post("/_sandbox/pages/orders/<identifier>/now")
def change_at_once(identifier: str) -> Response:
    """Pay, decline, expire or reset an order without waiting; show it again."""
    with work_in(world_name()) as work:
        changed_at_once(work, identifier, request.form.get("action"))
    return back_to_order(identifier)


@actions.post("/_sandbox/pages/orders/<identifier>/callback")
def replay_callback(identifier: str) -> Response:
    call_back(order_named(identifier))
    return back("calls")
