"""Judge facts: the judgements that the gateways share.

A judgement returns None if the fact agrees, and what was seen instead if it does not.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NoReturn
from urllib.parse import urlsplit

from .facts import Judge, NotSeen, Observations
from .wire import Answer

NEEDS_PAYMENT: Final = "it needs a payment"
NEEDS_TIME: Final = "it needs a quarter of an hour of waiting"


def unseen(why: str) -> Judge:
    """Judge nothing: harmless calls cannot see the fact."""

    def judge(_: Observations) -> NoReturn:
        raise NotSeen(why)

    return judge


def refused(name: str, status: int, *codes: str) -> Judge:
    """Expect a refusal with this status and exactly these codes, in any order.

    A code may go on after a full stop: some end with the name of a parameter.
    """

    def judge(seen: Observations) -> str | None:
        answer = seen.answer(name)
        told = {_shortened(code, codes) for code in answer.codes}
        return None if answer.status == status and told == set(codes) else answer.said

    return judge


def _shortened(code: str, codes: tuple[str, ...]) -> str:
    return next((each for each in codes if code.startswith(f"{each}.")), code)


def answered(name: str) -> Judge:
    """Expect an answer that is no refusal."""

    def judge(seen: Observations) -> str | None:
        answer = seen.answer(name)
        return None if answer.ok else answer.said

    return judge


def not_with_status(name: str, status: int) -> Judge:
    """Expect any answer but one with this status."""

    def judge(seen: Observations) -> str | None:
        answer = seen.answer(name)
        return answer.said if answer.status == status else None

    return judge


def with_status(name: str, status: int) -> Judge:
    """Expect an answer with this status, whatever its codes."""

    def judge(seen: Observations) -> str | None:
        answer = seen.answer(name)
        return None if answer.status == status else answer.said

    return judge


def says(name: str, field: str, expected: object) -> Judge:
    """Expect an answer in which a field has this value."""

    def judge(seen: Observations) -> str | None:
        answer = seen.answer(name)
        return field_differs(seen, answer, field, expected) if answer.ok else answer.said

    return judge


def field_differs(seen: Observations, answer: Answer, field: str, expected: object) -> str | None:
    """Return what a field of the answer is instead; None if it is as expected."""
    value = answer.body.get(field)
    if type(value) is type(expected) and value == expected:
        return None
    return f"{field} is {seen.shown(repr(value))}"


def not_refused_with(name: str, codes: frozenset[str]) -> Judge:
    """Expect an answer without one of these codes, which are about the caller."""

    def judge(seen: Observations) -> str | None:
        answer = seen.any_answer(name)
        if codes & set(answer.codes):
            return answer.said
        seen.success(name)
        return None

    return judge


def lives(kind: str, life: timedelta) -> Judge:
    """Expect the token of this kind, ``access`` or ``refresh``, to be a JWT that lives so long."""

    def judge(seen: Observations) -> str | None:
        lifetime = seen.lifetimes.get(kind)
        if lifetime is None:
            raise NotSeen("the token does not tell when it ends")
        return None if lifetime == life else f"{lifetime / timedelta(hours=1):g} hours"

    return judge


def in_both_languages(english: str, persian: str) -> Judge:
    """Expect one refusal to have its message in the language that was asked for."""

    def judge(seen: Observations) -> str | None:
        told = [" ".join(seen.answer(name).messages) for name in (english, persian)]
        if not all(told):
            raise NotSeen("the refusal has no message")
        first, second = ("Persian" if _is_persian(each) else "not Persian" for each in told)
        if (first, second) == ("not Persian", "Persian"):
            return None
        return f"asked for in English it is {first}, in Persian {second}"

    return judge


def _is_persian(text: str) -> bool:
    return any("\u0600" <= letter <= "\u06ff" for letter in text)


def payment_address(field: str, path: str, identifier: str) -> Judge:
    """Expect where the payer pays to be ``path`` below the base URL, with the order's id in it."""

    def judge(seen: Observations) -> str | None:
        body = seen.success("create").body
        address = body.get(field)
        if address == f"{seen.base_url}{path.format(body.get(identifier))}":
            return None
        host = urlsplit(address).netloc if isinstance(address, str) else ""
        return f"{field} is another address, at {seen.shown(host) or 'no host'}"

    return judge
