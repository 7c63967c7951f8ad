"""The window: one world's orders, traffic, behaviours, clock and switches, for a person.

A script only keeps the page fresh.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import func, select

from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.test_cards import OUTCOMES
from jibit_sandbox.bank.wallets import wallets_in
from jibit_sandbox.behaviours.catalogue import API_CALLS, BEHAVIOURS, PAGE_CALLS
from jibit_sandbox.behaviours.magic_amounts import MAGIC_AMOUNTS
from jibit_sandbox.control.inspection_api import (
    exchange_of,
    moves_of,
    order_named,
    orders_of,
    said_of,
)
from jibit_sandbox.control.parameters import gateway_named, world_name
from jibit_sandbox.core.clock import describe_clock, now_in
from jibit_sandbox.core.context import Work, sandbox, work_in
from jibit_sandbox.core.models import NEWEST_FIRST, Order, Rule, World
from jibit_sandbox.core.worlds import NUMBERS, choices, switches_of
from jibit_sandbox.web.replay import REPLAYED, as_curl
from jibit_sandbox.web.request_log import faults_by_operation, find_exchanges, newest_exchanges

dashboard = Blueprint("dashboard", __name__)
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
        "numbers": NUMBERS,
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
