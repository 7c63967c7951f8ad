"""From "paid and vanished" to "paid": how long an order waits whose shopper never comes back.

Shop, worker and gateway are real processes. The limit is RECOVER_AFTER_SECONDS plus two ticks of
the worker. Nobody opens the order's page meanwhile, since that would ask the gateway, too.
"""

from __future__ import annotations

import re
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from benchmarks.client import in_another_process, serve_sandbox
from jibit_sandbox.testing import SandboxWorld
from testkit.databases import SqliteFiles, fill_catalogue
from testkit.http_shopper import HttpShopper
from testkit.live import LiveShop
from testkit.processes import wait_until

SHOPPERS = 20
INTERVAL, TICK = 10, 2  # seconds; shorter than the defaults, so that it does not take long
LIMIT = INTERVAL + 2 * TICK


class NotMeasured(Exception):
    """Something else went wrong; the message says what."""


def main() -> int:
    """Print the longest wait; exit code 1 if it broke the limit."""
    with tempfile.TemporaryDirectory() as folder, in_another_process(serve_sandbox) as base_url:
        files = SqliteFiles(Path(folder))
        with files.fresh(Path(folder) / "shop", stocked=True) as url:
            fill_catalogue(url)
            settings: dict[str, Any] = {
                "RECOVER_AFTER_SECONDS": INTERVAL,
                "WORKER_TICK_SECONDS": TICK,
            }
            shop = LiveShop(url, SandboxWorld(base_url), Path(folder), **settings)
            waits = measured(shop, url)
    print(f"from paid and vanished to paid, {len(waits)} shoppers, real processes")
    print(f"  longest {max(waits):.2f} s      limit {LIMIT} s")
    return int(max(waits) > LIMIT)


def measured(shop: LiveShop, url: str) -> list[float]:
    """Seconds from the bank's "paid" to the shop's, for every shopper."""
    engine = create_engine(url)
    shop.start()
    try:
        with shop.at_work():
            shoppers = [Vanished(shop) for _ in range(SHOPPERS)]
            wait_until(lambda: len(paid_here(engine)) == SHOPPERS, "all are paid")
        shown = [shopper.status() for shopper in shoppers]
        here = paid_here(engine)
    finally:
        shop.stop()
        engine.dispose()
    if shown != ["paid"] * SHOPPERS:
        raise NotMeasured(f"the orders' pages say {shown}")
    return [(here[identifier] - at).total_seconds() for identifier, at in paid_there(shop)]


class Vanished:
    """Buys, notes the order's page, pays, and closes the browser."""

    def __init__(self, shop: LiveShop) -> None:
        self._browser = HttpShopper(shop.url)
        self._browser.put_in_cart()
        there = self._browser.check_out()
        self._browser.open("/cart")
        page = re.search(r"/orders/[\w-]+", self._browser.page.text)
        if there is None or page is None:
            raise NotMeasured("the shop did not send the shopper to the bank")
        self._page = page[0]
        shop.sandbox.pay_and_vanish(there)

    def status(self) -> str:
        """What the order's page says, to whoever comes back to it."""
        self._browser.open(f"{self._page}/status")
        return str(self._browser.page.json()["order_state"])


def paid_here(engine: Engine) -> dict[str, datetime]:
    """When the shop noted each payment as paid, by the gateway's id of it."""
    query = text("SELECT gateway_payment_id, paid_at FROM payments WHERE paid_at IS NOT NULL")
    with engine.connect() as connection:
        return {
            row.gateway_payment_id: datetime.fromisoformat(f"{row.paid_at}+00:00")
            for row in connection.execute(query)
        }


def paid_there(shop: LiveShop) -> list[tuple[str, datetime]]:
    """When the money was taken, by the gateway's own book."""
    return [
        (order["identifier"], datetime.fromisoformat(move["at"]))
        for order in shop.sandbox.orders()
        for move in order["moves"]
        if move["state"] == "paid"
    ]


if __name__ == "__main__":
    sys.exit(main())
