"""Magic amounts: an order of such an amount gets a behaviour, whatever card pays it.

The amounts (101 to 199 Toman) are too small for real products, so no shop uses them by accident.
Each behaviour has its own amount, by its position in the catalogue. PPG v3 takes nothing below
5,000 Rials, so its amounts are 5,000,000 Rials above these, and it has some more behaviours.
"""

from __future__ import annotations

from jibit_sandbox.behaviours.catalogue import BEHAVIOURS, PURCHASES, Behaviour
from jibit_sandbox.behaviours.rules import add_rule
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import Order

FIRST = 1010  # Rials
STEP = 10
ABOVE = 5_000_000
ODD_CONTENTS = (
    *("far_future_date", "overlong_fields", "odd_fields", "set_field"),
    "hostile_texts",
)
ALWAYS = (
    *("inquiry_in_progress", "inquiry_other_amount", "inquiry_other_currency"),
    *ODD_CONTENTS,
)
TWICE = ("verify_unknown", "inquiry_unknown")


def operation_of(behaviour: Behaviour) -> str | None:
    """Return the operation at which an order meets it: verify if possible, else its usual one.

    Odd contents apply to the inquiry, because PPG's verify has no such fields.
    """
    if behaviour.name in ODD_CONTENTS:
        return "inquiry"
    return "verify" if "verify" in behaviour.usual else behaviour.usual[0]


MAGIC_AMOUNTS = {
    FIRST + STEP * place: behaviour
    for place, behaviour in enumerate(
        behaviour
        for behaviour in BEHAVIOURS.values()
        if {"verify", "inquiry", "pay"} & set(behaviour.usual) and behaviour not in PURCHASES
    )
}
PURCHASE_AMOUNTS = {  # at PPG v3, where the amount is meant without the wage
    ABOVE + FIRST + STEP * place: behaviour
    for place, behaviour in enumerate((*MAGIC_AMOUNTS.values(), *PURCHASES))
}


def magic_behaviour(order: Order) -> Behaviour | None:
    """Return the behaviour of the order's amount, if that is a magic one."""
    if order.gateway == "ppg_v3":
        return PURCHASE_AMOUNTS.get(order.amount)
    return MAGIC_AMOUNTS.get(order.amount_rials)


def times_of(behaviour: Behaviour) -> int | None:
    """Return how often the order meets it; None: always."""
    if behaviour.name in ALWAYS:
        return None
    return 2 if behaviour.name in TWICE else 1


def arm_magic(work: Work, order: Order) -> None:
    """Add the behaviour of the order's amount, if that is a magic one."""
    behaviour = magic_behaviour(order)
    if behaviour is not None:
        add_rule(
            work.session,
            order.world,
            behaviour.name,
            operation=operation_of(behaviour),
            order=order.identifier,
            times=times_of(behaviour),
        )
