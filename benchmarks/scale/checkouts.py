"""Checkouts per second at a gateway that answers after 50 ms, beside what could limit them.

As many shoppers send their forms at once as threads may wait for a new payment. Each limit is
measured in the same run: the processor with a gateway that answers at once, the disk with
transactions of one row.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit

from sqlalchemy import Connection, create_engine, event, text
from urllib3 import HTTPConnectionPool

from benchmarks.client import in_another_process
from benchmarks.rig.durable import a_database, commits_per_second
from benchmarks.rig.markdown import figure, print_table
from benchmarks.rig.server import SHOP, Server, serving
from benchmarks.rig.sizes import whole_number
from benchmarks.rig.slow_gateway import answering_after
from benchmarks.rig.visitor import Visitor
from payment_engine.sqlalchemy_writing import WRITES
from storefront import create_app
from storefront.core.database import db
from storefront.core.settings import SETTINGS
from storefront.orders import checkout
from storefront.orders.models import Customer
from testkit.scenario import checkout_request
from testkit.settings import quiet_settings
from testkit.shopper import DETAILS

ANSWERS_AFTER = 0.05  # seconds
THREADS = next(int(s.default) for s in SETTINGS if s.name == "GATEWAY_CREATE_SLOTS")
ORDERS = whole_number("SCALE_CHECKOUTS", 400)
ROUNDS = whole_number("SCALE_ROUNDS", 3)
OF_THE_LOWEST = 0.8
HEAD = ("database", "checkouts a second", "threads allow", "the CPU allows", "the disk allows",
        "of the lowest", "limit")  # fmt: skip


@dataclass(frozen=True)
class Rates:
    """Checkouts per second, and what each of three things would allow."""

    slow: float
    threads: float
    cpu: float
    disk: float

    @property
    def of_the_lowest(self) -> float:
        """The share of the lowest limit that was reached."""
        return self.slow / min(self.threads, self.cpu, self.disk)


def main() -> int:
    """Print a row for each database; exit code 1 if a share is below its limit."""
    found = {}
    for kind in ("sqlite", "postgresql"):
        with a_database(kind) as url:
            found[kind] = _measured(url)
        print(kind, found[kind], flush=True)
    print_table("Checkouts", HEAD, [_row(kind, rates) for kind, rates in found.items()])
    broken = [kind for kind, rates in found.items() if rates.of_the_lowest < OF_THE_LOWEST]
    for kind in broken:
        print(f"BROKEN: {kind}: {found[kind].of_the_lowest:.2f} is below {OF_THE_LOWEST}")
    return int(bool(broken))


def _row(kind: str, rates: Rates) -> list[object]:
    figures = [figure(each) for each in (rates.slow, rates.threads, rates.cpu, rates.disk)]
    return [kind, *figures, f"{rates.of_the_lowest:.2f}", OF_THE_LOWEST]


def _measured(url: str) -> Rates:
    _stock_up(url)
    disk = commits_per_second(url, THREADS)
    slow: list[float] = []
    cpu: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        in_another_process(answering_after(ANSWERS_AFTER)) as late,
        in_another_process(answering_after(0.0)) as at_once,
    ):
        disk /= _commits_of_one(url, at_once)
        for _ in range(ROUNDS):  # in turns: what slows the machine down slows both
            for gateway, rates in ((late, slow), (at_once, cpu)):
                with serving(SHOP, url, gateway, Path(folder) / "log") as server:
                    rates.append(_rate(server, gateway))
    return Rates(median(slow), THREADS / ANSWERS_AFTER, median(cpu), disk)


def _stock_up(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        more = "stock_received = stock_received + 1000000, stock_free = stock_free + 1000000"
        connection.execute(text(f"UPDATE products SET {more}"))  # noqa: S608 - our own words
    engine.dispose()


def _commits_of_one(url: str, gateway: str) -> int:
    """How many transactions one checkout commits; the counters of the limits are none of them."""
    app, count = create_app(quiet_settings(DATABASE_URL=url, PPG_BASE_URL=f"{gateway}/ppg/v2")), []
    with app.app_context():

        @event.listens_for(db.engine, "commit")
        def note(connection: Connection) -> None:
            count.extend([1] * bool(connection.get_execution_options().get(WRITES)))

        services = app.extensions["services"]
        request = checkout_request(services, {1: 1}, Customer(**DETAILS), "one-checkout")
        checkout.check_out(services, request, "ppg", language="fa")
        db.session.remove()
        db.engine.dispose()
    return len(count)


def _rate(server: Server, gateway: str) -> float:
    address = urlsplit(server.url)
    with (
        HTTPConnectionPool(str(address.hostname), address.port, maxsize=THREADS) as pool,
        ThreadPoolExecutor(THREADS) as threads,
    ):
        ready = list(threads.map(lambda _: _at_the_form(pool), range(ORDERS + THREADS)))
        list(threads.map(_check_out, ready[:THREADS]))  # the first ones find nothing warm
        began = perf_counter()
        list(threads.map(_check_out, ready[THREADS:]))
        seconds = perf_counter() - began
    if not all(visitor.location.startswith(gateway) for visitor in ready):
        raise RuntimeError("somebody was not sent to the gateway")
    return ORDERS / seconds


def _at_the_form(pool: HTTPConnectionPool) -> Visitor:
    visitor = Visitor(pool)
    visitor.get("/products/turquoise-bowl")
    visitor.send("/cart/add/turquoise-bowl", {"quantity": "1"})
    visitor.get("/checkout")
    return visitor


def _check_out(visitor: Visitor) -> None:
    visitor.send("/checkout", DETAILS | {"delivery": "post"})


if __name__ == "__main__":
    sys.exit(main())
