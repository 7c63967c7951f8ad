"""Define what a fact is, and what can be found out about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from .wire import Answer


class Verdict(StrEnum):
    """List what a fact can turn out to be."""

    AGREED = "agreed"
    DIFFERENT = "different"
    NOT_SEEN = "not seen"


class NotSeen(Exception):
    """Raised when nothing was seen that would tell; its text says why."""


def tells_nothing(answer: Answer) -> NotSeen:
    """Return what to raise for an answer from which a fact cannot be judged."""
    return NotSeen(f"the gateway answered {answer.said}")


@dataclass(frozen=True, slots=True)
class Observations:
    """Hold the answers by the name of the question, and why others are missing.

    ``blocking`` are the codes of an answer that tells nothing about what was asked, since the
    gateway refuses the caller altogether. ``lifetimes`` are those of the access and the refresh
    token, None for one that does not tell. ``shown`` makes a text of the gateway fit to be shown.
    """

    base_url: str
    answers: Mapping[str, Answer]
    missing: Mapping[str, str]
    blocking: frozenset[str]
    lifetimes: Mapping[str, timedelta | None]
    shown: Callable[[str], str]

    def any_answer(self, name: str) -> Answer:
        """Return the answer, whatever it is. Raises NotSeen if there is none."""
        if name in self.answers:
            return self.answers[name]
        raise NotSeen(self.missing.get(name, "it was not asked"))

    def answer(self, name: str) -> Answer:
        """Return the answer. Raises NotSeen if there is none, or one that tells nothing."""
        answer = self.any_answer(name)
        if answer.status >= 500 or answer.status == 429 or self.blocking & set(answer.codes):
            raise tells_nothing(answer)
        return answer

    def success(self, name: str) -> Answer:
        """Return the answer. Raises NotSeen also for a refusal."""
        answer = self.answer(name)
        if not answer.ok:
            raise tells_nothing(answer)
        return answer


Judge = Callable[[Observations], str | None]
"""Return what was seen instead, or None if the fact agrees. Raises NotSeen."""


@dataclass(frozen=True, slots=True)
class Fact:
    """State something that the clients, or the sandbox, assume about a gateway.

    ``key`` names it for programs. ``confidence`` is H (the gateway's own text, or two independent
    clients), M (one credible source) or L (a guess).
    """

    section: str
    key: str
    confidence: str
    sentence: str
    judge: Judge


@dataclass(frozen=True, slots=True)
class Finding:
    """Tell what became of a fact; ``detail`` is what was seen instead, or why nothing was."""

    section: str
    key: str
    confidence: str
    sentence: str
    verdict: Verdict
    detail: str = ""


def found(fact: Fact, seen: Observations) -> Finding:
    """Return the finding about a fact."""
    try:
        instead = fact.judge(seen)
    except NotSeen as reason:
        verdict, detail = Verdict.NOT_SEEN, str(reason)
    else:
        verdict = Verdict.AGREED if instead is None else Verdict.DIFFERENT
        detail = instead or ""
    return Finding(fact.section, fact.key, fact.confidence, fact.sentence, verdict, detail)
