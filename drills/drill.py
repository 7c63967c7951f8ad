"""`make drill`: every rehearsal against the running shop, a line each, before real money comes.

A line says what the shopper saw, where the payment ended in our book and in the gateway's, and
whether that is right: captured there and paid here are the same set, always.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup

from drills.scenarios import SCENARIOS, Scenario, Trouble
from storefront.sandbox.testing import running_sandbox
from tests.rig.databases import SqliteFiles, fill_shelves
from tests.rig.http_shopper import HttpShopper
from tests.rig.live import LiveShop

PATIENCE_SECONDS = 30.0
WINDOW_SECONDS = 900


def main(words: Sequence[str] = ()) -> int:
    """Run all scenarios, or those whose name has one of ``words``; exit code 1 if any is wrong."""
    chosen = [s for s in SCENARIOS if not words or any(word in s.name for word in words)]
    with tempfile.TemporaryDirectory() as folder, running_sandbox() as sandbox:
        files = SqliteFiles(Path(folder))
        with files.fresh(Path(folder) / "shop", stocked=True) as url:
            fill_shelves(url)
            shop = LiveShop(url, sandbox.world("drill"), Path(folder))
            shop.start()
            try:
                with shop.at_work():
                    good = [Rehearsal(shop, scenario).run() for scenario in chosen]
            finally:
                shop.stop()
    print(f"{sum(good)} of {len(good)} scenarios ended as they must")
    return int(not all(good))


class Rehearsal:
    """One scenario, played once."""

    def __init__(self, shop: LiveShop, scenario: Scenario) -> None:
        self._scenario, self._world = scenario, shop.sandbox
        self._shopper = HttpShopper(shop.url)
        self._seen: list[str] = []
        self._known = {order["identifier"] for order in self._world.orders()}

    def run(self) -> bool:
        """Play it and print its line; True if it ended as it must."""
        bank_page = self._go_to_bank()
        self._order_page = self._find_order_page()
        self._arm(self._scenario.at_bank)
        for act in self._scenario.ending.split(", "):
            bank_page = self._act(act, bank_page)
        self._see()
        self._world.forget_behaviours()
        here, there = self._wait()
        right = (here, there) == (self._scenario.here, self._scenario.there)
        verdict = "ok" if right and self._books_agree() else "WRONG"
        saw = " → ".join(self._seen)
        print(f"{verdict:5}  {self._scenario.name:48} {here:9} {there:9} {saw}", flush=True)
        return verdict == "ok"

    def _arm(self, troubles: Sequence[Trouble]) -> None:
        for trouble in troubles:
            self._world.behave(
                trouble.name,
                operation=trouble.operation,
                times=trouble.times,
                **dict(trouble.parameters),
            )

    def _go_to_bank(self) -> str:
        self._shopper.put_in_cart()
        self._arm(self._scenario.at_checkout)
        sent_to = self._shopper.check_out()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while sent_to is None:
            self._see()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._scenario.name}: never sent to the bank")
            sent_to = self._shopper.check_out()
        return sent_to

    def _act(self, act: str, bank_page: str) -> str:
        if act in ("pay", "pay five times", "decline", "cancel"):
            answer = self._world.submit(bank_page, act.split(" ")[0])
            for _ in range(5 if act.endswith("times") else 1):
                self._shopper.open(answer.headers.get("Location") or self._order_page)
        if act == "vanish":
            self._world.pay_and_vanish(bank_page)
            self._shopper.open(self._order_page)
        if act == "forge":
            order = self._world.order(bank_page.split("/")[-2])
            claim = f"?amount=1&refnum={order['identifier']}&state=SUCCESSFUL"
            self._shopper.open(order["callback_url"] + claim)
        if act in ("walk away", "forge"):
            self._shopper.open(self._order_page)
        if self._scenario.there == "expired":
            self._world.clock.advance(WINDOW_SECONDS + 1)
        if self._scenario.ending.endswith(", pay") and act == "decline":
            self._see()
            return str(self._shopper.send("/pay"))
        return bank_page

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
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            stands = self._stands()
            if stands == (self._scenario.here, self._scenario.there):
                self._shopper.open(self._order_page)
                self._see()
                return stands
            if time.monotonic() > deadline:
                return stands
            time.sleep(0.2)

    def _stands(self) -> tuple[str, str]:
        status = requests.get(f"{self._order_page}/status", timeout=10).json()
        return status["payment_state"], self._world.order(status["order_identifier"])["state"]

    def _books_agree(self) -> bool:
        """What this scenario made the gateway capture is what one paid order needs, or nothing."""
        new = [order for order in self._world.orders() if order["identifier"] not in self._known]
        captured = [order for order in new if order["state"] == "captured"]
        return len(captured) == int(self._scenario.here == "paid")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
