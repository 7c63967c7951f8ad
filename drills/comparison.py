"""Compares the two ledgers row by row, and names what breaks a promise."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from drills.chances import had_a_chance
from drills.ledgers import Ledgers, Row
from drills.plan import Plan
from drills.refund_comparison import refunds_compared

SETTLED = frozenset({"paid", "failed", "expired", "returned", "needs_review"})
PAID_ORDERS = ("paid", "fulfilled", "refunded")
TAKEN = ("captured", "reversed")  # at PPG v3 what was captured may be reversed
KEPT_OR_RETURNED = ("paid", "returned")
ANOTHER = "another attempt was paid"
IN_DOUBT = "another attempt held the claim, its verification unanswered"
UNMAKABLE = "defect: UnknownLocaleError"  # what the letter in the poisoned language raises
UNTRUE = "the order is paid by now"  # why nobody is told any more that a payment failed
TOO_LATE = "paid too late, or the gateway was down"
LOST = "lost: captured there, not paid here"
UNPAID = "shipped unpaid: paid here, not captured there"
DOUBLE = "double: two captures for one order"
CANCELLED = "the shopper had cancelled the order"
SPOILED = "every question in time met a fault or a kill"


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
    ledgers: Ledgers,
    plan: Plan,
    received: Mapping[str, int],
    seen_paid: set[str],
    reachable: Callable[[datetime, datetime], float],
    exchanges_of: Callable[[str], Sequence[Row]],
    kills: Sequence[datetime] = (),
    gone: Sequence[str] = (),
) -> Verdict:
    """Hold the two ledgers against each other and against the promise.

    ``received`` are the pieces that ever came in, by slug; ``seen_paid`` the orders that a shopper
    was shown as paid; ``reachable`` gives how long the gateway was there between two moments,
    ``exchanges_of`` its log of the payment that it calls so; ``kills`` when one of the shop's
    processes was killed; ``gone`` what a shopper was shown and the ledgers do not have.
    """
    verdict = Verdict()
    verdict.wrong = {
        **money_compared(ledgers),
        "captured for another amount": _amounts(ledgers),
        "order and payments disagree": _orders(ledgers),
        "stock not conserved": _stock(ledgers, received),
        "open or in doubt after draining": _open(ledgers),
        "waiting for a person": _waiting(ledgers),
        "paid, and the merchant was not told": sorted(_paid_orders(ledgers) - _told(ledgers)),
        "told to the merchant, and is not paid": sorted(_told(ledgers) - _paid_orders(ledgers)),
        "a letter that no other was to wait for": _letters(ledgers),
        "shown as paid, and is not": sorted(seen_paid - _paid_orders(ledgers)),
        "acknowledged to a shopper and gone": list(gone),
        "nobody was paid at all": [] if _paid_orders(ledgers) else ["the run shows nothing"],
        "entitled and not paid": _money_home(
            ledgers,
            plan,
            reachable,
            lambda each, since, until: had_a_chance(exchanges_of(each), since, until, kills),
            verdict.home,
        ),
    }
    return verdict


def money_compared(ledgers: Ledgers) -> dict[str, list[str]]:
    """Return what breaks a promise about money that was captured or went back, by the promise."""
    return {
        LOST: _lost(ledgers),
        UNPAID: _unpaid(ledgers),
        DOUBLE: _double(ledgers),
        **refunds_compared(ledgers),
    }


def _lost(ledgers: Ledgers) -> list[str]:
    return [
        row["identifier"]
        for row in _captured(ledgers)
        if _state_here(ledgers, row) not in KEPT_OR_RETURNED
    ]


def _captured(ledgers: Ledgers) -> list[Row]:
    return [row for row in ledgers.theirs if row["state"] == "captured"]


def _state_here(ledgers: Ledgers, there: Row) -> str | None:
    return ledgers.by_identifier.get(there["identifier"], {}).get("state")


def _unpaid(ledgers: Ledgers) -> list[str]:
    captured = {row["identifier"] for row in ledgers.theirs if row["state"] in TAKEN}
    paid = [row for row in ledgers.ours if row["state"] == "paid"]
    return [row["reference_number"] for row in paid if row["order_identifier"] not in captured]


def _double(ledgers: Ledgers) -> list[str]:
    kept = (row for row in _captured(ledgers) if _state_here(ledgers, row) != "returned")
    captures = Counter(_order_of(ledgers, row) for row in kept)
    return [number for number, count in captures.items() if count > 1]


def _order_of(ledgers: Ledgers, there: Row) -> str:
    return str(ledgers.number_of.get(there["reference_number"], there["reference_number"]))


def _amounts(ledgers: Ledgers) -> list[str]:
    return [
        row["identifier"]
        for row in _captured(ledgers)
        if _state_here(ledgers, row) == "paid"
        and ledgers.by_identifier[row["identifier"]]["amount_rials"] != row["amount_rials"]
    ]


def _orders(ledgers: Ledgers) -> list[str]:
    """A paid order has one paid payment of its own amount; no other order has any."""
    paid = defaultdict(list)
    for row in ledgers.ours:
        if row["state"] == "paid":
            paid[row["order_number"]].append(row["amount_rials"])
    return [
        order["number"]
        for order in ledgers.orders
        if paid[order["number"]]
        != ([order["amount_rials"]] if order["state"] in PAID_ORDERS else [])
    ]


def _paid_orders(ledgers: Ledgers) -> set[str]:
    return {row["number"] for row in ledgers.orders if row["state"] in PAID_ORDERS}


def _stock(ledgers: Ledgers, received: Mapping[str, int]) -> list[str]:
    return [
        good["slug"]
        for good in ledgers.stock
        if good["received"] != received[good["slug"]]
        or good["received"] != good["free"] + good["reserved"] + good["sold"]
        or (good["sold"], good["reserved"]) != (good["must_be_sold"], good["must_be_reserved"])
    ]


def _open(ledgers: Ledgers) -> list[str]:
    orders = [row["number"] for row in ledgers.orders if row["state"] == "placed"]
    return orders + [row["reference_number"] for row in ledgers.ours if row["state"] not in SETTLED]


def _told(ledgers: Ledgers) -> set[str]:
    return _paid_orders(ledgers) if ledgers.told is None else ledgers.told


def _letters(ledgers: Ledgers) -> list[str]:
    """Only letters that cannot be made, or that have become untrue, may be undelivered."""
    return [end for end in ledgers.letters if end not in ("delivered", UNMAKABLE, UNTRUE)]


def _waiting(ledgers: Ledgers) -> list[str]:
    return [row["reference_number"] for row in ledgers.ours if row["state"] == "needs_review"]


def _money_home(
    ledgers: Ledgers,
    plan: Plan,
    reachable: Callable[[datetime, datetime], float],
    had_its_chance: Callable[[str, datetime, datetime], bool],
    home: Counter[str],
) -> list[str]:
    """Count why money went home; give those who should have been paid instead."""
    entitled, paid_orders = [], _paid_orders(ledgers)
    cancelled = {row["number"] for row in ledgers.orders if row["state"] == "cancelled"}
    for row in ledgers.theirs:
        paid_at = _paid_at(row)
        if paid_at is None or (row["state"] in TAKEN and not _is_returned(ledgers, row)):
            continue
        until = _begun(ledgers, row) + timedelta(seconds=plan.window)
        if _order_of(ledgers, row) in paid_orders:
            home[ANOTHER] += 1
        elif _order_of(ledgers, row) in cancelled:
            home[CANCELLED] += 1
        elif _others_in_doubt(ledgers, row):
            home[IN_DOUBT] += 1
        elif reachable(paid_at, until) < plan.entitled:
            home[TOO_LATE] += 1
        elif not had_its_chance(row["identifier"], paid_at, until):
            home[SPOILED] += 1
        else:
            entitled.append(row["identifier"])
    return entitled


def _is_returned(ledgers: Ledgers, there: Row) -> bool:
    return _state_here(ledgers, there) == "returned"


def _begun(ledgers: Ledgers, there: Row) -> datetime:
    """Return when the window began: no attempt is taken for longer than its order holds stock."""
    created_at = datetime.fromisoformat(there["created_at"])
    life = ledgers.life_of(there["identifier"])
    return min(created_at, life[0]) if life else created_at


def _others_in_doubt(ledgers: Ledgers, there: Row) -> bool:
    """Whether another attempt of the order may have been captured, so that this one could not."""
    own, number = there["reference_number"], _order_of(ledgers, there)
    return any(
        ledgers.number_of.get(other) == number for other in ledgers.unanswered if other != own
    )


def _paid_at(there: Row) -> datetime | None:
    moments = [move["at"] for move in there["moves"] if move["state"] == "paid"]
    return datetime.fromisoformat(moments[0]) if moments else None
