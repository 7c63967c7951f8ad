"""A stubborn shopper: presses on while the shop or the bank is dead, for as long as people do."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Event
from typing import Any, TypeVar

import requests

from drills.shown import Shown
from jibit_sandbox.core.callback import Callback
from jibit_sandbox.testing import SandboxWorld, ShopperStopped
from testkit.http_shopper import HttpShopper
from testkit.shopper import DETAILS

TRIES = 12  # how often a shopper presses on before going elsewhere
MOMENT = 0.4  # seconds between two tries
ORDER_PAGE = re.compile(r"/orders/[\w-]+")
T = TypeVar("T")


class NoOrder(Exception):
    """The page leads to no order."""


class GaveUp(Exception):
    """The shopper went elsewhere."""


LOST = (requests.RequestException, ShopperStopped, AssertionError, NoOrder)
"""The shop or the bank is dead or silent, or its page has no such form (the rig asserts that)."""


class StubbornShopper:
    """Goes through the shop and the bank; every step may raise :class:`GaveUp`.

    Whoever waits stops waiting when it is ``over``. ``shown`` collects what the shop has shown. The
    first of the ``gateways`` is chosen at checkout, the last one for another attempt.
    """

    def __init__(
        self,
        shop_url: str,
        bank: SandboxWorld,
        over: Event,
        shown: Shown,
        *,
        gateways: Sequence[str],
    ) -> None:
        self.bank, self.over = bank, over
        self.details = {**DETAILS, "email": "maryam@example.com", "gateway": gateways[0]}
        self._another = gateways[-1]
        self._shown = shown
        self._browser = HttpShopper(shop_url)

    def fill_cart(self, goods: str, pieces: int) -> None:
        """Put so many pieces of a good into the cart."""
        self.persist(lambda: self._put(goods, pieces))

    def _put(self, goods: str, pieces: int) -> None:
        self._browser.open(f"/products/{goods}")
        self._browser.send("/cart/add/", quantity=str(pieces))

    def open(self, address: str) -> None:
        """Open a page, again after whatever went wrong."""
        self.persist(lambda: self._browser.open(address))

    def leave(self) -> str:
        """Check out, again after whatever went wrong. Gives the bank's page."""
        return self._until_sent(self._check_out)

    def _check_out(self) -> str | None:
        self._browser.open("/checkout")
        return self._browser.send("/checkout", **self.details)

    def again(self) -> str:
        """Press "pay" on the order's page."""
        return self._until_sent(self._find_order)

    def cancel_order(self) -> None:
        """Give the order up on its page, if the shop offers that."""
        self.persist(self._cancel)

    def _cancel(self) -> None:
        self._find_order()
        if self._browser.offers("/cancel"):
            self._browser.send("/cancel", sure="yes")

    def _until_sent(self, first: Callable[[], str | None]) -> str:
        for _ in range(TRIES):
            with suppress(*LOST):
                page = self._pay_again() if self._on_order else first()
                if page is not None:
                    self._shown.begun.add(page.split("/")[-2])  # as the gateway calls the payment
                    return page
            self._pause()
        raise GaveUp

    def _pay_again(self) -> str | None:
        self._browser.open(self._order_page)
        if not self._browser.offers("/pay"):
            return None
        return self._browser.send("/pay", gateway=self._another)

    def pay(self, page: str) -> Callback:
        """Pay at the bank, again after whatever went wrong. Gives where the browser is sent."""
        return self.press(page, "pay")

    def press(self, page: str, button: str) -> Callback:
        """Press a button at the bank, again after whatever went wrong."""
        return self.persist(lambda: self.bank.callback(page, button))

    def come_back(self, callback: Callback) -> None:
        """Go where the bank sends the browser."""
        with suppress(*LOST):  # the shop may be dead at just this moment: the browser is closed
            self._browser.return_from_bank(callback)
        self.look()

    def look(self) -> None:
        """Look at the order, and remember how it was shown."""
        if self._on_order:
            with suppress(*LOST, GaveUp):
                self.status()

    @property
    def _on_order(self) -> bool:
        return ORDER_PAGE.search(self._browser.page.url or "") is not None

    @property
    def _order_page(self) -> str:
        """Where the order's page is, known from where the browser is or from what it reads."""
        shown = ORDER_PAGE.search(f"{self._browser.page.url} {self._browser.page.text}")
        if shown is None:
            raise NoOrder
        return shown[0]

    def _find_order(self) -> None:
        """The cart's page leads to this browser's latest unpaid order."""
        if not self._on_order:
            self._browser.open("/cart")
            self._browser.open(self._order_page)

    def status(self) -> dict[str, Any]:
        """What the shop says of this shopper's order to whoever's script asks."""
        return self.persist(self._read_status)

    def _read_status(self) -> dict[str, Any]:
        self._find_order()
        page = self._order_page
        self._browser.open(f"{page}/status")
        status = self._browser.page
        self._browser.open(page)
        status.raise_for_status()
        said = dict(status.json())
        self._shown.states[said["order_number"]].add(said["order_state"])
        self._shown.tokens.add(page.rpartition("/")[2])
        return said

    def persist(self, step: Callable[[], T]) -> T:
        """Do it, again after whatever went wrong."""
        for _ in range(TRIES):
            with suppress(*LOST):
                return step()
            self._pause()
        raise GaveUp

    def _pause(self) -> None:
        self.over.wait(MOMENT)

    def in_two_tabs(self, step: Callable[[HttpShopper], object]) -> None:
        """Two tabs of the same browser."""
        tabs = [copy.copy(self._browser) for _ in range(2)]
        self.all_at_once(*(partial(step, tab) for tab in tabs))
        self._browser.page = tabs[0].page

    def all_at_once(self, *steps: Callable[[], object]) -> None:
        """Several things at the same time; what goes wrong with one is left at that."""
        with ThreadPoolExecutor(len(steps)) as pool:
            for done in [pool.submit(step) for step in steps]:
                with suppress(*LOST, GaveUp):
                    done.result()
