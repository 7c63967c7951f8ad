"""The state machine of an order's gateway, drawn with the way that the order took through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from jibit_sandbox.bank.orders import ALLOWED_TRANSITIONS, CONTRADICTIONS, State
from jibit_sandbox.core.context import wire_named
from jibit_sandbox.core.models import Order
from jibit_sandbox.core.worlds import Switches
from jibit_sandbox.dashboard.machine_plan import HIGH, ROWS, WIDE, Plan

ONLY_AT_V3 = {State.UNKNOWN} | CONTRADICTIONS
Transitions = Mapping[State, set[State]]


@dataclass(frozen=True, slots=True)
class Box:
    """One state: its place, what an inquiry says in it, and what can follow."""

    state: State
    word: str
    x: float
    y: float
    following: tuple[State, ...]
    was_visited: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """One transition, as the path of an SVG."""

    path: str
    was_taken: bool


@dataclass(frozen=True, slots=True)
class Machine:
    """The whole drawing and its size; every box has the same."""

    boxes: list[Box]
    arrows: list[Arrow]
    width: int
    height: int
    box_width: int = WIDE
    box_height: int = HIGH


def machine_of(
    order: Order, history: Sequence[str], switches: Switches, *, mirrored: bool
) -> Machine:
    """Draw the machine of an order that went through the states of ``history``."""
    allowed = transitions_at(order.gateway)
    plan = Plan(layers_of(allowed), mirrored=mirrored)
    boxes = [
        Box(
            state,
            word_at(order, state, switches),
            *plan.corner(state),
            tuple(sorted(following, key=list(State).index)),
            was_visited=state in history,
            is_current=state == history[-1],
        )
        for state, following in allowed.items()
    ]
    return Machine(boxes, arrows_of(allowed, plan, history), plan.width, plan.height)


def arrows_of(allowed: Transitions, plan: Plan, history: Sequence[str]) -> list[Arrow]:
    """Return the arrows, the taken ones last: they are drawn above the others."""
    taken = set(pairwise(history))
    arrows = [
        Arrow(plan.path(state, following), (state, following) in taken)
        for state in allowed
        for following in sorted(allowed[state], key=ROWS.__getitem__)
    ]
    return sorted(arrows, key=lambda arrow: arrow.was_taken)


def transitions_at(gateway: str) -> Transitions:
    """Return the transitions that an order of the gateway can make."""
    if gateway == "ppg_v3":
        return ALLOWED_TRANSITIONS
    return {
        state: following - ONLY_AT_V3
        for state, following in ALLOWED_TRANSITIONS.items()
        if state not in ONLY_AT_V3
    }


def word_at(order: Order, state: State, switches: Switches) -> str:
    """Return what an inquiry at the order's gateway would say in that state."""
    imagined = Order(
        state=state,
        gateway=order.gateway,
        init_payer_ip=order.init_payer_ip,
        cancelled_by_payer=order.cancelled_by_payer,
    )
    return wire_named(order.gateway).status(imagined, switches)


def layers_of(allowed: Transitions) -> dict[State, int]:
    """Return for each state the largest number of transitions that lead to it."""
    layers = {State.AWAITING: 0}
    waiting = [State.AWAITING]
    while waiting:
        state = waiting.pop()
        for following in allowed[state]:
            if layers[state] + 1 > layers.get(following, 0):
                layers[following] = layers[state] + 1
                waiting.append(following)
    return layers
