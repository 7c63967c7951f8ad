"""What the dashboard shows of a world, and which of it changes while somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from flask import render_template, request
from sqlalchemy import func, select

from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.wallets import wallets_in
from jibit_sandbox.behaviours.catalogue import API_CALLS, BEHAVIOURS, PAGE_CALLS
from jibit_sandbox.core.clock import describe_clock, now_in
from jibit_sandbox.core.context import Work, sandbox
from jibit_sandbox.core.models import Order, Rule, World
from jibit_sandbox.core.worlds import NUMBERS, Switches, choices, switches_of
from jibit_sandbox.dashboard.paging import FILTERS, orders_shown, page_of_calls, page_of_orders
from jibit_sandbox.i18n.switch_words import GROUPS
from jibit_sandbox.web.request_log import count_exchanges, faults_by_operation

Facts = dict[str, Any]


def overview(work: Work) -> Facts:
    """Return everything the dashboard shows of a world."""
    facts: Facts = {}
    for gather in LIVE.values():
        facts |= gather(work)
    return facts | {
        "worlds": list(work.session.scalars(select(World.name).order_by(World.name))),
        "orders": page_of_orders(work),
        "calls": page_of_calls(work),
        "gateways": [wire.name for wire in sandbox().wires],
        "behaviours": BEHAVIOURS,
        "operations": API_CALLS + PAGE_CALLS,
        "kept": {name: request.args[name] for name in FILTERS if request.args.get(name)},
        **switch_facts(work),
    }


def switch_facts(work: Work) -> Facts:
    now, defaults = asdict(switches_of(work.world)), asdict(Switches())
    return {
        "switches": now,
        "unchanged": [name for name, value in now.items() if value == defaults[name]],
        "choices": choices(),
        "numbers": NUMBERS,
        "groups": GROUPS,
    }


def clock(work: Work) -> Facts:
    return {"now": now_in(work.world), "clock": describe_clock(work.world)}


def counts(work: Work) -> Facts:
    mine = Order.world == work.world.name
    counted = select(Order.state, func.count()).where(mine).group_by(Order.state)
    states = {str(state): 0 for state in State}
    return {"states": states | {str(state): n for state, n in work.session.execute(counted)}}


def order_count(work: Work) -> Facts:
    found = orders_shown(work)
    return {"order_count": work.session.scalars(found.with_only_columns(func.count())).one()}


def call_count(work: Work) -> Facts:
    return {"call_count": count_exchanges(work, request.args)}


def rules(work: Work) -> Facts:
    active = select(Rule).where(Rule.world == work.world.name).order_by(Rule.id)
    return {
        "rules": [rule for rule in work.session.scalars(active) if rule.remaining != 0],
        "held": sandbox().held_calls.wait_for_held(work.world.name, 0, 0),
        "behaviours": BEHAVIOURS,
    }


def balances(work: Work) -> Facts:
    return {"wallets": wallets_in(work.session, work.world.name)}


def faults(work: Work) -> Facts:
    return {"faults": faults_by_operation(work)}


# The parts of the page that change, by the id of the element around each. The template of a part
# is templates/dashboard/parts/ID.html; the rows of the lists come on their own, see news.py.
LIVE: Mapping[str, Callable[[Work], Facts]] = {
    "now": clock,
    "counts": counts,
    "order-count": order_count,
    "call-count": call_count,
    "rules": rules,
    "balances": balances,
    "faults": faults,
}


def part(work: Work, name: str) -> str:
    """Return the HTML of one part as it is now."""
    facts = LIVE[name](work)
    return render_template(f"dashboard/parts/{name}.html", world=work.world, **facts).strip()
