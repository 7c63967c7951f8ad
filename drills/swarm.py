"""The swarm: shoppers who buy, decline, vanish, come back twice, press twice and try again.

What a shopper does depends on the seed and the shopper's number alone; what comes of it, on
whatever dies meanwhile.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from random import Random
from threading import Event, Lock
from typing import Any, TypeVar

import requests

from drills.plan import Plan
from storefront.sandbox.testing import SandboxWorld, ShopperStopped
from tests.rig.http_shopper import HttpShopper
from tests.rig.shopper import DETAILS

PLENTY, FEW = 10**6, 5
GOODS = {  # of the last one so few that shoppers find them sold out until an order lapses
    "turquoise-bowl": PLENTY,
    "lahijan-tea": PLENTY,
    "saffron-nabat": PLENTY,
    "garden-postcards": PLENTY,
    "brass-lantern": FEW,
}
TRIES = 12  # how often a shopper presses on before going elsewhere
MOMENT = 0.4  # seconds between two tries
ORDER_PAGE = re.compile(r"/orders/[\w-]+")
T = TypeVar("T")
LOST = (requests.RequestException, ShopperStopped, AssertionError, LookupError)
"""The shop or the bank is dead or silent, or its page has no such form (the rig asserts that)."""


class GaveUp(Exception):
    """The shopper went elsewhere."""


class Visit:
    """One shopper's way through the shop and the bank."""

    def __init__(self, swarm: Swarm, chance: Random) -> None:
        self._swarm, self._chance = swarm, chance
        self._bank, self._over = swarm.bank, swarm.over
        self._shopper = HttpShopper(swarm.shop_url)

    def run(self) -> None:
        """Fill the cart, leave for the bank, and come to one of the endings."""
        goods, pieces = (
            self._chance.choices(list(GOODS), (6, 6, 6, 6, 1))[0],
            str(self._chance.choice((1, 1, 2))),
        )
        self._persist(lambda: self._fill_cart(goods, pieces))
        ending = self._chance.choices(list(ENDINGS), list(ENDINGS.values()))[0]
        self._swarm.count(ending.__name__)
        ending(self)

    def pay(self) -> None:
        """Pay and come back, as one should."""
        self._come_back(self._pay(self._leave()))

    def pay_and_vanish(self) -> None:
        """Pay; no browser ever comes back."""
        page = self._leave()
        self._persist(lambda: self._bank.pay_and_vanish(page))

    def come_back_twice(self) -> None:
        """Pay, and two browsers come back at once."""
        callback = self._pay(self._leave())
        self._at_once(lambda shopper: shopper.open(callback))
        self._look()

    def press_twice(self) -> None:
        """Send the same checkout form twice at once, then pay."""
        self._persist(lambda: self._shopper.open("/checkout"))
        with suppress(*LOST):
            self._at_once(lambda shopper: shopper.send("/checkout", **DETAILS))
        self.pay()

    def decline_and_retry(self) -> None:
        """The bank says no; back in the shop, pay again, and well."""
        page = self._leave()
        self._come_back(self._persist(lambda: self._bank.decline(page)))
        self._come_back(self._pay(self._again()))

    def cancel(self) -> None:
        """Cancel at the bank and come back."""
        page = self._leave()
        self._come_back(self._persist(lambda: self._bank.cancel(page)))

    def turn_back(self) -> None:
        """Look at the bank's page and never pay."""
        self._leave()

    def forge(self) -> None:
        """Claim to have paid, and then do: the claim is worth nothing, the money is."""
        page = self._leave()
        callback = f"/payments/{self._status()['reference_number']}/callback"
        refnum = page.split("/")[-2]
        with suppress(*LOST):
            self._shopper.open(f"{callback}?amount=1000&refnum={refnum}&state=SUCCESSFUL")
        if self._chance.random() < 0.5:
            self._come_back(self._pay(page))

    def pay_both(self) -> None:
        """Let the shop's window pass, begin a second attempt, and pay the first one too."""
        first = self._leave()
        if self._over.wait(self._swarm.window):
            raise GaveUp
        second = self._again()
        self._at_once_each([lambda: self._pay(first), lambda: self._pay(second)])
        self._look()

    def _fill_cart(self, goods: str, pieces: str) -> None:
        self._shopper.open(f"/products/{goods}")
        self._shopper.send("/cart/add/", quantity=pieces)

    def _leave(self) -> str:
        """Check out, again after whatever went wrong. Gives the bank's page."""
        return self._until_sent(self._shopper.check_out)

    def _again(self) -> str:
        """Press "pay" on the order's page."""
        return self._until_sent(self._find_order)

    def _until_sent(self, first: Callable[[], str | None]) -> str:
        for _ in range(TRIES):
            with suppress(*LOST):
                page = self._pay_again() if self._on_order else first()
                if page is not None:
                    return page
            self._pause()
        raise GaveUp

    def _pay_again(self) -> str | None:
        self._shopper.open(self._order_page)
        return self._shopper.send("/pay") if self._shopper.offers("/pay") else None

    def _pay(self, page: str) -> str:
        """Pay at the bank, again after whatever went wrong. Gives where the browser is sent."""
        return self._persist(lambda: self._bank.pay(page))

    def _come_back(self, callback: str) -> None:
        with suppress(*LOST):  # the shop may be dead at just this moment: the browser is closed
            self._shopper.open(callback)
        self._look()

    def _look(self) -> None:
        """Look at the order, and remember if it was shown as paid."""
        if self._on_order:
            with suppress(*LOST, GaveUp):
                status = self._status()
                if status["order_state"] == "paid":
                    self._swarm.seen_paid.add(status["order_number"])

    @property
    def _on_order(self) -> bool:
        return ORDER_PAGE.search(self._shopper.page.url or "") is not None

    @property
    def _order_page(self) -> str:
        """Where the order's page is, known from where the browser is or from what it reads."""
        shown = ORDER_PAGE.search(f"{self._shopper.page.url} {self._shopper.page.text}")
        if shown is None:
            raise LookupError("the page leads to no order")
        return shown[0]

    def _find_order(self) -> None:
        """The cart's page leads to this browser's latest unpaid order."""
        if not self._on_order:
            self._shopper.open("/cart")
            self._shopper.open(self._order_page)

    def _status(self) -> dict[str, Any]:
        """What the shop says of this shopper's order to whoever's script asks."""
        return self._persist(self._read_status)

    def _read_status(self) -> dict[str, Any]:
        self._find_order()
        page = self._order_page
        self._shopper.open(f"{page}/status")
        status = self._shopper.page
        self._shopper.open(page)
        status.raise_for_status()
        return dict(status.json())

    def _persist(self, step: Callable[[], T]) -> T:
        for _ in range(TRIES):
            with suppress(*LOST):
                return step()
            self._pause()
        raise GaveUp

    def _pause(self) -> None:
        self._over.wait(MOMENT)

    def _at_once(self, step: Callable[[HttpShopper], object]) -> None:
        """Two tabs of the same browser."""
        tabs = [copy.copy(self._shopper) for _ in range(2)]
        self._at_once_each([partial(step, tab) for tab in tabs])
        self._shopper.page = tabs[0].page

    def _at_once_each(self, steps: list[Callable[[], object]]) -> None:
        with ThreadPoolExecutor(len(steps)) as pool:
            for done in [pool.submit(step) for step in steps]:
                with suppress(*LOST, GaveUp):
                    done.result()


ENDINGS: dict[Callable[[Visit], None], int] = {
    Visit.pay: 38,
    Visit.pay_and_vanish: 16,
    Visit.come_back_twice: 10,
    Visit.press_twice: 8,
    Visit.decline_and_retry: 10,
    Visit.cancel: 5,
    Visit.turn_back: 5,
    Visit.forge: 6,
    Visit.pay_both: 2,
}
"""What shoppers come to, and how often."""


class Swarm:
    """Shoppers in threads, one visit after another, until it is over."""

    def __init__(self, shop_url: str, bank: SandboxWorld, plan: Plan, over: Event) -> None:
        self.shop_url, self.bank, self.over = shop_url, bank, over
        self.window = plan.window
        self.seen_paid: set[str] = set()
        self.visits: Counter[str] = Counter()
        self._plan = plan
        self._lock = Lock()

    def run(self) -> None:
        """Shop until it is over; an error that no shopper can expect is raised here."""
        with ThreadPoolExecutor(self._plan.shoppers) as pool:
            list(pool.map(self._shop, range(self._plan.shoppers)))

    def _shop(self, number: int) -> None:
        for visit in itertools.count():
            if self.over.is_set():
                return
            chance = Random(f"{self._plan.seed}/{number}/{visit}")  # noqa: S311 - repeatable
            with suppress(GaveUp):
                Visit(self, chance).run()

    def count(self, ending: str) -> None:
        """Note what somebody came for."""
        with self._lock:
            self.visits[ending] += 1
