"""Define what a check finds: a verdict, a sentence, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """List how a thing can be found."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: ``check`` is the title of the check that found it; ``todo`` may be empty."""

    verdict: Verdict
    sentence: str
    todo: str = ""
    check: str = ""


Findings = Iterator[Finding]


@dataclass(frozen=True, slots=True)
class Check:
    """A named look at one thing.

    ``look`` yields what it finds, in the context of the application; after ``seconds`` it is given
    up.
    """

    title: str
    look: Callable[[], Findings]
    seconds: float = 20.0


def ok(sentence: str) -> Finding:
    """Return that a thing is as it should be."""
    return Finding(Verdict.OK, sentence)


def warning(sentence: str, todo: str) -> Finding:
    """Return that a thing works and should be looked at."""
    return Finding(Verdict.WARNING, sentence, todo)


def wrong(sentence: str, todo: str) -> Finding:
    """Return that a thing does not work, or does harm."""
    return Finding(Verdict.WRONG, sentence, todo)


def not_checked(sentence: str, todo: str = "") -> Finding:
    """Return that nobody can tell, and why."""
    return Finding(Verdict.NOT_CHECKED, sentence, todo)
