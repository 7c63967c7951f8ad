"""Tell whether the gateway gave the shop a chance to capture a payment while there was time.

Every call of a storm may meet a fault, and who asked may be killed before the answer is used. On a
slow machine there are few calls in a window: by chance each of them is spoiled for one payment in
some thousands. Then no shop could have captured.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from drills.ledgers import Row

FEWEST_QUESTIONS = 3  # who asked less often has asked too seldom
INQUIRY, VERIFY = "inquiry", "verify"
OK = 200
USED_WITHIN = timedelta(seconds=1)  # a true answer, by the process that asked


def had_a_chance(
    exchanges: Sequence[Row], since: datetime, until: datetime, kills: Sequence[datetime]
) -> bool:
    """Return whether the shop asked too seldom or let a true answer pass.

    ``exchanges`` are the gateway's log of one payment, the oldest first; only inquiries and
    verifications between the two moments count. ``kills`` are the moments at which one of the
    shop's processes was killed. A question is spoiled if its answer met a fault, if it was true and
    the verification after it met one, or if it was true, was followed by no verification, and a
    process was killed within a second. The inquiry after a verification that was not clear belongs
    to that one.
    """
    calls = [
        each
        for each in exchanges
        if each["operation"] in (INQUIRY, VERIFY)
        and since <= datetime.fromisoformat(each["received_at"]) <= until
    ]
    before = [None, *calls]
    after = [*calls[1:], None]
    questions = [
        (call, following)
        for call, former, following in zip(calls, before, after, strict=False)
        if call["operation"] == INQUIRY and not (former and former["operation"] == VERIFY)
    ]
    return len(questions) < FEWEST_QUESTIONS or any(
        _is_true(question) and not _is_spoiled(question, following, kills)
        for question, following in questions
    )


def _is_spoiled(question: Row, following: Row | None, kills: Sequence[datetime]) -> bool:
    """Whether a true answer could not be used."""
    if following and following["operation"] == VERIFY:
        return not _is_true(following)
    asked_at = datetime.fromisoformat(question["received_at"])
    return any(asked_at <= kill <= asked_at + USED_WITHIN for kill in kills)


def _is_true(call: Row) -> bool:
    return call["behaviour"] is None and call["status"] == OK and call["fate"] == "answered"
