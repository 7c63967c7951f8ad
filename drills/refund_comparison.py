"""Compares what was to go back, by the shop's tables, with what went back at the gateway."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from drills.ledgers import Ledgers, Row

NOT_PAID = frozenset({"CANCELLING", "CANCELLED", "FAILED", "MANUALLY_FAILED"})
OVER = frozenset({"failed", "cancelled"})  # nothing goes back for such a refund of ours
UNDECIDED = frozenset({"requested", "in_doubt"})
TWICE = "refunded twice: more went back than was asked for, or paid"
LOST = "refund lost: neither on its way nor failed for a reason"
NOT_BACK = "returned here, and the money is not on its way back"
NOT_THERE = "refunded here, not refunded there"
AGAINST_ORDER = "refunds and their order disagree"


def refunds_compared(ledgers: Ledgers) -> dict[str, list[str]]:
    """Return what breaks a promise about refunds, by the promise."""
    asked = _by_payment(ledgers)
    return {
        TWICE: [row["identifier"] for row in ledgers.theirs if _is_twice(row, asked)],
        LOST: [str(refund["id"]) for refund in ledgers.refunds if _is_lost(refund)],
        NOT_BACK: _not_back(ledgers, asked),
        NOT_THERE: _not_there(ledgers, asked),
        AGAINST_ORDER: _against_order(ledgers),
    }


def sent_back(there: Row) -> int:
    """Return the Rials that have gone, or are on their way, from the merchant to the payer."""
    if there["state"] == "reversed":
        return int(there["amount_rials"])
    return sum(each["amount_rials"] for each in _transfers(there))


def _transfers(there: Row) -> list[Row]:
    return [each for each in there.get("transfers", ()) if each["state"] not in NOT_PAID]


def _by_payment(ledgers: Ledgers) -> Mapping[str, Sequence[Row]]:
    found = defaultdict(list)
    for refund in ledgers.refunds:
        found[refund["reference_number"]].append(refund)
    return found


def _total(refunds: Iterable[Row]) -> int:
    return sum(int(refund["amount_rials"]) for refund in refunds)


def _is_twice(there: Row, asked: Mapping[str, Sequence[Row]]) -> bool:
    refunds = asked.get(there["reference_number"], ())
    wanted = _total(refund for refund in refunds if refund["state"] not in OVER)
    return sent_back(there) > min(wanted, int(there["amount_rials"]))


def _is_lost(refund: Row) -> bool:
    unexplained = refund["state"] == "failed" and not (refund["said"] or refund["last_failure"])
    return refund["state"] in UNDECIDED or unexplained


def _not_back(ledgers: Ledgers, asked: Mapping[str, Sequence[Row]]) -> list[str]:
    """What the order could not keep goes back whole, or as much as the gateway says it has."""
    returned = {row["reference_number"] for row in ledgers.ours if row["state"] == "returned"}
    found = []
    for there in ledgers.theirs:
        reference = there["reference_number"]
        if reference in returned and there["state"] == "captured":
            named = _total(asked.get(reference, ())) or there["amount_rials"]
            if sent_back(there) < min(named, there["amount_rials"]):
                found.append(there["identifier"])
    return found


def _not_there(ledgers: Ledgers, asked: Mapping[str, Sequence[Row]]) -> list[str]:
    theirs = {row["reference_number"]: row for row in ledgers.theirs}
    found = []
    for reference, refunds in asked.items():
        open_or_done = _total(each for each in refunds if each["state"] not in OVER | UNDECIDED)
        there = theirs.get(reference)
        if open_or_done > (sent_back(there) if there else 0):
            found.append(reference)
    return found


def _against_order(ledgers: Ledgers) -> list[str]:
    """An order counts what is done of its paid payment, and is refunded when that is all."""
    paid = {row["reference_number"] for row in ledgers.ours if row["state"] == "paid"}
    done: Counter[str] = Counter()
    for refund in ledgers.refunds:
        if refund["state"] == "done" and refund["reference_number"] in paid:
            done[ledgers.number_of[refund["reference_number"]]] += refund["amount_rials"]
    return [
        order["number"]
        for order in ledgers.orders
        if order["refunded_rials"] != done[order["number"]]
        or (order["state"] == "refunded") != (0 < order["amount_rials"] <= done[order["number"]])
    ]
