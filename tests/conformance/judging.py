"""What became of each row: a line of the report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from jibit_client.conform import Finding
from jibit_client.conform import Verdict as FactVerdict
from jibit_client.conform.facts import NotSeen, Observations
from jibit_client.conform.wire import Answer
from tests.conformance.questions import ACCEPTED, Question

LONGEST_MESSAGE = 120
RULES_OF_A_MERCHANT = {
    *("callbackUrl.domain_not_in_whitelist", "fee_as_wage.wage_must_be_zero"),
}
OPEN_POINT = "what the row says"


class Verdict(StrEnum):
    """What can become of a row; the first two are about what the documents say."""

    AGREED = "agreed"
    DIFFERENT = "different"
    READS = "reads it as"
    NOT_SEEN = "not seen"
    NOT_SENT = "not sent"


@dataclass(frozen=True)
class Line:
    """A row in the report: what was expected, and what came or why nothing did.

    ``reading`` names the open point on which it depends; ``usual``: the sandbox does the same.
    """

    section: str
    row: str
    expected: str
    verdict: Verdict
    detail: str = ""
    reading: str = ""
    usual: bool = False


@dataclass(frozen=True)
class Asked:
    """A question that was sent; its answer has this name. ``spare`` as in a request."""

    question: Question
    name: str
    spare: frozenset[str]


def lines_of(asked: Iterable[Asked], seen: Observations) -> list[Line]:
    """Judge the answers together: one may tell how another is to be read."""
    asked = list(asked)
    all_at_once = any(_names_two_mistakes(each, seen) for each in asked)
    return [_line(each, seen, all_at_once=all_at_once) for each in asked]


def _names_two_mistakes(asked: Asked, seen: Observations) -> bool:
    answer = seen.answers.get(asked.name)
    told = _told(asked.question, answer) if answer else set()
    return asked.question.code in told and bool(told & asked.spare)


def _told(question: Question, answer: Answer) -> set[str]:
    """The codes, that of the row without the name of a parameter behind it."""
    own = question.code
    return {own if code.startswith(f"{own}.") else code for code in answer.codes}


def _line(asked: Asked, seen: Observations, *, all_at_once: bool) -> Line:
    question = asked.question
    try:
        answer = seen.any_answer(asked.name)
        if not _agrees(asked, answer):
            answer = seen.answer(asked.name)
            _see_past(asked, answer, all_at_once=all_at_once)
    except NotSeen as why:
        return not_asked(question, str(why), Verdict.NOT_SEEN)
    if question.reading:
        usual, read = _agrees(asked, answer) != question.switched, _read(asked, answer)
        return Line(*_heads(question), Verdict.READS, read, question.reading, usual)
    verdict = Verdict.AGREED if _agrees(asked, answer) else Verdict.DIFFERENT
    return Line(*_heads(question), verdict, _came(answer))


def _agrees(asked: Asked, answer: Answer) -> bool:
    told, own = _told(asked.question, answer), asked.question.code
    return answer.status == asked.question.status and own in told and told - {own} <= asked.spare


def _see_past(asked: Asked, answer: Answer, *, all_at_once: bool) -> None:
    """Raise NotSeen if a rule of this merchant's hides the row, or our second mistake may do so."""
    if RULES_OF_A_MERCHANT & set(answer.codes):
        raise NotSeen(f"another rule came first: {answer.said}")
    is_a_field = asked.question.change and asked.spare
    if is_a_field and set(answer.codes) == asked.spare and not all_at_once:
        raise NotSeen(f"only the second mistake of the call was named: {answer.said}")


def _read(asked: Asked, answer: Answer) -> str:
    """What came, and which reading of the sandbox that is."""
    if _agrees(asked, answer) != asked.question.switched:
        return _came(answer)
    if asked.question.switched:
        return f"{_came(answer)}: as with {asked.question.reading}"
    keys = [(answer.status, code) for code in answer.codes]
    keys += [ACCEPTED] if answer.ok or asked.spare == set(answer.codes) else []
    known = [asked.question.otherwise[key] for key in keys if key in asked.question.otherwise]
    return f"{_came(answer)}: {f'as with {known[0]}' if known else 'a reading of its own'}"


def _came(answer: Answer) -> str:
    message = " ".join(answer.messages)[:LONGEST_MESSAGE]
    return f'{answer.said} ("{message}")' if message else answer.said


def _heads(question: Question) -> tuple[str, str, str]:
    return question.section, question.row, f"HTTP {question.status}, {question.code}"


def not_asked(question: Question, why: str, verdict: Verdict = Verdict.NOT_SENT) -> Line:
    """The line of a question without an answer."""
    return Line(*_heads(question), verdict, why, question.reading)


def line_of_fact(found: Finding) -> Line:
    """An open point of the documents, which is no difference; but H is a gateway's own text."""
    agrees, verdict = found.verdict is FactVerdict.AGREED, Verdict.READS
    if found.verdict is FactVerdict.NOT_SEEN:
        verdict = Verdict.NOT_SEEN
    elif found.confidence == "H":
        verdict = Verdict.AGREED if agrees else Verdict.DIFFERENT
    detail = found.detail or "expected"
    return Line(found.section, found.sentence, OPEN_POINT, verdict, detail, found.key, agrees)
