"""What a hanging gateway costs the catalogue: its p99 while 50 shoppers check out, well and hung.

The shop runs as `make run` runs it. Beside the shoppers, one visitor opens the catalogue at a
steady pace; the figure is the visitor's p99 with the gateway hanging, as a ratio to the p99 with
the gateway answering, both measured in this run. It counts only if all of them checked out.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from statistics import quantiles
from time import monotonic, sleep

import requests

from jibit_sandbox.testing import running_sandbox
from testkit.databases import SqliteFiles, fill_catalogue
from testkit.http_shopper import HttpShopper
from testkit.live import LiveShop

RATIO_LIMIT = 1.5
SHOPPERS = 50
SECONDS = 12.0
PACE = 0.02  # seconds between two visits


def main() -> int:
    """Print the table; exit code 1 if the limit is broken."""
    with tempfile.TemporaryDirectory() as folder, running_sandbox() as sandbox:
        files = SqliteFiles(Path(folder))
        with files.fresh(Path(folder) / "shop", stocked=True) as url:
            fill_catalogue(url)
            shop = LiveShop(url, sandbox.world("bench"), Path(folder))
            shop.start()
            try:
                well = _p99(shop)
                shop.sandbox.behave("hang", operation="create", times=None)
                hung = _p99(shop)
            finally:
                shop.sandbox.forget_behaviours()
                shop.stop()
    ratio = hung / well
    print(f"catalogue's p99 while {SHOPPERS} shoppers check out")
    print(f"  gateway answers  {well * 1000:8.1f} ms")
    print(f"  gateway hangs    {hung * 1000:8.1f} ms")
    print(f"  ratio            {ratio:8.2f}      limit {RATIO_LIMIT}")
    return int(ratio > RATIO_LIMIT)


def _p99(shop: LiveShop) -> float:
    """Seconds that 99 of 100 visits take at most, while shoppers check out."""
    with _shoppers(shop.url), closing(requests.Session()) as visitor:
        visitor.trust_env = False
        visits = list(_visits(visitor, shop.url))
    return quantiles(visits, n=100)[98]


def _visits(visitor: requests.Session, url: str) -> Iterator[float]:
    end = monotonic() + SECONDS
    while monotonic() < end:
        began = monotonic()
        visitor.get(url, timeout=30).raise_for_status()
        yield monotonic() - began
        sleep(PACE)


@contextmanager
def _shoppers(url: str) -> Iterator[None]:
    """Somebody checks out in each of so many browsers at any time, until the visitor is done."""
    done = threading.Event()

    def keep_checking_out() -> int:
        orders = 0
        while not done.wait(1.0):
            shopper = HttpShopper(url)  # each buys once: unpaid orders of one client are limited
            with suppress(requests.RequestException):
                shopper.put_in_cart()
                if shopper.page.ok:  # else too many write at this moment, and it tries again
                    shopper.check_out()
                    orders += 1
        return orders

    with ThreadPoolExecutor(SHOPPERS) as pool:
        shoppers = [pool.submit(keep_checking_out) for _ in range(SHOPPERS)]
        try:
            yield
        finally:
            done.set()
    if not all(shopper.result() for shopper in shoppers):
        sys.exit("BROKEN: a shopper never checked out")


if __name__ == "__main__":
    sys.exit(main())
