"""One scenario played once at one gateway: what the shopper saw, and how the ledgers ended."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup

from drills.scenarios import USUAL, WINDOW, Scenario, Trouble
from jibit_sandbox.core.callback import Callback
from jibit_sandbox.testing import ShopperStopped
from testkit.http_shopper import HttpShopper
from testkit.live import LiveShop
from testkit.scenes import CALLBACKS

WINDOW_SECONDS = 900
AROUND = ("clock back", "wait")  # what is not done at the bank; "wait": until the window is over
USUAL_SWITCHES = {"paid_inquiry": "IN_PROGRESS", "verify_again": "Successful", "expiry_late": 0}


class Outcome(NamedTuple):
    """How a rehearsal ended, in ``words``; ``good`` None: it cannot happen at this gateway."""

    good: bool | None
    words: str
    saw: Sequence[str] = ()


class Rehearsal:
    """A shopper who goes through it; ``patience`` is in seconds."""

    def __init__(self, shop: LiveShop, scenario: Scenario, gateway: str, patience: float) -> None:
        self._scenario, self._gateway, self._patience = scenario, gateway, patience
        self._shop, self._world = shop, shop.sandbox
        self._shopper = HttpShopper(shop.url)
        self._wanted = scenario.ends(gateway)
        self._seen: list[str] = []
        self._known = {order["identifier"] for order in self._world.orders()}

    def run(self) -> Outcome:
        """Play it."""
        if self._gateway == "wallet" and self._scenario.card_alone:
            return Outcome(None, f"-     {self._scenario.card_alone}")
        self._world.switch(**{**USUAL_SWITCHES, **self._scenario.switches})
        bank_page = self._go_to_bank()
        self._order_page = self._find_order_page()
        self._arm(self._scenario.at_bank)
        for act in self._scenario.ending.split(", "):
            bank_page = self._act(act, bank_page)
        self._see()
        self._world.forget_behaviours()
        ended = self._wait()
        good = ended == self._wanted and self._ledgers_agree()
        return Outcome(good, f"{'ok' if good else 'WRONG':5} {'/'.join(ended)}", self._seen)

    def _arm(self, troubles: Sequence[Trouble]) -> None:
        for trouble in troubles:
            self._world.behave(
                trouble.name,
                gateway=self._gateway,
                operation=trouble.operation,
                times=trouble.times,
                **dict(trouble.parameters),
            )

    def _go_to_bank(self) -> str:
        self._shopper.put_in_cart()
        self._arm(self._scenario.at_checkout)
        deadline = time.monotonic() + self._patience
        while (sent_to := self._shopper.check_out(gateway=self._gateway)) is None:
            self._see()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._scenario.name}: never sent to the gateway")
        return sent_to

    def _act(self, act: str, bank_page: str) -> str:
        """Do one thing at the bank or around it; gives the bank's page of the next one."""
        if act in AROUND:
            self._let_happen(act)
            return bank_page
        self._do_at_bank(act, bank_page)
        if self._scenario.there == "expired" and self._scenario.place == USUAL:
            self._world.clock.advance(WINDOW_SECONDS + 1)
        if self._scenario.ending.endswith(", pay") and act == "decline":
            self._see()
            return str(self._shopper.send("/pay"))
        return bank_page

    def _let_happen(self, act: str) -> None:
        if act == "clock back":
            self._shop.set_workers_clock_back()
        else:
            time.sleep(WINDOW + 1)

    def _do_at_bank(self, act: str, bank_page: str) -> None:
        if act in ("pay", "pay five times", "decline", "cancel"):
            callback = self._callback(bank_page, act.split(" ")[0])
            for _ in range(5 if act.endswith("times") else 1):
                self._shopper.return_from_bank(callback)
        if act == "vanish":
            self._world.pay_and_vanish(bank_page)
            self._shopper.open(self._order_page)
        if act == "forge":
            self._shopper.return_from_bank(self._forged_callback(bank_page))
        if act in ("walk away", "forge"):
            self._shopper.open(self._order_page)

    def _callback(self, bank_page: str, button: str) -> Callback:
        """Press a button; gives where the bank sends the browser, else the order's page."""
        try:
            return self._world.callback(bank_page, button)
        except ShopperStopped:
            return Callback(self._order_page)

    def _forged_callback(self, bank_page: str) -> Callback:
        order = self._world.order(bank_page.split("/")[-2])
        if self._gateway == "ppg_v3":
            form = {"purchaseId": order["identifier"], "status": "SUCCESSFUL", "amount": "1"}
            return Callback(order["callback_url"], form)
        said = CALLBACKS[self._gateway]
        claim = f"{said.identifier}={order['identifier']}&{said.state}={said.success}&amount=1"
        return Callback(f"{order['callback_url']}?{claim}")

    def _find_order_page(self) -> str:
        """The cart links to the order that waits to be paid."""
        self._shopper.open("/cart")
        soup = BeautifulSoup(self._shopper.page.text, "html.parser")
        links = [str(link["href"]) for link in soup.find_all("a", href=True)]
        return urljoin(self._shopper.page.url, next(to for to in links if "/orders/" in to))

    def _see(self) -> None:
        soup = BeautifulSoup(self._shopper.page.text, "html.parser")
        heading = soup.h1.get_text(" ", strip=True) if soup.h1 else "?"
        if self._shopper.page.status_code >= 400:
            heading = f"{self._shopper.page.status_code} {heading}"
        if heading not in self._seen:
            self._seen.append(heading)

    def _wait(self) -> tuple[str, str]:
        """Watch until the payment stands as it must, or patience ends."""
        deadline = time.monotonic() + self._patience
        while (stands := self._stands()) != self._wanted:
            if time.monotonic() > deadline:
                return stands
            time.sleep(0.2)
        self._shopper.open(self._order_page)
        self._see()
        return stands

    def _stands(self) -> tuple[str, str]:
        status = requests.get(f"{self._order_page}/status", timeout=10).json()
        return status["payment_state"], self._world.order(status["order_identifier"])["state"]

    def _ledgers_agree(self) -> bool:
        """What this scenario made the gateway capture is what one paid order needs, or nothing."""
        new = [order for order in self._world.orders() if order["identifier"] not in self._known]
        captured = [order for order in new if order["state"] == "captured"]
        return len(captured) == int(self._wanted[0] == "paid")
