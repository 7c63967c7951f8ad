"""The window: one world's orders, traffic, behaviours, clock and switches, for a person.

Every button is a plain form; a script only keeps the page fresh.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask import redirect as send_to
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from storefront.sandbox.bank.orders import State
from storefront.sandbox.bank.outcomes import OUTCOMES
from storefront.sandbox.bank.wallets import wallets_in
from storefront.sandbox.behaviours.catalogue import API_CALLS, BEHAVIOURS, PAGE_CALLS
from storefront.sandbox.behaviours.chaos import DEFAULT_RATES, start_chaos, stop_chaos
from storefront.sandbox.behaviours.magic import MAGIC_AMOUNTS
from storefront.sandbox.behaviours.rules import add_rule
from storefront.sandbox.calls import Work, sandbox, work_in
from storefront.sandbox.clock import advance_clock, describe_clock, now_in, reset_clock, run_clock
from storefront.sandbox.control.asked import gateway_named, world_name
from storefront.sandbox.control.looking import (
    call_back,
    exchange_of,
    moves_of,
    order_named,
    orders_of,
    said_of,
)
from storefront.sandbox.control.wallets import put_money
from storefront.sandbox.log import faults_by_operation, find_exchanges, newest_exchanges
from storefront.sandbox.replay import REPLAYED, as_curl, replay
from storefront.sandbox.tables import NEWEST_FIRST, Order, Rule, World
from storefront.sandbox.worlds import choices, empty_world, set_switches, switches_of

dashboard = Blueprint("dashboard", __name__)
RIALS_IN_TOMAN = 10
SHOWN = 60  # orders and exchanges on the page


@dashboard.get("/")
def index() -> str:
    with work_in(world_name()) as work:
        return render_template("dashboard/index.html", **overview(work))


def overview(work: Work) -> dict[str, Any]:
    """Everything the front page shows of a world."""
    mine = Order.world == work.world.name
    orders = orders_of(work.world.name, chosen_gateway(request.args))
    counts = select(Order.state, func.count()).where(mine).group_by(Order.state)
    rules = select(Rule).where(Rule.world == work.world.name).order_by(Rule.id)
    return {
        "world": work.world,
        "worlds": list(work.session.scalars(select(World.name).order_by(World.name))),
        "now": now_in(work.world),
        "clock": describe_clock(work.world),
        "gateways": [wire.name for wire in sandbox().wires],
        "orders": list(work.session.scalars(orders.order_by(*NEWEST_FIRST).limit(SHOWN))),
        "wallets": wallets_in(work.session, work.world.name),
        "states": {str(state): 0 for state in State}
        | {str(state): count for state, count in work.session.execute(counts)},
        "exchanges": newest_exchanges(work, request.args, SHOWN),
        "rules": [rule for rule in work.session.scalars(rules) if rule.remaining != 0],
        "behaviours": BEHAVIOURS,
        "operations": API_CALLS + PAGE_CALLS,
        "faults": faults_by_operation(work),
        "held": sandbox().holds.wait_for_held(work.world.name, 0, 0),
        "switches": asdict(switches_of(work.world)),
        "choices": choices(),
        "outcomes": OUTCOMES,
        "amounts": MAGIC_AMOUNTS,
    }


def chosen_gateway(form: Mapping[str, str]) -> str | None:
    """What a form's list says, in which the first line stands for both gateways."""
    return gateway_named(form.get("gateway") or None)


@dashboard.get("/_sandbox/pages/orders/<identifier>")
def order(identifier: str) -> str:
    """One order: its state machine, its history and its traffic."""
    found = order_named(identifier)
    with work_in(world_name()) as work:
        return render_template(
            "dashboard/order.html",
            world=work.world,
            order=found,
            said=said_of(work, found),
            moves=moves_of(work, found),
            exchanges=find_exchanges(work, {"order": identifier}),
        )


@dashboard.get("/_sandbox/pages/exchanges/<int:number>")
def exchange(number: int) -> str:
    """One request and its answer, with its curl command."""
    found = exchange_of(number)
    with work_in(world_name()) as work:
        return render_template(
            "dashboard/exchange.html",
            world=work.world,
            exchange=found,
            curl=as_curl(found, request.host_url.rstrip("/")),
            can_replay=found.operation in REPLAYED,
        )


def back(anchor: str = "") -> Response:
    """The front page of the same world and language, after a button was pressed."""
    address = url_for(
        "dashboard.index", _anchor=anchor or None, world=world_name(), lang=g.language
    )
    return send_to(address, 303)


@dashboard.post("/_sandbox/pages/clock")
def clock() -> Response:
    action, seconds = request.form["action"], request.form.get("seconds", 0.0, float)
    with work_in(world_name()) as work:
        if action == "advance":
            advance_clock(work.world, seconds)
        elif action == "real":
            reset_clock(work.world)
        elif action == "freeze":
            run_clock(work.world, 0.0)
        elif action == "accelerate":
            run_clock(work.world, 60.0)
    return back("clock")


@dashboard.post("/_sandbox/pages/behaviours")
def behaviours() -> Response:
    """Arm a behaviour, remove one, or let held calls go on."""
    form = request.form
    if form.get("action") == "release":
        sandbox().holds.release(world_name())
    with work_in(world_name()) as work:
        if form.get("action") == "arm":
            times = form.get("times", 1, int)
            add_rule(
                work.session,
                work.world.name,
                form["name"],
                gateway=chosen_gateway(form),
                operation=form.get("operation") or None,
                times=times or None,
            )
        elif form.get("action") == "remove":
            rule = work.session.get(Rule, form.get("id", 0, int))
            if rule is not None and rule.world == work.world.name:
                work.session.delete(rule)
    return back("behaviours")


@dashboard.post("/_sandbox/pages/wallets")
def wallets() -> Response:
    """Set the balance of one wallet, or without a number of all that nobody has used yet."""
    toman = request.form.get("balance", 0, int)
    with work_in(world_name()) as work:
        put_money(work, request.form.get("mobile") or None, toman * RIALS_IN_TOMAN)
    return back("wallets")


@dashboard.post("/_sandbox/pages/chaos")
def chaos() -> Response:
    with work_in(world_name()) as work:
        if request.form["action"] == "start":
            start_chaos(work.world, request.form.get("seed", 0, int), DEFAULT_RATES)
        else:
            stop_chaos(work.world)
    return back("chaos")


@dashboard.post("/_sandbox/pages/switches")
def switches() -> Response:
    wanted = {
        name: next((choice for choice in possible if str(choice) == request.form.get(name)), None)
        for name, possible in choices().items()
    }
    with work_in(world_name()) as work:
        set_switches(work.world, wanted)
    return back("switches")


@dashboard.post("/_sandbox/pages/reset")
def reset() -> Response:
    with sandbox().store.writing() as session:
        empty_world(session, world_name())
    return back()


@dashboard.post("/_sandbox/pages/exchanges/<int:number>/replay")
def replay_exchange(number: int) -> Response:
    replay(exchange_of(number))
    return back("traffic")


@dashboard.post("/_sandbox/pages/orders/<identifier>/callback")
def replay_callback(identifier: str) -> Response:
    call_back(order_named(identifier))
    return back("traffic")
