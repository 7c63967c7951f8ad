"""Tell whether the gateway gave the shop a chance to capture a payment while there was time.

Every call of a storm may meet a fault, and on a slow machine there are few calls in a window: by
chance each of them is spoiled for one payment in some thousands. Then no shop could have captured.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from drills.ledgers import Row

FEWEST_QUESTIONS = 3  # who asked less often has asked too seldom
INQUIRY, VERIFY = "inquiry", "verify"
OK = 200


def had_a_chance(exchanges: Sequence[Row], since: datetime, until: datetime) -> bool:
    """Return whether the shop asked too seldom or let a true answer pass.

    ``exchanges`` are the gateway's log of one payment, the oldest first; only inquiries and
    verifications between the two moments count. A question is spoiled if its answer met a fault, or
    if it was true and the verification after it met one. The inquiry after a verification that was
    not clear belongs to that one.
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
        _is_true(question) and not (following and _is_spoiled_verification(following))
        for question, following in questions
    )


def _is_true(call: Row) -> bool:
    return call["behaviour"] is None and call["status"] == OK and call["fate"] == "answered"


def _is_spoiled_verification(call: Row) -> bool:
    return call["operation"] == VERIFY and not _is_true(call)
