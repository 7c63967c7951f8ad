"""Send a table and the open points to one target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from jibit_client.conform import CannotBeAsked, Target
from jibit_client.conform.asking import Asker
from jibit_client.conform.checking import GATEWAYS, check_with, signed_in
from tests.conformance.judging import Asked, Line, line_of_fact, lines_of, not_asked
from tests.conformance.questions import Question
from tests.conformance.sending import Request, request_of, why_not
from tests.conformance.sheets import SHEETS, Sheet

UNEXPECTED = (
    "the target has made an order of a row that must be refused: no create is sent any more"
)


@dataclass
class Outcome:
    """What a run has found; ``created`` are the references of the orders that it has made."""

    gateway: str
    base_url: str
    may_order: bool
    lines: list[Line] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    calls: int = 0
    seconds: float = 0.0
    stopped: str = ""


def run(
    target: Target,
    questions: Sequence[Question] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Ask every question, then every open point. Raises CannotBeAsked if no token is issued.

    ``questions`` are asked alone, without the open points. ``tell`` hears of each section.
    """
    started = monotonic()
    with signed_in(target) as asker:
        outcome = Outcome(target.gateway, asker.wire.base_url, target.may_order)
        table = _Table(asker, SHEETS[target.gateway], tell)
        try:
            table.ask(SHEETS[target.gateway].questions if questions is None else questions)
            points = _open_points(asker, tell) if questions is None else []
        except (CannotBeAsked, KeyboardInterrupt) as stop:
            outcome.stopped, points = str(stop) or "It was interrupted.", []
        outcome.lines = [*table.lines(outcome.stopped), *points]
        if asker.is_out_of_time:
            outcome.stopped = "The deadline came before every row was asked."
        outcome.created, outcome.calls = asker.left_behind, asker.wire.calls
    outcome.seconds = monotonic() - started
    return outcome


def _open_points(asker: Asker, tell: Callable[[str], None]) -> list[Line]:
    tell("The open points")
    return [line_of_fact(each) for each in check_with(asker).findings]


class _Table:
    """The questions of one sheet, on their way to one gateway."""

    def __init__(self, asker: Asker, sheet: Sheet, tell: Callable[[str], None]) -> None:
        self._asker, self._sheet, self._tell = asker, sheet, tell
        self._waiting: list[Question] = []
        self._asked: list[Asked] = []
        self._left_out: list[Line] = []

    def ask(self, questions: Sequence[Question]) -> None:
        """Send what can be sent, section by section."""
        self._waiting = list(questions)
        section = ""
        while self._waiting:
            if self._waiting[0].section != section:
                self._tell(section := self._waiting[0].section)
            self._ask(self._waiting[0])
            self._waiting.pop(0)

    def lines(self, stopped: str) -> list[Line]:
        """Judge what was asked, and say of the rest why it was not."""
        blocking = GATEWAYS[self._asker.target.gateway].blocking
        judged = lines_of(self._asked, self._asker.observations(blocking))
        return [*judged, *self._left_out, *(not_asked(each, stopped) for each in self._waiting)]

    def _ask(self, question: Question) -> None:
        asker = self._asker
        if why := why_not(question, self._sheet, asker.target) or self._has_gone_wrong(question):
            self._left_out.append(not_asked(question, why))
            return
        request = request_of(question, self._sheet, asker.target, self._facts())
        name = f"row {len(self._asked)}"
        self._asked.append(Asked(question, name, request.spare))
        answer = asker.ask(name, **request.how)
        if answer and answer.ok:
            self._accepted(question, request)
        elif answer is None and question.call == "create" and asker.target.may_order:
            asker.note_order(f"{request.reference} (unanswered: perhaps it was made)")

    def _accepted(self, question: Question, request: Request) -> None:
        if question.call == "create" and question.method == "POST":
            self._asker.note_order(str(request.reference))
        if question.call == "refresh":  # the pair that was ours may be dead now
            self._asker.sign_in()

    def _has_gone_wrong(self, question: Question) -> str:
        unexpected = self._asker.left_behind and not self._asker.target.may_order
        return UNEXPECTED if question.call == "create" and unexpected else ""

    def _facts(self) -> dict[str, str]:
        pair = self._asker.pair
        unknown = self._sheet.unknown_id
        tokens = {"access": pair.access_token, "refresh": pair.refresh_token} if pair else {}
        return {"world": "conform", "order": unknown, "paid": unknown, **tokens}
