"""Read the parameters of the control API and the dashboard."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import request

from jibit_sandbox.core.clock import LARGEST_RATE, LARGEST_STEP, from_text
from jibit_sandbox.core.context import Work, sandbox, work_in
from jibit_sandbox.core.errors import ControlError
from jibit_sandbox.core.settings import DEFAULT_WORLD, checked_seed
from jibit_sandbox.core.worlds import NAME

LONGEST_NUMBER = 15  # digits


def world_name() -> str:
    """Return the world that this request names."""
    name = request.args.get("world", request.headers.get("X-Sandbox-World", DEFAULT_WORLD))
    if not NAME.fullmatch(name):
        raise ControlError("a world's name is 1 to 64 letters, digits, '-' or '_'")
    return name


@contextmanager
def world_work() -> Iterator[Work]:
    with work_in(world_name()) as work:
        yield work


def body_object() -> dict[str, Any]:
    """Return the JSON object in the body; raise ControlError if there is none."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None
    if not isinstance(body, dict):
        raise ControlError("send a JSON object, with Content-Type: application/json")
    return body


def number_in(body: dict[str, Any], name: str, default: float | None = None) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ControlError(f"{name} must be a number, not {value!r}")
    if not -LARGEST_STEP <= value <= LARGEST_STEP:
        raise ControlError(f"{name} is too large")
    return value


def rate_in(body: dict[str, Any]) -> float:
    rate = number_in(body, "rate", 60)
    if not 0 <= rate <= LARGEST_RATE:
        raise ControlError(f"rate must be between 0 and {LARGEST_RATE}")
    return rate


def whole_in(body: dict[str, Any], name: str, default: int | None) -> int | None:
    """Return a whole number, also one written as 3.0; None for null."""
    value = body.get(name, default)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is not None and type(value) is not int:
        raise ControlError(f"{name} must be a whole number or null, not {value!r}")
    return value


def seed_in(body: dict[str, Any]) -> int | None:
    """Return the seed of a world; None for a world of chance."""
    seed = whole_in(body, "seed", None)
    try:
        return None if seed is None else checked_seed("seed", seed)
    except ValueError as error:
        raise ControlError(str(error)) from None


def text_in(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise ControlError(f"{name} must be a string or null, not {value!r}")
    return value


def gateway_named(name: object) -> str | None:
    """Return the name of a gateway, or None for all; raise ControlError for any other."""
    names = [wire.name for wire in sandbox().wires]
    if name is not None and name not in names:
        raise ControlError(f"gateway can be one of {names} or null, not {name!r}")
    return name


def object_in(body: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise ControlError(f"{name} must be an object or null, not {value!r}")
    return value


def moment_in(body: dict[str, Any], name: str) -> datetime | None:
    try:
        return from_text(body[name]) if body.get(name) is not None else None
    except (TypeError, ValueError):
        raise ControlError(f"{name} must be an ISO date and time, not {body[name]!r}") from None


def whole_argument(name: str) -> int:
    """Return a whole number of the query string; 0 where there is none."""
    said = request.args.get(name, "0")
    if not said.isascii() or not said.isdigit() or len(said) > LONGEST_NUMBER:
        raise ControlError(f"{name} must be a whole number, not {said!r}")
    return int(said)


def word_field(name: str, words: Collection[str], default: str = "") -> str:
    """Return a word of a form; a ControlError lists the words that it can be."""
    return checked_word(name, request.form.get(name, default), words)


def checked_word(name: str, said: str | None, words: Collection[str]) -> str:
    """Return what was said if it is one of the words; a ControlError lists them."""
    if said is None or said not in words:
        raise ControlError(f"{name} can be one of {list(words)}, not {said!r}")
    return said


def whole_field(name: str, default: int, most: int) -> int:
    """Return a whole number of a form; the default where there is none."""
    number = request.form.get(name, default, int)
    if not 0 <= number <= most:
        raise ControlError(f"{name} must be between 0 and {most}")
    return number


def seconds_in(values: Mapping[str, str], default: float) -> float:
    """Return the seconds in a form or a query string; the default where there are none."""
    try:
        seconds = float(values.get("seconds", default))
    except ValueError:
        seconds = default
    if not -LARGEST_STEP <= seconds <= LARGEST_STEP:  # NaN is not, either
        raise ControlError("seconds is too large")
    return seconds
