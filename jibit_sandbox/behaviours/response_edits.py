"""Response edits: successful responses with a wrong status, amount, reference or shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jibit_sandbox.core.context import Call, Fields


def other_status(call: Call, answer: Fields) -> Fields:
    return call.wire.with_status(call, answer, call.parameters["status"])


def other_amount(call: Call, answer: Fields) -> Fields:
    """Multiply by ten, as when Toman and Rials are confused, unless an amount is set."""
    return other(call, answer, "amount", lambda amount: call.parameters["amount"] or amount * 10)


def other_currency(call: Call, answer: Fields) -> Fields:
    return other(call, answer, "currency", lambda said: "RIALS" if said == "TOMAN" else "TOMAN")


def other_reference(call: Call, answer: Fields) -> Fields:
    return other(call, answer, "reference", lambda _: call.parameters["reference"])


def other(call: Call, answer: Fields, fact: str, response_edit: Callable[[Any], Any]) -> Fields:
    """Return the response with another value for a fact, if it has that field."""
    name = call.wire.fields.get(fact)
    return {**answer, name: response_edit(answer[name])} if name in answer else answer


def extra_fields(_: Call, answer: Fields) -> Fields:
    return {"newInVersion3": {"nested": [1, None, "x"]}, **answer, "status2": "OK", "": 0}


def wrong_types(_: Call, answer: Fields) -> Fields:
    """Turn numbers and booleans into strings, and strings into lists."""
    return {name: mistyped(value) for name, value in answer.items()}


def mistyped(value: Any) -> Any:
    if isinstance(value, str):
        return [value]
    return value if value is None else str(value)


def no_fields(_: Call, __: Fields) -> Fields:
    return {}


def with_gap(answer: Fields) -> Fields:
    """Return the page without its first element."""
    return {**answer, "elements": answer["elements"][1:]}


def with_duplicate(answer: Fields) -> Fields:
    """Return the page with its first element twice, as when rows shift between pages."""
    return {**answer, "elements": answer["elements"][:1] + answer["elements"]}


def as_list(answer: Any) -> Any:
    return [answer]
