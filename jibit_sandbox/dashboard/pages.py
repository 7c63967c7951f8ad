"""The dashboard's pages: one world's orders, requests, behaviours, clock and switches.

They work without JavaScript; the scripts only show what is new, and copy.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from jibit_sandbox.bank.contradictions import CONTRADICTED
from jibit_sandbox.bank.orders import ALLOWED_TRANSITIONS, State
from jibit_sandbox.bank.test_cards import TEST_CARDS
from jibit_sandbox.bank.transfers import HALTED, transfers_of
from jibit_sandbox.bank.transfers import state_of as transfer_state
from jibit_sandbox.behaviours.catalogue import BEHAVIOURS, Behaviour
from jibit_sandbox.behaviours.magic_amounts import (
    ABOVE,
    MAGIC_AMOUNTS,
    PURCHASE_AMOUNTS,
    operation_of,
)
from jibit_sandbox.control.at_once import possible_at_once
from jibit_sandbox.control.inspection import (
    exchange_of,
    inquiry_status,
    order_named,
    transitions_of,
)
from jibit_sandbox.control.parameters import world_name
from jibit_sandbox.control.purchases import WANTED_STATES
from jibit_sandbox.core.context import Work, work_in
from jibit_sandbox.core.models import Order, Purchase
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.dashboard.machine import machine_of
from jibit_sandbox.dashboard.news import mark_of
from jibit_sandbox.dashboard.overview import call_count, order_count, overview
from jibit_sandbox.dashboard.paging import page_of_order_calls
from jibit_sandbox.dashboard.timeline import kills_told, shop_page_of, timeline_of
from jibit_sandbox.i18n.translations import gettext_noop as _
from jibit_sandbox.web.redaction import masked_addresses
from jibit_sandbox.web.replay import REPLAYED, as_curl

AT_ONCE_WORDS = {
    "pay": _("Pay it now"),
    "decline": _("Decline it now"),
    "expire": _("Expire it now"),
    "reset": _("Reset it"),
}
dashboard = Blueprint("dashboard", __name__)


@dashboard.get("/")
def index() -> str:
    with work_in(world_name()) as work:
        facts = overview(work)
        return render_template(
            "dashboard/index.html", world=work.world, mark=mark_of(work), **facts
        )


@dashboard.get("/_sandbox", strict_slashes=False)
@dashboard.get("/_sandbox/pages", strict_slashes=False)
def overview_of_pages() -> Response:
    """Redirect whoever leaves out the rest of an address to the overview, which has every link."""
    return redirect(url_for("dashboard.index", world=world_name(), lang=g.language))


@dashboard.get("/_sandbox/pages/orders/<identifier>")
def order(identifier: str) -> str:
    """Show one order: its state machine, its history and its requests."""
    found, kills = order_named(identifier), kills_told()
    with work_in(world_name()) as work:
        facts = order_facts(work, found)
        timeline = timeline_of(work, facts["transitions"], facts["calls"].rows, kills)
        return render_template("dashboard/order.html", timeline=timeline, **facts)


def order_facts(work: Work, order: Order) -> dict[str, Any]:
    transitions = transitions_of(work, order)
    states, switches = [transition.state for transition in transitions], switches_of(work.world)
    return {
        "world": work.world,
        "order": order,
        "callback_url": masked_addresses(order.callback_url),
        "said": inquiry_status(work, order),
        "transitions": transitions,
        "machine": machine_of(order, states, switches, mirrored=g.language == "fa"),
        "purchase": work.session.get(Purchase, order.identifier),
        "transfers": transfers_of(work.session, order.identifier),
        "transfer_state": partial(transfer_state, now=work.now),
        "contradictions": contradictions_of(order),
        "at_once": {action: AT_ONCE_WORDS[action] for action in possible_at_once(order)},
        "halted": sorted(HALTED),
        "calls": page_of_order_calls(work, order.identifier),
        "shop_page": shop_page_of(order),
    }


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
            behaviours=BEHAVIOURS,
        )


@dashboard.get("/_sandbox/pages/guide")
def guide() -> str:
    """Show what can be asked of the sandbox: behaviours, test cards and magic amounts."""
    with work_in(world_name()) as work:
        return render_template(
            "dashboard/guide.html",
            world=work.world,
            behaviours=BEHAVIOURS,
            test_cards=TEST_CARDS,
            amounts=magic_amounts(),
            operation_of=operation_of,
        )


def magic_amounts() -> list[tuple[int | None, int, Behaviour]]:
    """Return each behaviour's amount at PPG v2 and the wallet, if it has one, and at PPG v3."""
    return [
        (amount - ABOVE if amount - ABOVE in MAGIC_AMOUNTS else None, amount, behaviour)
        for amount, behaviour in PURCHASE_AMOUNTS.items()
    ]


@dashboard.get("/_sandbox/pages/reset")
def ask_before_reset() -> str:
    """Ask whether the world is really to be emptied, and say how much would be lost."""
    with work_in(world_name()) as work:
        facts = order_count(work) | call_count(work)
        return render_template("dashboard/reset.html", world=work.world, **facts)
