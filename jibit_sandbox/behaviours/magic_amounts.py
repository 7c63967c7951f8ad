"""Magic amounts: an order of such an amount meets a behaviour, whatever card pays it.

The amounts are too small for any real goods (101 to 199 Toman), so no shop meets them by accident.
Each behaviour has its own, by its place in the catalogue.
"""

from __future__ import annotations

from jibit_sandbox.behaviours.catalogue import BEHAVIOURS, Behaviour
from jibit_sandbox.behaviours.rules import add_rule
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import Order

FIRST = 1010  # Rials
STEP = 10
ODD_CONTENTS = ("far_future_date", "overlong_fields", "odd_fields", "set_field")
ALWAYS = (
    *("inquiry_in_progress", "inquiry_other_amount", "inquiry_other_currency"),
    *ODD_CONTENTS,
)
TWICE = ("verify_unknown", "inquiry_unknown")


def operation_of(behaviour: Behaviour) -> str | None:
    """Where an order meets it: at its verify if it can, else wherever it usually is met.

    Odd contents are met at the inquiry, because PPG's verify has no such fields.
    """
    if behaviour.name in ODD_CONTENTS:
        return "inquiry"
    return "verify" if "verify" in behaviour.usual else behaviour.usual[0]


MAGIC_AMOUNTS = {
    FIRST + STEP * place: behaviour
    for place, behaviour in enumerate(
        behaviour
        for behaviour in BEHAVIOURS.values()
        if {"verify", "inquiry", "pay"} & set(behaviour.usual)
    )
}


def times_of(behaviour: Behaviour) -> int | None:
    """How often the order meets it; None: always."""
    if behaviour.name in ALWAYS:
        return None
    return 2 if behaviour.name in TWICE else 1


def arm_magic(work: Work, order: Order) -> None:
    """Let the order meet the behaviour of its amount, if that is a magic one."""
    behaviour = MAGIC_AMOUNTS.get(order.amount_rials)
    if behaviour is not None:
        add_rule(
            work.session,
            order.world,
            behaviour.name,
            operation=operation_of(behaviour),
            order=order.identifier,
            times=times_of(behaviour),
        )
