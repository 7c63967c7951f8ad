"""A payment at PPG v3 whose money goes back: what shopper and merchant do, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup

from drills.rehearsal import USUAL_SWITCHES, Outcome
from drills.scenarios import REFUNDING
from testkit.http_shopper import HttpShopper
from testkit.live import LiveShop

HOUR = 3600  # seconds; then a cancellable transfer begins, and another one is at the payer's
SWITCHES = {
    "v3_refund": True,
    "v3_reverse": False,
    "v3_auto_verify": False,
    "v3_refund_balance": "enough",
}
REFUNDS = """SELECT id, state, amount_rials FROM refunds
    WHERE order_key = (SELECT number FROM orders WHERE token = :token) ORDER BY id"""
RETURNED = ("TRANSFERRED", "REVERSED")


T = TypeVar("T")


class OtherwiseError(Exception):
    """A step of a rehearsal did not go as it must; the message says which."""


def must(true: T | None, otherwise: str) -> T:
    """Return what is true. Raises OtherwiseError if it is not."""
    if not true:
        raise OtherwiseError(otherwise)
    return true


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """A way in which money goes back, or does not; ``play`` is what people do until then.

    In the end the order must be in the state ``order``, the first of its payments at the gateway
    in ``there``, our refunds in ``refunds``, and ``percent`` of the order's amount must be back.
    """

    name: str
    play: Callable[[Returning], object]
    order: str = "refunded"
    there: str = "captured"
    percent: int = 100
    refunds: tuple[str, ...] = ("done",)
    place: str = REFUNDING

    def run(self, shop: LiveShop, patience: float) -> Outcome:
        """Play it."""
        at = Returning(shop, patience)
        try:
            self.play(at)
            at.hours_pass()
        except OtherwiseError as problem:
            return Outcome(False, f"WRONG {problem}")
        wanted = (self.order, self.there, self.percent, self.refunds)
        good = at.wait_for(lambda: at.stands() == wanted)
        order, there, percent, refunds = at.stands()
        words = f"{'ok' if good else 'WRONG':5} {order}/{there}"
        return Outcome(good, words, [f"{percent} % are back: {', '.join(refunds)}"])


class Returning:
    """One order at PPG v3, with its shopper and its merchant; ``patience`` is in seconds."""

    def __init__(self, shop: LiveShop, patience: float) -> None:
        self._shop, self._world, self._patience = shop, shop.sandbox, patience
        self._shopper = HttpShopper(shop.url)
        self._known = {order["identifier"] for order in self._world.orders()}
        self.trouble, self.switch = self._world.behave, self._world.switch
        self.switch(**USUAL_SWITCHES, **SWITCHES)

    def order(self) -> str:
        """Put something into the cart and be sent to the bank's page, which is returned."""
        self._shopper.put_in_cart()
        bank_page = must(self._shopper.check_out(gateway="ppg_v3"), "never sent there")
        self._order_page = self._find_order_page()
        self.amount_rials = int(self.status()["amount_rials"])
        return bank_page

    def _find_order_page(self) -> str:
        self._shopper.open("/cart")
        soup = BeautifulSoup(self._shopper.page.text, "html.parser")
        links = [str(link["href"]) for link in soup.find_all("a", href=True)]
        return urljoin(self._shopper.page.url, next(to for to in links if "/orders/" in to))

    def status(self) -> dict[str, Any]:
        """What the order's page says to a script."""
        return dict(requests.get(f"{self._order_page}/status", timeout=10).json())

    def pay(self, bank_page: str) -> None:
        """Pay at the bank and come back."""
        self._shopper.return_from_bank(self._world.callback(bank_page))

    def buy(self) -> None:
        """Order and pay."""
        self.pay(self.order())
        self.wait_for_order("paid")

    def pay_again(self) -> str:
        """Begin another payment of the order, from the wallet; gives its bank's page."""
        self._shopper.open(self._order_page)
        return must(self._shopper.send("/pay", gateway="wallet"), "never sent there again")

    def cancel_order(self) -> None:
        """Give the order up, as its shopper."""
        self._shopper.open(self._order_page)
        self._shopper.send("/cancel", sure="yes")

    def refund(self, *options: str) -> bool:
        """Run `flask refunds request`; return whether a refund was ordered."""
        return self._command("request", self.status()["order_number"], "--reason", "d", *options)

    def _command(self, *words: str) -> bool:
        command = self._shop.command("refunds", *words, "--by", "drill")
        command.start()
        return command.wait() == 0

    def refund_and_die(self) -> None:
        """Kill -9 the merchant's command when the gateway has accepted the refund."""
        self.trouble("hold_after_commit", operation="refund")
        number = self.status()["order_number"]
        command = self._shop.command("refunds", "request", number, "--reason", "d", "--by", "drill")
        command.start()
        self._world.wait_until_held(seconds=self._patience)
        command.kill()
        self._world.release()

    def cancel_refund(self) -> None:
        """Run `flask refunds cancel` for the last refund."""
        must(self._command("cancel", str(self._refunds()[-1]["id"])), "not cancelled")

    def hours_pass(self) -> None:
        """Move the gateway's clock by three hours, when each refund is accepted there."""
        self.wait_for(lambda: not {"requested", "in_doubt"} & set(self._refund_states()))
        self._world.forget_behaviours()
        self._world.clock.advance(3 * HOUR)
        self.wait_for(lambda: "in_progress" not in self._refund_states())

    def wait_for(self, true: Callable[[], bool]) -> bool:
        """Wait until it is true, or patience ends; return whether it is."""
        deadline = time.monotonic() + self._patience
        while not (is_true := true()) and time.monotonic() < deadline:
            time.sleep(0.2)
        return is_true

    def wait_for_refund(self, state: str) -> None:
        """Wait until the last refund is in this state."""
        must(self.wait_for(lambda: self._refund_states()[-1:] == (state,)), f"never {state}")

    def wait_for_order(self, state: str) -> None:
        """Wait until the order is in this state."""
        must(self.wait_for(lambda: self.status()["order_state"] == state), f"never {state}")

    def _refunds(self) -> list[dict[str, Any]]:
        return self._shop.rows(REFUNDS, token=self._order_page.split("/")[-1])

    def _refund_states(self) -> tuple[str, ...]:
        return tuple(refund["state"] for refund in self._refunds())

    def stands(self) -> tuple[str, str, int, tuple[str, ...]]:
        """How the order stands here, its first payment there, how much is back, our refunds."""
        mine = [order for order in self._world.orders() if order["identifier"] not in self._known]
        back = sum(self._returned_rials(order) for order in mine)
        order_state = self.status()["order_state"]
        percent = 100 * back // self.amount_rials
        return order_state, mine[0]["state"], percent, self._refund_states()

    def _returned_rials(self, there: dict[str, Any]) -> int:
        if there["state"] == "reversed":
            return int(there["amount_rials"])
        if there["gateway"] != "ppg_v3":
            return 0
        transfers = self._world.transfers(there["identifier"])
        return sum(int(each["amount_rials"]) for each in transfers if each["state"] in RETURNED)
