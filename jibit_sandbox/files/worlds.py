"""A world as a JSON file: its seed, clock, switches, balances, behaviours, chaos and orders.

Tokens and traffic are not in it: a client asks for a new token, as after a reset.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jibit_sandbox.bank.wallets import is_mobile, wallet_of, wallets_in
from jibit_sandbox.behaviours.chaos import start_chaos
from jibit_sandbox.behaviours.rules import add_rule
from jibit_sandbox.core.clock import LARGEST_RATE, as_text, now_in, run_clock
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.errors import ControlError
from jibit_sandbox.core.models import (
    OLDEST_FIRST,
    Order,
    Rule,
    TakenReference,
    Transition,
    World,
)
from jibit_sandbox.core.settings import LONGEST_SEED, checked_seed
from jibit_sandbox.core.worlds import Switches, seeded_world, set_switches, switches_of
from jibit_sandbox.files.fields import (
    MOMENT,
    TEXT,
    TEXTS,
    WHOLE,
    Fields,
    Kind,
    number_up_to,
    one_of,
    parsed,
    text_of,
)
from jibit_sandbox.files.order_facts import MOBILE
from jibit_sandbox.files.orders import GATEWAYS, add_order, order_object

FORMAT = "jibit-sandbox world 1"
SEED = Kind(f"a whole number of at most {LONGEST_SEED} digits", lambda said: checked_seed("", said))
RATE = number_up_to(LARGEST_RATE)
KNOWN = (
    *("format", "seed", "drawn", "clock", "switches", "default_balance_rials", "wallets"),
    *("behaviours", "chaos", "taken_references", "orders"),
)
RULE = ("name", "gateway", "operation", "order", "times", "parameters")


def world_object(work: Work) -> dict[str, Any]:
    """Return the whole world as JSON."""
    world, session = work.world, work.session
    mine = select(Order).where(Order.world == world.name).order_by(*OLDEST_FIRST)
    usual = asdict(Switches())
    now = asdict(switches_of(world))
    return {
        "format": FORMAT,
        "seed": world.seed,
        "drawn": world.drawn,
        "clock": {"now": as_text(work.now), "rate": world.clock_rate},
        "switches": {name: value for name, value in now.items() if value != usual[name]},
        "default_balance_rials": world.default_balance_rials,
        "wallets": [
            {"mobile": wallet.mobile, "balance_rials": wallet.balance_rials}
            for wallet in wallets_in(session, world.name)
        ],
        "behaviours": [rule_object(rule) for rule in rules_in(session, world)],
        "chaos": world.chaos,
        "taken_references": taken_in(session, world),
        "orders": [
            order_object(work, order, history_of(session, order)) for order in session.scalars(mine)
        ],
    }


def history_of(session: Session, order: Order) -> list[Transition]:
    mine = select(Transition).where(Transition.order_identifier == order.identifier)
    return list(session.scalars(mine.order_by(Transition.id)))


def rules_in(session: Session, world: World) -> list[Rule]:
    """Return the behaviours that still wait for calls."""
    mine = select(Rule).where(Rule.world == world.name).order_by(Rule.id)
    return [rule for rule in session.scalars(mine) if rule.remaining != 0]


def taken_in(session: Session, world: World) -> list[str]:
    taken = select(TakenReference.reference_number).where(TakenReference.world == world.name)
    return list(session.scalars(taken.order_by(TakenReference.reference_number)))


def rule_object(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.behaviour,
        "gateway": rule.gateway,
        "operation": rule.operation,
        "order": rule.order_identifier,
        "times": rule.remaining,
        "parameters": rule.parameters,
    }


def load_file(session: Session, name: str, file: Path) -> World:
    """Load a file; a ValueError names it, and what is wrong in it."""
    document = parsed(text_of(file), str(file))
    try:
        return load_world(session, name, document)
    except ControlError as error:
        raise ValueError(f"{file}: {error}") from None


def load_world(session: Session, name: str, document: Any) -> World:
    """Empty the world and fill it from a document; a ControlError names what is wrong in it.

    A world keeps its own seed where the document has none.
    """
    fields = Fields(document)
    fields.only(KNOWN)
    fields.read("format", one_of([FORMAT]))
    before = session.get(World, name)
    seed = before.seed if before else session.info.get("seed")
    world = seeded_world(session, name, fields.read("seed", SEED, seed))
    world.drawn = counts_in(fields.inner("drawn"))
    set_clock(world, fields.inner("clock"))
    set_facts(session, world, fields)
    work = Work(session, world, now_in(world))
    for each in fields.each("orders"):
        add_order(work, each)
    for each in fields.each("behaviours"):
        load_rule(session, world, each)
    set_wallets(session, world, fields)  # last: what they hold is after all payments
    return world


def counts_in(fields: Fields) -> dict[str, int]:
    return {name: fields.read(name, WHOLE, 0) for name in fields.values}


def set_clock(world: World, fields: Fields) -> None:
    """Let the world's time go on where the file was written."""
    fields.only(("now", "rate"))
    now, rate = fields.read("now", MOMENT), fields.read("rate", RATE, world.clock_rate)
    if fields.values:
        run_clock(world, float(rate), now)


def set_facts(session: Session, world: World, fields: Fields) -> None:
    """Set switches, default balance, chaos and taken references."""
    balance = fields.read("default_balance_rials", WHOLE, world.default_balance_rials)
    world.default_balance_rials = balance
    try:
        set_switches(world, fields.inner("switches").values)
        load_chaos(world, fields.inner("chaos"))
    except ControlError as error:
        raise ControlError(f"switches and chaos: {error}") from None
    for reference in fields.read("taken_references", TEXTS, []):
        session.merge(TakenReference(world=world.name, reference_number=reference))


def load_chaos(world: World, fields: Fields) -> None:
    if not fields.values:
        return
    fields.only(("seed", "rates", "seen"))
    start_chaos(world, fields.read("seed", WHOLE, 0), fields.inner("rates").values)
    world.chaos = {**(world.chaos or {}), "seen": counts_in(fields.inner("seen"))}


def load_rule(session: Session, world: World, fields: Fields) -> None:
    fields.only(RULE)
    times = fields.read("times", WHOLE) if "times" in fields.values else 1
    try:
        add_rule(
            session,
            world.name,
            fields.read("name", TEXT, ""),
            gateway=fields.read("gateway", one_of(GATEWAYS)),
            operation=fields.read("operation", TEXT),
            order=fields.read("order", TEXT),
            times=times,
            parameters=fields.inner("parameters").values,
        )
    except ControlError as error:
        raise type(error)(f"{fields.path}: {error}") from None


def set_wallets(session: Session, world: World, fields: Fields) -> None:
    for each in fields.each("wallets"):
        each.only(("mobile", "balance_rials"))
        mobile = each.read("mobile", TEXT, "")
        if not is_mobile(mobile):
            raise each.wrong("mobile", f"a mobile number like {MOBILE}")
        wallet = wallet_of(session, world.name, mobile)
        wallet.balance_rials = each.read("balance_rials", WHOLE, wallet.balance_rials)
