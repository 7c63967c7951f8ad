"""Chaos: behaviours mixed at given rates, reproducible by a seed.

The behaviour of the n-th verify of a world depends only on the seed, the word "verify" and n: not
on time, not on other worlds, and not on calls of other operations in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jibit_sandbox.behaviours.catalogue import BEHAVIOURS, Behaviour
from jibit_sandbox.core.errors import Conflict, ControlError
from jibit_sandbox.core.models import Exchange, World

DEFAULT_RATES = {
    "delay": 0.02,
    "reset": 0.02,
    "reset_after_commit": 0.03,
    "error_500": 0.02,
    "error_500_after_commit": 0.02,
    "bad_gateway": 0.02,
    "truncated_json": 0.01,
    "wrong_types": 0.01,
    "token_expired": 0.01,
    "verify_unknown": 0.03,
    "verify_unknown_after_commit": 0.02,
    "inquiry_in_progress": 0.02,
    "callback_missing": 0.05,
    "callback_twice": 0.05,
    "callback_parallel": 0.03,
}
PARAMETERS = {"delay": {"seconds": 0.2}, "delay_after_commit": {"seconds": 0.2}}


def start_chaos(world: World, seed: int, rates: Mapping[str, float]) -> None:
    """Start mixing; raise ControlError for an unknown behaviour or rates above 1."""
    for name, rate in rates.items():
        if name not in BEHAVIOURS:
            raise ControlError(f"there is no behaviour {name!r}")
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise ControlError(f"the rate of {name} must be between 0 and 1, not {rate!r}")
    if sum(rates.values()) > 1:
        raise Conflict("the rates together are more than 1")
    world.chaos = {"seed": seed, "rates": dict(rates), "seen": {}}


def stop_chaos(world: World) -> None:
    world.chaos = None


def behaviour_from_chaos(
    world: World, operation: str | None
) -> tuple[Behaviour, dict[str, Any]] | None:
    """Count the call and return the behaviour that chaos draws for it, or None."""
    if not world.chaos or operation is None:
        return None
    count = world.chaos["seen"].get(operation, 0) + 1
    world.chaos = {**world.chaos, "seen": {**world.chaos["seen"], operation: count}}
    name = draw(world.chaos["seed"], world.chaos["rates"], operation, count)
    if name is None:
        return None
    behaviour = BEHAVIOURS[name]
    return behaviour, dict(behaviour.parameters) | PARAMETERS.get(name, {})


def draw(seed: int, rates: Mapping[str, float], operation: str, count: int) -> str | None:
    """Return the behaviour of the count-th call of an operation, among those that fit it."""
    point = Random(f"{seed}/{operation}/{count}").random()  # noqa: S311 - repeatable is the point
    for name, rate in rates.items():
        if operation in BEHAVIOURS[name].usual:
            point -= rate
            if point < 0:
                return name
    return None


def chaos_statistics(session: Session, world: World) -> dict[str, Any]:
    """Return how many calls were seen, and how many faults of each kind were injected."""
    chosen = (
        select(Exchange.operation, Exchange.behaviour, func.count())
        .where(Exchange.world == world.name, Exchange.source == "chaos")
        .group_by(Exchange.operation, Exchange.behaviour)
    )
    injected: dict[str, Counter[str]] = {}
    for operation, behaviour, count in session.execute(chosen):
        injected.setdefault(str(operation), Counter())[str(behaviour)] = count
    return {
        "running": bool(world.chaos),
        "seed": world.chaos["seed"] if world.chaos else None,
        "rates": world.chaos["rates"] if world.chaos else {},
        "calls": world.chaos["seen"] if world.chaos else {},
        "faults": sum(sum(counts.values()) for counts in injected.values()),
        "injected": {operation: dict(counts) for operation, counts in injected.items()},
    }


def statistics_lines(name: str, statistics: Mapping[str, Any]) -> list[str]:
    """Return the statistics as lines to print."""
    calls = sum(statistics["calls"].values())
    lines = [
        f"Chaos in world {name}, seed {statistics['seed']}:"
        f" {statistics['faults']} faults in {calls} calls"
    ]
    for operation, counts in sorted(statistics["injected"].items()):
        listed = ", ".join(f"{behaviour} {count}" for behaviour, count in sorted(counts.items()))
        lines.append(f"  {operation}: {listed}")
    return lines
