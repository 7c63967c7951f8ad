"""Compares the two books row by row, and names what breaks a promise."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from drills.books import Books, Row
from drills.plan import Plan

SETTLED = frozenset({"paid", "failed", "expired", "needs_review"})
ANOTHER = "another attempt was paid"
IN_DOUBT = "another attempt held the claim, its verification unanswered"
TOO_LATE = "paid too late, or the gateway was down"


@dataclass
class Verdict:
    """What was found; ``wrong`` maps the name of a broken promise to the rows that break it."""

    wrong: dict[str, list[str]] = field(default_factory=dict)
    home: Counter[str] = field(default_factory=Counter)

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return not any(self.wrong.values())


def compare(
    books: Books,
    plan: Plan,
    received: Mapping[str, int],
    seen_paid: set[str],
    reachable: Callable[[datetime, datetime], float],
) -> Verdict:
    """Hold the two books against each other and against the promise.

    ``received`` are the pieces that ever came in, by slug; ``seen_paid`` the orders that a shopper
    was shown as paid; ``reachable`` gives how long the gateway was there between two moments.
    """
    verdict = Verdict()
    verdict.wrong = {
        "lost: captured there, not paid here": _lost(books),
        "shipped unpaid: paid here, not captured there": _unpaid(books),
        "double: two captures for one order": _double(books),
        "captured for another amount": _amounts(books),
        "order and payments disagree": _orders(books),
        "stock not conserved": _stock(books, received),
        "open or in doubt after draining": _open(books),
        "waiting for a person": _waiting(books),
        "shown as paid, and is not": sorted(seen_paid - _paid_orders(books)),
        "nobody was paid at all": [] if _captured(books) else ["the run shows nothing"],
        "entitled and not paid": _money_home(books, plan, reachable, verdict.home),
    }
    return verdict


def _lost(books: Books) -> list[str]:
    return [row["identifier"] for row in _captured(books) if not _is_paid_here(books, row)]


def _captured(books: Books) -> list[Row]:
    return [row for row in books.theirs if row["state"] == "captured"]


def _is_paid_here(books: Books, there: Row) -> bool:
    return books.by_identifier.get(there["identifier"], {}).get("state") == "paid"


def _unpaid(books: Books) -> list[str]:
    captured = {row["identifier"] for row in _captured(books)}
    paid = [row for row in books.ours if row["state"] == "paid"]
    return [row["reference_number"] for row in paid if row["order_identifier"] not in captured]


def _double(books: Books) -> list[str]:
    captures = Counter(_order_of(books, row) for row in _captured(books))
    return [number for number, count in captures.items() if count > 1]


def _order_of(books: Books, there: Row) -> str:
    return str(books.number_of.get(there["reference_number"], there["reference_number"]))


def _amounts(books: Books) -> list[str]:
    return [
        row["identifier"]
        for row in _captured(books)
        if _is_paid_here(books, row)
        and books.by_identifier[row["identifier"]]["amount_rials"] != row["amount_rials"]
    ]


def _orders(books: Books) -> list[str]:
    """A paid order has one paid payment of its own amount; no other order has any."""
    paid = defaultdict(list)
    for row in books.ours:
        if row["state"] == "paid":
            paid[row["order_number"]].append(row["amount_rials"])
    return [
        order["number"]
        for order in books.orders
        if paid[order["number"]]
        != ([order["amount_rials"]] if order["state"] in ("paid", "fulfilled") else [])
    ]


def _paid_orders(books: Books) -> set[str]:
    return {row["number"] for row in books.orders if row["state"] in ("paid", "fulfilled")}


def _stock(books: Books, received: Mapping[str, int]) -> list[str]:
    return [
        good["slug"]
        for good in books.stock
        if good["received"] != received[good["slug"]]
        or good["received"] != good["free"] + good["reserved"] + good["sold"]
        or (good["sold"], good["reserved"]) != (good["must_be_sold"], good["must_be_reserved"])
    ]


def _open(books: Books) -> list[str]:
    orders = [row["number"] for row in books.orders if row["state"] == "placed"]
    return orders + [row["reference_number"] for row in books.ours if row["state"] not in SETTLED]


def _waiting(books: Books) -> list[str]:
    return [row["reference_number"] for row in books.ours if row["state"] == "needs_review"]


def _money_home(
    books: Books,
    plan: Plan,
    reachable: Callable[[datetime, datetime], float],
    home: Counter[str],
) -> list[str]:
    """Count why money went home; give those who should have been paid instead."""
    entitled, paid_orders = [], _paid_orders(books)
    for row in books.theirs:
        paid_at = _paid_at(row)
        if paid_at is None or row["state"] == "captured":
            continue
        until = datetime.fromisoformat(row["created_at"]) + timedelta(seconds=plan.window)
        if _order_of(books, row) in paid_orders:
            home[ANOTHER] += 1
        elif _others_in_doubt(books, row):
            home[IN_DOUBT] += 1
        elif reachable(paid_at, until) < plan.entitled:
            home[TOO_LATE] += 1
        else:
            entitled.append(row["identifier"])
    return entitled


def _others_in_doubt(books: Books, there: Row) -> bool:
    """Whether another attempt of the order may have been captured, so that this one could not."""
    own, number = there["reference_number"], _order_of(books, there)
    return any(books.number_of.get(other) == number for other in books.unanswered if other != own)


def _paid_at(there: Row) -> datetime | None:
    moments = [move["at"] for move in there["moves"] if move["state"] == "paid"]
    return datetime.fromisoformat(moments[0]) if moments else None
