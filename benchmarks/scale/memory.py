"""The memory of the shop, the worker and the sandbox: at rest, and after 100,000 requests.

Each is a process of its own. The shop answers 100,000 requests; the worker and the sandbox exchange
as many. The limit: after the first tenth none grows by more than a twentieth.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psutil
from sqlalchemy import create_engine, text
from urllib3 import HTTPConnectionPool

from benchmarks.client import in_another_process
from benchmarks.rig.durable import a_database
from benchmarks.rig.lost_callbacks import lose, make_due, workers
from benchmarks.rig.markdown import print_table
from benchmarks.rig.pairs import PpgV2Pairs
from benchmarks.rig.server import SHOP, serving
from benchmarks.rig.sizes import whole_number
from benchmarks.rig.slow_gateway import answering_after
from benchmarks.rig.visitor import Visitor
from storefront.devserver.main import sandbox_command
from testkit.processes import Process, free_port, listening, wait_until

REQUESTS = whole_number("SCALE_REQUESTS", 100_000)
TENTH = REQUESTS // 10
THREADS = 8
GROWTH_LIMIT = 1.05
PAGES = ("/", "/products", "/products/turquoise-bowl", "/search?q=tea", "/cart")
HEAD = ("process", "at rest, MB", "after a tenth", "the most after that", "growth", "limit")
CALLS_OF_A_PAYMENT = 2  # an inquiry and a verification
CALLS_OF_A_PAIR = 2
SLOW = 0.1  # seconds: so the worker uses all its threads from the beginning


def main() -> int:
    """Print a row for each process; exit code 1 if one has grown."""
    found = {}
    for name, measure in (("shop", _shop), ("worker", _worker), ("sandbox", _sandbox)):
        found[name] = list(_noted(name, measure()))
    print_table(f"Memory, {REQUESTS:,} requests", HEAD, [_row(*each) for each in found.items()])
    grown = [name for name, sizes in found.items() if _growth(sizes) > GROWTH_LIMIT]
    for name in grown:
        print(f"BROKEN: {name} has grown {_growth(found[name]):.2f} times")
    return int(bool(grown))


def _noted(name: str, sizes: Iterator[float]) -> Iterator[float]:
    for number, size in enumerate(sizes):
        print(f"  {name} {number * TENTH:,}: {size:.1f} MB", flush=True)
        yield size


def _growth(sizes: list[float]) -> float:
    return max(sizes[2:]) / sizes[1]


def _row(name: str, sizes: list[float]) -> list[object]:
    figures = [f"{size:.0f}" for size in (sizes[0], sizes[1], max(sizes[2:]))]
    return [name, *figures, f"{_growth(sizes):.3f}", GROWTH_LIMIT]


def _megabytes(pid: int) -> float:
    """What a process and all that it started keep in memory."""
    first = psutil.Process(pid)
    family = (first, *first.children(recursive=True))
    return float(sum(each.memory_info().rss for each in family)) / 1e6


def _shop() -> Iterator[float]:
    with ExitStack() as stack:
        url = stack.enter_context(a_database("postgresql"))
        folder = Path(stack.enter_context(TemporaryDirectory()))
        gateway = stack.enter_context(in_another_process(answering_after(0.0)))
        server = stack.enter_context(serving(SHOP, url, gateway, folder / "log"))
        address = urlsplit(server.url)
        pool = HTTPConnectionPool(str(address.hostname), address.port, maxsize=THREADS)
        yield from _in_tenths(server.pid, lambda share: _visits(pool, share))


def _in_tenths(pid: int, ask: Callable[[int], None]) -> Iterator[float]:
    yield _megabytes(pid)
    for _ in range(10):
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(ask, [TENTH // THREADS] * THREADS))
        yield _megabytes(pid)


def _visits(pool: HTTPConnectionPool, count: int) -> None:
    visitor = Visitor(pool)
    for number in range(count // len(PAGES)):
        for address in PAGES:
            visitor.get(address)
        if number % 20 == 0:  # somebody else comes
            visitor = Visitor(pool)
            visitor.get("/products/turquoise-bowl")


def _worker() -> Iterator[float]:
    payments = REQUESTS // CALLS_OF_A_PAYMENT
    marks = [payments * tenth // 10 for tenth in range(11)]
    with ExitStack() as stack:
        url = stack.enter_context(a_database("postgresql"))
        gateway = stack.enter_context(in_another_process(answering_after(SLOW)))
        (process,) = stack.enter_context(workers(url, gateway, 1, WORKER_TICK_SECONDS=1))
        yield _megabytes(process.pid)
        lose(url, payments)
        make_due(url)
        for mark in marks[1:]:
            _wait_for(url, mark)
            yield _megabytes(process.pid)


def _wait_for(url: str, paid: int) -> None:
    wait_until(lambda: _paid(url) >= paid, f"{paid} are captured", 60 + paid)


def _paid(url: str) -> int:
    return _count(url, "payments WHERE state = 'paid'")


def _count(url: str, rows: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(text(f"SELECT count(*) FROM {rows}"))  # noqa: S608 - our words
    engine.dispose()
    return int(found or 0)


def _sandbox() -> Iterator[float]:
    with TemporaryDirectory() as folder:
        port = free_port()
        command = sandbox_command("127.0.0.1", port)
        process = Process(
            command, {"SANDBOX_DATABASE": f"{folder}/sandbox.sqlite3"}, Path(folder) / "log"
        )
        process.start()
        try:
            wait_until(lambda: listening(port), "the sandbox listens")
            yield from _in_tenths(process.pid, lambda share: _sales(port, share))
        finally:
            process.kill()


def _sales(port: int, count: int) -> None:
    pairs = PpgV2Pairs(f"http://127.0.0.1:{port}")
    try:
        for _ in range(count // CALLS_OF_A_PAIR):
            pairs.through_the_client()
    finally:
        pairs.close()


if __name__ == "__main__":
    sys.exit(main())
