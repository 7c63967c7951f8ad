"""The load generator: shoppers in threads, one visit after another.

What a shopper sets out to do depends on the seed and the shopper's number alone; what comes of it,
on whatever dies meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from threading import Event

from drills.plan import BY_CARD, CARDS, WALLET, Plan
from drills.shopper import GaveUp, StubbornShopper
from drills.shown import Shown
from drills.visits import ENDINGS
from jibit_sandbox.testing import SandboxWorld

PLENTY, FEW = 10**6, 5
GOODS = {  # of the last one so few that shoppers find them sold out until an order lapses
    "turquoise-bowl": PLENTY,
    "lahijan-tea": PLENTY,
    "saffron-nabat": PLENTY,
    "garden-postcards": PLENTY,
    "brass-lantern": FEW,
}
WANTED = (6, 6, 6, 6, 1)


class LoadGenerator:
    """So many shoppers as the plan says. ``shown`` is what they were shown."""

    def __init__(
        self, shop_urls: Mapping[str, str], bank: SandboxWorld, plan: Plan, over: Event
    ) -> None:
        self.shown = Shown()
        self._shop_urls, self._bank, self._plan, self._over = shop_urls, bank, plan, over

    def run(self) -> int:
        """Shop until it is over. Gives the number of visits; an error of our own is raised."""
        with ThreadPoolExecutor(self._plan.shoppers) as pool:
            return sum(pool.map(self._shop, range(self._plan.shoppers)))

    def _shop(self, number: int) -> int:
        visits = 0
        while not self._over.is_set():
            visits += 1
            with suppress(GaveUp):
                chance = Random(f"{self._plan.seed}/{number}/{visits}")  # noqa: S311 - repeatable
                self._visit(chance)
        return visits

    def _visit(self, chance: Random) -> None:
        goods, pieces = chance.choices(list(GOODS), WANTED)[0], chance.choice((1, 1, 2))
        ending = chance.choices(list(ENDINGS), list(ENDINGS.values()))[0]
        card = chance.choices(list(CARDS), list(CARDS.values()))[0]
        shopper = StubbornShopper(
            self._shop_urls[card],
            self._bank,
            self._over,
            self.shown,
            gateways=(card, WALLET) if chance.random() < BY_CARD else (WALLET, card),
        )
        shopper.fill_cart(goods, pieces)
        ending(shopper)
