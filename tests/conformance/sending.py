"""Which questions are sent to a gateway, and in which words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jibit_client.conform import Target
from tests.conformance.questions import Body, Question
from tests.conformance.sheets import Sheet

CHANGING = ("DELETE", "PATCH", "PUT")
ASK_FOR_ORDERS = "it may make an order: only ALLOW_ORDERS=1 sends it"
MOST_RIALS = 100_000  # of any amount that the gateway might accept
NAMES = ("world", "access", "refresh", "order", "paid")  # what can be said of any gateway


@dataclass(frozen=True)
class Request:
    """A question in the words of one merchant, as ``Asker.ask`` wants it.

    ``spare`` are codes that may come beside the row's own.
    """

    how: dict[str, Any]
    reference: str | None = None
    spare: frozenset[str] = frozenset()


def why_not(question: Question, sheet: Sheet, target: Target) -> str:
    """Why a question is not sent to this target; nothing if it is."""
    if question.call in sheet.never:
        return sheet.never[question.call]
    if question.needs:
        return question.needs
    if question.method in CHANGING:
        return f"{question.method} is sent once only, among the open points"
    if not _can_be_said(question):
        return "it needs an order in a certain state"
    return _why_no_create(question, target) if question.call == "create" else ""


def _can_be_said(question: Question) -> bool:
    try:
        _words(question, dict.fromkeys(NAMES, ""))
    except KeyError:
        return False
    return True


def _why_no_create(question: Question, target: Target) -> str:
    if question.whole and _is_large(question):
        return "its amount is not small"
    return ASK_FOR_ORDERS if question.whole and not target.may_order else ""


def _is_large(question: Question) -> bool:
    amounts = [question.change.get(name) for name in ("amount", "wage")]
    return any(type(each) is int and each > MOST_RIALS for each in amounts)


def request_of(
    question: Question, sheet: Sheet, target: Target, facts: Mapping[str, str]
) -> Request:
    """The call as it is sent; a create has a second mistake without leave for (large) orders."""
    path, headers, change = _words(question, facts)
    how: dict[str, Any] = {"method": question.method, "path": path}
    how["headers"] = {name: value for name, value in headers.items() if value is not None}
    if "Authorization" in headers and headers["Authorization"] is None:
        how["token"] = None
    if question.text is not None or question.good is None:
        return Request(how | {"text": question.text})
    body, spare = _body(question, sheet, target, facts)
    body |= change
    how["text"] = json.dumps({name: value for name, value in body.items() if value is not ...})
    return Request(how, str(body.get(sheet.reference)), spare)


def _body(
    question: Question, sheet: Sheet, target: Target, facts: Mapping[str, str]
) -> tuple[dict[str, Any], frozenset[str]]:
    """The good body in the merchant's own words, and the codes of what we made wrong in it."""
    if question.call == "generate":
        return {**target.credentials}, frozenset()
    body = _filled(question.good or {}, facts)
    if question.call != "create":
        return body, frozenset()
    body |= {**sheet.order, sheet.reference: target.new_reference()}
    body[sheet.callback] = target.callback_url
    if target.may_order and not _is_large(question):
        return body, frozenset()
    name, value, code = next(each for each in sheet.hopeless if each[0] not in question.change)
    return body | {name: value}, frozenset({code})


def _words(
    question: Question, facts: Mapping[str, str]
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Path, headers and change with the facts in their places. Raises KeyError for another one."""
    path = question.path.format_map(facts)
    return path, _filled(question.headers, facts), _filled(question.change, facts)


def _filled(body: Body, facts: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: value.format_map(facts) if isinstance(value, str) and value != "{}" else value
        for name, value in body.items()
    }
