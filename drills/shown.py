"""What shoppers were shown: whatever a shop has acknowledged must be there in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from drills.ledgers import Ledgers

PAID = frozenset({"paid", "fulfilled", "refunded"})
# Nobody opens an order again in a storm: that takes a person.
MAY_HAVE_BECOME: Mapping[str, frozenset[str]] = {
    "placed": PAID | {"placed", "expired", "cancelled"},
    "paid": PAID,
    "fulfilled": PAID - {"paid"},
    "refunded": frozenset({"refunded"}),
    "expired": frozenset({"expired"}),
    "cancelled": frozenset({"cancelled"}),
}


class Shown:
    """Collects orders' states by number, tokens of pages, and payments that were begun."""

    def __init__(self) -> None:
        self.states: defaultdict[str, set[str]] = defaultdict(set)
        self.tokens: set[str] = set()
        self.begun: set[str] = set()

    @property
    def paid(self) -> set[str]:
        """Numbers of the orders that a shopper was shown as paid."""
        return {number for number, states in list(self.states.items()) if "paid" in states}

    @property
    def things(self) -> int:
        """How many different things shoppers were shown."""
        return sum(map(len, self.states.values())) + len(self.tokens) + len(self.begun)

    def gone(self, ledgers: Ledgers) -> list[str]:
        """Return what was shown and is not there, or not in at least that state."""
        return sorted(self._gone(ledgers))

    def _gone(self, ledgers: Ledgers) -> Iterator[str]:
        now = {row["number"]: row["state"] for row in ledgers.orders}
        for number, states in self.states.items():
            for state in states:
                if now.get(number) not in MAY_HAVE_BECOME[state]:
                    yield f"order {number}: shown as {state}, is {now.get(number, 'gone')}"
        there = {row["token"] for row in ledgers.orders}
        yield from (f"page {token}" for token in self.tokens - there)
        yield from (f"payment {each}" for each in self.begun - ledgers.by_identifier.keys())
