"""Choose a call's behaviour: by header, by order, for the next n calls, for the world, by chaos."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from jibit_sandbox.behaviours.catalogue import BEHAVIOURS, Behaviour
from jibit_sandbox.behaviours.chaos import behaviour_from_chaos
from jibit_sandbox.core.context import Call
from jibit_sandbox.core.errors import Conflict, ControlError
from jibit_sandbox.core.models import Rule, World

LARGEST_NUMBER = 10**12  # seconds, times or Rials: more than any rehearsal needs
LARGEST_JSON = 64 * 1024  # bytes of a JSON value, every character above ASCII written as \\uXXXX
DEEPEST_JSON = 100  # lists and objects in one another; Python's reader ends below a thousand


@dataclass(frozen=True, slots=True)
class Chosen:
    """A behaviour for one call, and its source."""

    behaviour: Behaviour
    parameters: dict[str, Any]
    source: str


def add_rule(
    session: Session,
    world: str,
    name: str,
    *,
    gateway: str | None = None,
    operation: str | None = None,
    order: str | None = None,
    times: int | None = 1,
    parameters: Mapping[str, Any] | None = None,
) -> Rule:
    """Add a behaviour for the next ``times`` calls (None: all); may raise ControlError."""
    behaviour = behaviour_named(name)
    if operation is not None and operation not in behaviour.fits:
        raise Conflict(f"{name} fits {', '.join(behaviour.fits)}, not {operation!r}")
    rule = Rule(
        world=world,
        behaviour=name,
        gateway=gateway,
        operation=operation,
        order_identifier=order,
        remaining=times,
        parameters=checked_parameters(behaviour, parameters or {}),
    )
    session.add(rule)
    session.flush()
    return rule


def behaviour_named(name: str) -> Behaviour:
    if name not in BEHAVIOURS:
        raise ControlError(f"there is no behaviour {name!r}; there are {', '.join(BEHAVIOURS)}")
    return BEHAVIOURS[name]


def checked_parameters(behaviour: Behaviour, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return all parameters with the given values; text becomes a number where needed."""
    for name in given:
        if name not in behaviour.parameters:
            raise Conflict(f"{behaviour.name} has no parameter {name!r}")
    return {
        name: as_given(name, default, given.get(name, default))
        for name, default in behaviour.parameters.items()
    }


def as_given(name: str, default: Any, value: Any) -> Any:
    """Return the value as JSON, text or a number, after the type of its default."""
    if takes_json(default):
        return as_json(name, value)
    if isinstance(default, str):
        return str(value)
    return None if value is None else as_number(name, value)


def takes_json(default: Any) -> bool:
    """Return whether a parameter takes any JSON value: its default is an object."""
    return isinstance(default, dict)


def as_json(name: str, value: Any) -> Any:
    """Return the value; raise Conflict if it is too deep, too large or not JSON."""
    if is_deeper(value, DEEPEST_JSON):
        raise Conflict(f"{name} has more than {DEEPEST_JSON} lists and objects in one another")
    try:
        size = len(json.dumps(value, allow_nan=False))
    except ValueError:
        raise Conflict(f"{name} must be JSON, which has no NaN and no Infinity") from None
    if size > LARGEST_JSON:
        raise Conflict(f"{name} has {size} bytes of JSON; {LARGEST_JSON} are allowed")
    return value


def is_deeper(value: Any, levels: int) -> bool:
    """Return whether lists and objects are nested deeper than ``levels``."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(is_deeper(each, levels - 1) for each in inner)


def as_number(name: str, value: Any) -> int | float:
    try:
        number: int | float = float(value) if "." in str(value) else int(value)
    except (TypeError, ValueError, OverflowError):
        raise Conflict(f"{name} must be a number, not {value!r}") from None
    if not 0 <= number <= LARGEST_NUMBER:
        raise Conflict(f"{name} must be between 0 and {LARGEST_NUMBER}")
    return number


def choose(session: Session, world: World, call: Call, header: str | None) -> Chosen | None:
    """Return the call's behaviour or None; use up one of a rule's times."""
    if header:
        return from_header(header)
    rule = next((rule for rule in waiting_rules(session, call) if meets(rule, call)), None)
    if rule is None:
        chance = behaviour_from_chaos(world, call.operation)
        return Chosen(*chance, "chaos") if chance else None
    if rule.remaining is not None:
        rule.remaining -= 1
    return Chosen(BEHAVIOURS[rule.behaviour], dict(rule.parameters), source_of(rule))


def from_header(header: str) -> Chosen:
    """Parse ``delay; seconds=3``, or ``set_field; field=amount; value=null``."""
    name, *settings = (part.strip() for part in header.split(";"))
    behaviour = behaviour_named(name)
    texts = dict(setting.split("=", 1) for setting in settings if "=" in setting)
    given = {
        name: from_json(name, text) if takes_json(behaviour.parameters.get(name)) else text
        for name, text in texts.items()
    }
    return Chosen(behaviour, checked_parameters(behaviour, given), "header")


def from_json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Conflict(f"{name} must be written as JSON, not {text!r}") from None


WAITING = (  # made once: it runs on every call
    select(Rule)
    .where(
        Rule.world == bindparam("world"),
        or_(Rule.remaining.is_(None), Rule.remaining > 0),
        or_(Rule.gateway.is_(None), Rule.gateway == bindparam("gateway")),
        or_(Rule.order_identifier.is_(None), Rule.order_identifier == bindparam("identifier")),
    )
    .order_by(Rule.order_identifier.is_(None), Rule.remaining.is_(None), Rule.id)
)


def waiting_rules(session: Session, call: Call) -> list[Rule]:
    """Return the rules that may apply to this call, the narrower first, then the older."""
    requested = {
        "world": call.world,
        "gateway": call.wire.name,
        "identifier": call.order_identifier,
    }
    return list(session.scalars(WAITING, requested))


def meets(rule: Rule, call: Call) -> bool:
    usual = BEHAVIOURS[rule.behaviour].usual
    return call.operation == rule.operation if rule.operation else call.operation in usual


def source_of(rule: Rule) -> str:
    if rule.order_identifier:
        return "order"
    return "world" if rule.remaining is None else "next calls"
