"""The dashboard's pages: one world's orders, requests, behaviours, clock and switches.

They work without JavaScript; the script only refreshes them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import func, select

from jibit_sandbox.bank.contradictions import CONTRADICTED
from jibit_sandbox.bank.orders import ALLOWED_TRANSITIONS, State
from jibit_sandbox.bank.test_cards import TEST_CARDS
from jibit_sandbox.bank.transfers import HALTED, transfers_of
from jibit_sandbox.bank.transfers import state_of as transfer_state
from jibit_sandbox.bank.wallets import wallets_in
from jibit_sandbox.behaviours.catalogue import API_CALLS, BEHAVIOURS, PAGE_CALLS
from jibit_sandbox.behaviours.magic_amounts import MAGIC_AMOUNTS, PURCHASE_AMOUNTS
from jibit_sandbox.control.inspection import (
    exchange_of,
    inquiry_status,
    order_named,
    orders_of,
    transitions_of,
)
from jibit_sandbox.control.parameters import gateway_named, world_name
from jibit_sandbox.control.purchases import WANTED_STATES
from jibit_sandbox.core.clock import describe_clock, now_in
from jibit_sandbox.core.context import Work, sandbox, work_in
from jibit_sandbox.core.models import NEWEST_FIRST, Order, Purchase, Rule, World
from jibit_sandbox.core.worlds import NUMBERS, choices, switches_of
from jibit_sandbox.web.replay import REPLAYED, as_curl
from jibit_sandbox.web.request_log import (
    count_exchanges,
    faults_by_operation,
    find_exchanges,
    newest_exchanges,
)

dashboard = Blueprint("dashboard", __name__)
SHOWN = 60  # orders and exchanges on the page


@dashboard.get("/")
def index() -> str:
    with work_in(world_name()) as work:
        return render_template("dashboard/index.html", **overview(work))


def overview(work: Work) -> dict[str, Any]:
    """Return everything the overview shows of a world."""
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
        "order_count": work.session.scalars(orders.with_only_columns(func.count())).one(),
        "orders": list(work.session.scalars(orders.order_by(*NEWEST_FIRST).limit(SHOWN))),
        "wallets": wallets_in(work.session, work.world.name),
        "states": {str(state): 0 for state in State}
        | {str(state): count for state, count in work.session.execute(counts)},
        "exchange_count": count_exchanges(work, request.args),
        "exchanges": newest_exchanges(work, request.args, SHOWN),
        "rules": [rule for rule in work.session.scalars(rules) if rule.remaining != 0],
        "behaviours": BEHAVIOURS,
        "operations": API_CALLS + PAGE_CALLS,
        "faults": faults_by_operation(work),
        "held": sandbox().held_calls.wait_for_held(work.world.name, 0, 0),
        "switches": asdict(switches_of(work.world)),
        "choices": choices(),
        "numbers": NUMBERS,
        "test_cards": TEST_CARDS,
        "amounts": MAGIC_AMOUNTS | PURCHASE_AMOUNTS,
    }


def chosen_gateway(form: Mapping[str, str]) -> str | None:
    """Return the gateway chosen in a form; the list's first entry means all."""
    return gateway_named(form.get("gateway") or None)


@dashboard.get("/_sandbox/pages/orders/<identifier>")
def order(identifier: str) -> str:
    """Show one order: its states, its history and its requests."""
    found = order_named(identifier)
    with work_in(world_name()) as work:
        return render_template(
            "dashboard/order.html",
            world=work.world,
            order=found,
            said=inquiry_status(work, found),
            transitions=transitions_of(work, found),
            purchase=work.session.get(Purchase, identifier),
            transfers=transfers_of(work.session, identifier),
            transfer_state=partial(transfer_state, now=work.now),
            contradictions=contradictions_of(found),
            halted=sorted(HALTED),
            exchanges=find_exchanges(work, {"order": identifier}),
        )


def contradictions_of(order: Order) -> list[str]:
    """Return the states that a purchase can still turn out to be in, by hand or at the PSP."""
    possible: Collection[State] = ()
    if order.gateway == "ppg_v3" and order.state in CONTRADICTED:
        possible = ALLOWED_TRANSITIONS[State(order.state)]
    return [word for word, state in WANTED_STATES.items() if state in possible]


@dashboard.get("/_sandbox/pages/exchanges/<int:number>")
def exchange(number: int) -> str:
    """Show one request and its response, with its curl command."""
    found = exchange_of(number)
    with work_in(world_name()) as work:
        return render_template(
            "dashboard/exchange.html",
            world=work.world,
            exchange=found,
            curl=as_curl(found, request.host_url.rstrip("/")),
            can_replay=found.operation in REPLAYED,
        )
