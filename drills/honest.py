"""Honest shoppers beside the strangers: they buy, and look at the catalogue, and are timed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from statistics import median, quantiles

import requests

from drills.abuse_site import AbuseSite
from drills.plain_client import PlainClient
from jibit_sandbox.testing import ShopperStopped
from testkit.http_shopper import HttpShopper

BUYERS = 5  # an address each
VISITORS = 6  # an address each: below what the web server takes from one
LOOKS = 10.0  # at the catalogue, a second: all visitors in turn
LOST = (requests.RequestException, ShopperStopped, AssertionError)

_numbers = count(1)


class NotPaid(Exception):
    """The shop says something else of an order that was paid."""


@dataclass
class Seen:
    """What honest shoppers saw. Times are in seconds."""

    looks: list[float] = field(default_factory=list)
    failed_looks: int = 0
    purchases: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def p99(self) -> float:
        """What 99 of 100 looks at the catalogue take at most."""
        return quantiles(self.looks, n=100)[98]

    @property
    def usual(self) -> float:
        """What half of them take at most."""
        return median(self.looks)


@contextmanager
def honest_shoppers(site: AbuseSite, purchases_a_second: float) -> Iterator[Seen]:
    """Let them shop until the end of the block; a purchase that has begun is finished."""
    seen, over = Seen(), threading.Event()
    with ThreadPoolExecutor(BUYERS + 1) as pool:
        jobs = [pool.submit(_look, site, seen, over)]
        every = BUYERS / purchases_a_second
        for number in range(BUYERS):
            first = number / purchases_a_second
            jobs.append(pool.submit(_shop, site, seen, over, first, every))
        try:
            yield seen
        finally:
            over.set()
        for job in jobs:
            job.result()


def _look(site: AbuseSite, seen: Seen, over: threading.Event) -> None:
    clients = [PlainClient(site.site, f"127.0.1.{next(_numbers)}") for _ in range(VISITORS)]
    for client in cycle(clients):
        if over.wait(1 / LOOKS):
            break
        began = time.perf_counter()
        if client.get("/products").status == 200:
            seen.looks.append(time.perf_counter() - began)
        else:
            seen.failed_looks += 1
    for client in clients:
        client.close()


def _shop(site: AbuseSite, seen: Seen, over: threading.Event, first: float, every: float) -> None:
    address, due = f"127.0.1.{next(_numbers)}", time.monotonic() + first
    while not over.wait(max(0.0, due - time.monotonic())):
        due += every
        began = time.perf_counter()
        try:
            _buy(site, address)
        except (*LOST, NotPaid) as error:
            seen.failures.append(f"{type(error).__name__}: {error}"[:500])
        else:
            seen.purchases.append(time.perf_counter() - began)


def _buy(site: AbuseSite, address: str) -> None:
    shopper = HttpShopper(site.site.origin, address=address, certificate=site.site.certificate)
    shopper.open("/")
    shopper.put_in_cart()
    bank_page = shopper.check_out()
    if bank_page is None:
        raise NotPaid(f"{shopper.page.status_code} at the checkout")
    shopper.open(site.bank.pay(bank_page))
    status = shopper.get(f"{shopper.page.url}/status").json()
    if status["order_state"] != "paid":
        raise NotPaid(f"{shopper.page.url} is {status['order_state']}")
