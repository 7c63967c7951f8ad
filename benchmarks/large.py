"""What a large shop costs: 100,000 goods and 1,000,000 orders beside 100 and 1,000.

Each page and each pass of the worker runs in turns on either shop, in this process. The figure is
the CPU time of this process and of its PostgreSQL server process together, as a ratio.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from time import clock_gettime, perf_counter, process_time

from flask import Flask
from sqlalchemy import text

from benchmarks.rig.databases import both
from benchmarks.rig.filling import Size, fill
from benchmarks.rig.server import clock_of
from storefront import create_app
from storefront.core.database import db
from storefront.worker.jobs import run_job
from testkit.settings import quiet_settings

SMALL = Size(products=100, orders=1_000)
LARGE = Size(
    products=int(os.environ.get("LARGE_PRODUCTS", 100_000)),
    orders=int(os.environ.get("LARGE_ORDERS", 1_000_000)),
)
RATIO_LIMIT = 1.2
ROUNDS, REQUESTS = 15, 4


def _page(address: str) -> Callable[[Flask], None]:
    def ask(app: Flask) -> None:
        answer = app.test_client().get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status}")

    return ask


def _pass(job: str) -> Callable[[Flask], None]:
    def work(app: Flask) -> None:
        run_job(app, job)

    return work


WORK: dict[str, Callable[[Flask], None]] = {
    "front": _page("/"),
    "catalogue": _page("/products"),
    "catalogue, far on": _page("/products?after=60-86"),
    "category, cheapest": _page("/categories/ceramics?sort=cheapest"),
    "search, one hit": _page("/search?q=x1000042"),
    "search, many hits": _page("/search?q=tea"),  # a full page in either shop
    "search, misspelt": _page("/search?q=saffrom"),
    "search, nothing": _page("/search?q=bicycle"),
    "product": _page("/products/good-42"),
    "order": _page("/orders/order-token-500"),
    "order history": _page("/orders/order-token-500/history"),
    "metrics": _page("/metrics"),
    "lost callbacks": _pass("recover_payments"),
    "stale orders": _pass("expire_orders"),
    "notifications": _pass("send_emails"),
}


def main() -> int:
    """Print a table for each database; exit code 1 if a ratio is above its limit."""
    broken = []
    for database, urls in both(("small", "large")):
        began = perf_counter()
        for name, size in (("small", SMALL), ("large", LARGE)):
            fill(urls[name], size)
        print(
            f"\n{database}: {LARGE.products:,} goods and {LARGE.orders:,} orders beside"
            f" {SMALL.products:,} and {SMALL.orders:,}; filled in {perf_counter() - began:.0f} s",
            flush=True,
        )
        print("  CPU ms of             small    large   ratio   limit")
        with shop(urls["small"]) as small, shop(urls["large"]) as large:
            broken += [
                f"{database}, {name}: {ratio:.2f} times"
                for name, ratio in _ratios(small, large)
                if ratio > RATIO_LIMIT
            ]
    for sentence in broken:
        print(f"BROKEN: {sentence}")
    return int(bool(broken))


@contextmanager
def shop(url: str, **settings: object) -> Iterator[Callable[[Callable[[Flask], None]], float]]:
    """A shop on this database, as a function that gives the CPU seconds of some work."""
    app = create_app(quiet_settings(DATABASE_URL=url, **settings))
    with app.app_context():
        backend = _backend()
        engine = db.engine

    def cost(work: Callable[[Flask], None]) -> float:
        before = _cpu(backend)
        for _ in range(REQUESTS):
            work(app)
        return (_cpu(backend) - before) / REQUESTS

    try:
        yield cost
    finally:
        engine.dispose()


def _backend() -> int | None:
    """The server process that serves the one connection that this process needs."""
    if db.engine.dialect.name != "postgresql":
        return None
    return int(db.session.scalar(text("SELECT pg_backend_pid()")) or 0)


def _cpu(backend: int | None) -> float:
    return process_time() + (clock_gettime(clock_of(backend)) if backend else 0)


Cost = Callable[[Callable[[Flask], None]], float]


def _ratios(small: Cost, large: Cost) -> Iterator[tuple[str, float]]:
    """In turns, so that whatever else the machine does meets both; the first round warms up."""
    for name, work in WORK.items():
        costs = [(small(work), large(work)) for _ in range(ROUNDS + 1)][1:]
        few, many = (median(column) for column in zip(*costs, strict=True))
        ratio = many / few
        print(
            f"  {name:18} {few * 1000:8.2f} {many * 1000:8.2f} {ratio:7.2f} {RATIO_LIMIT:7.2f}",
            flush=True,
        )
        yield name, ratio


if __name__ == "__main__":
    sys.exit(main())
