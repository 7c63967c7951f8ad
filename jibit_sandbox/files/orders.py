"""An order as a JSON object, and an order in any state from one: whole, or in a few words.

``{"state": "paid", "minutes_ago": 14}`` is an order that was paid 14 minutes ago; what is left out
has a default. What an export writes has every field.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.transfers import transfers_of
from jibit_sandbox.bank.wallets import debit
from jibit_sandbox.core.chance import new_digits
from jibit_sandbox.core.clock import LARGEST_STEP
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.errors import Conflict
from jibit_sandbox.core.models import Order, Purchase, Transition
from jibit_sandbox.files import order_facts
from jibit_sandbox.files.fields import MOMENT, TEXT, Fields, number_up_to, one_of
from jibit_sandbox.files.purchases import add_purchase, purchase_object
from jibit_sandbox.files.rows import names_of, object_of, values_in
from jibit_sandbox.files.secrets import without_secrets

HERE = {"world"}  # the columns that follow from where the order stands
GATEWAYS = ("ppg", "ppg_v3", "wallet")
ONLY_AT_V3 = {State.UNKNOWN, State.MANUALLY_CAPTURED, State.REVERSED}
MORE = ("minutes_ago", "history", "purchase", "refunds")
KNOWN = (*names_of(Order, HERE), *MORE)
STATES = [str(state) for state in State]
STEP = ("at", "state", "reason")


def order_object(work: Work, order: Order, history: list[Transition]) -> dict[str, Any]:
    """Return all that the bank knows of an order, real cards and national codes masked."""
    steps = [object_of(step, {"id", "order_identifier"}) for step in history]
    said = without_secrets(object_of(order, HERE)) | {"history": steps}
    purchase = work.session.get(Purchase, order.identifier)
    if purchase is not None:
        said |= purchase_object(purchase, transfers_of(work.session, order.identifier))
    return said


def add_order(work: Work, fields: Fields) -> Order:
    """Store the order that the object describes; a ControlError says what is wrong with it."""
    fields.only(KNOWN)
    gateway = fields.read("gateway", one_of(GATEWAYS), GATEWAYS[0])
    state = State(fields.read("state", one_of(STATES), State.AWAITING))
    if state in ONLY_AT_V3 and gateway != "ppg_v3":
        raise Conflict(f"{fields.place('state')}: only an order of ppg_v3 can be {state}")
    facts = facts_of(work, fields, gateway, state)
    order = Order(**facts, world=work.world.name)
    work.session.add(order)
    work.session.flush()
    if gateway == "wallet" and "payer_wallet" not in fields.values:
        charge(work, order)
    add_history(work, fields, order)
    if gateway == "ppg_v3":
        add_purchase(work, fields, order)
    work.session.flush()
    return order


def facts_of(work: Work, fields: Fields, gateway: str, state: State) -> dict[str, Any]:
    """Return the order's columns, checked."""
    given = values_in(fields, Order, HERE) | {"gateway": gateway, "state": str(state)}
    ago = fields.read("minutes_ago", number_up_to(LARGEST_STEP / 60), 0)
    try:
        at = given.get("modified_at", work.now - timedelta(minutes=ago))
        facts: dict[str, Any] = order_facts.defaults(work, gateway, state, given, at)
    except OverflowError:
        raise fields.wrong("minutes_ago", "within the calendar") from None
    order_facts.check(work, fields, facts)
    if gateway == "ppg_v3" and not is_object(facts.get("additional_data")):
        raise fields.wrong("additional_data", "a text with a JSON object in it")
    if work.session.get(Order, facts["identifier"]) is not None:
        raise Conflict(f"{fields.place('identifier')}: there is an order {facts['identifier']}")
    return facts


def is_object(additional_data: str | None) -> bool:
    try:
        return additional_data is None or isinstance(json.loads(additional_data), dict)
    except (ValueError, RecursionError):
        return False


def charge(work: Work, order: Order) -> None:
    """Take the money of an order that is paid from its payer's wallet."""
    if order.state not in (State.PAID, State.CAPTURED):
        return
    if not debit(work.session, order):
        raise Conflict(f"there is not enough money in the wallet of {order.user_identifier}")
    order.tracking_number = order.tracking_number or new_digits(work.world, "tracking", 9)


def add_history(work: Work, fields: Fields, order: Order) -> None:
    """Store the given history, or the usual way to the order's state."""
    steps: list[tuple[datetime, str, str]] = []
    for step in fields.each("history"):
        step.only(STEP)
        at = step.read("at", MOMENT, order.modified_at)
        state = step.read("state", one_of(STATES), order.state)
        steps.append((at, state, step.read("reason", TEXT, "")))
    for at, state, reason in steps or usual_history(order):
        work.session.add(
            Transition(order_identifier=order.identifier, at=at, state=state, reason=reason)
        )
        work.session.flush()


def usual_history(order: Order) -> list[tuple[datetime, str, str]]:
    first, *others = order_facts.WAYS[State(order.state)]
    later = [(order.modified_at, str(state), reason) for state, reason in others]
    return [(order.created_at, str(first[0]), first[1]), *later]
