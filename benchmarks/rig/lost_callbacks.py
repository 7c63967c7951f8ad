"""Payments that were paid and whose browser never came back, and workers that find them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from sqlalchemy import Engine, create_engine, text

from benchmarks.client import in_another_process
from benchmarks.rig.durable import cpu_seconds_of_server
from benchmarks.rig.filling import BUNDLED, GROUPS, NUMBERS, ORDERS, PAYMENTS, QUICKLY
from benchmarks.rig.server import clock_of
from benchmarks.rig.slow_gateway import answering_after, captured_twice
from storefront.devserver.main import flask_command
from testkit.processes import ROOT, Process, wait_until
from testkit.settings import quiet_environment

LINE = """
    INSERT INTO order_lines (order_id, product_id, kind, name_fa, name_en, unit_price_rials,
        quantity)
    {numbers}
    SELECT i, products.id, 'product', name_fa, name_en, price_rials, 1
    FROM numbers JOIN products ON products.id = 1 + i % {bundled}
"""
STOCK = """
    UPDATE products SET stock_received = stock_received + {count},
        stock_reserved = stock_reserved + {count} WHERE id <= {bundled}
"""
# Until all workers have begun; nobody asks a gateway that the shop does not have.
HIDDEN = "UPDATE payments SET gateway = 'none'"
ALL_DUE = (
    "UPDATE orders SET reserved_until = {end}, expiry_check_at = {end}",
    "UPDATE payments SET gateway = 'ppg', next_check_at = now(), expires_at = {end},"
    " closes_at = {end}",
)
THREADS_AT_WORK = 5  # of a worker whose scheduler has begun
# Else every worker would begin with a comparison of the last three days, and find them, too.
RECONCILED = """
    INSERT INTO reconciliation_runs (since, until, follows_on, started_at, finished_at, complete,
        counts)
    VALUES (now(), now(), TRUE, now(), now(), TRUE, '{{}}')
"""
WINDOW = timedelta(minutes=15)
UNIT = ROOT / "deploy" / "systemd" / "storefront-worker.service"


@dataclass(frozen=True)
class Drain:
    """What became of a backlog; ``rate`` leaves out the first and the last tenth."""

    count: int
    rate: float
    seconds: float
    late: int
    twice: int
    cpu_ms: float


def lose(url: str, count: int) -> None:
    """Write so many orders into an empty shop on PostgreSQL, each paid and never heard of again."""
    end = _end()  # what lay further ahead would be looked at now
    now = {"created": "now()", "expires": end, "waits": "TRUE"}
    named = {**now, "numbers": NUMBERS.format(count=count), "bundled": BUNDLED, "count": count}
    filling = (ORDERS, LINE, GROUPS, PAYMENTS, HIDDEN, STOCK, RECONCILED)
    statements = [each.format(**named) for each in filling]
    _execute(url, *QUICKLY["postgresql"], *statements, "VACUUM ANALYZE")


def make_due(url: str) -> None:
    """Let every payment be due now, with its whole window before it."""
    _execute(url, *(each.format(end=_end()) for each in ALL_DUE))


def _end() -> str:
    return f"now() + interval '{WINDOW.total_seconds():.0f} seconds'"


def _execute(url: str, *statements: str) -> None:
    with _engine(url) as engine, engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


@contextmanager
def workers(url: str, gateway: str, count: int, **settings: object) -> Iterator[list[Process]]:
    """Run so many, each a process as `deploy/` starts it, all of them at work by now."""
    environment = quiet_environment(DATABASE_URL=url, PPG_BASE_URL=f"{gateway}/ppg/v2", **settings)
    environment |= re.findall(r"^Environment=(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE)
    with TemporaryDirectory() as folder:
        logs = [Path(folder) / f"worker-{n}.log" for n in range(count)]
        started = [Process(flask_command("worker"), environment, log) for log in logs]
        try:
            for each in started:
                each.start()
            wait_until(lambda: all(map(_is_at_work, started)), "all workers have begun", 120)
            time.sleep(2)  # each has done its first passes, and nothing was due
            yield started
        finally:
            for each in started:
                each.kill()


def _is_at_work(process: Process) -> bool:
    return bool(psutil.Process(process.pid).num_threads() >= THREADS_AT_WORK)


def drain(
    url: str, *, count: int, processes: int, delay: float, patience: float, **settings: object
) -> Drain:
    """Lose so many callbacks in an empty shop, and let so many workers find all of them."""
    lose(url, count)
    with (
        in_another_process(answering_after(delay)) as gateway,
        _engine(url) as engine,
        workers(url, gateway, processes, **settings) as running,
    ):
        before, began = _cpu(url, running), time.monotonic()
        make_due(url)
        wait_until(lambda: _paid(engine) >= count, f"{count} are captured", patience)
        seconds, cpu = time.monotonic() - began, _cpu(url, running) - before
        return _looked_at(engine, captured_twice(gateway), seconds, cpu)


def _cpu(url: str, running: list[Process]) -> float:
    own = sum(time.clock_gettime(clock_of(each.pid)) for each in running)
    return own + cpu_seconds_of_server(url)


def _paid(engine: Engine) -> int:
    time.sleep(0.5)
    with engine.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM payments WHERE state = 'paid'")) or 0


def _looked_at(engine: Engine, twice: int, seconds: float, cpu: float) -> Drain:
    query = text("SELECT paid_at, paid_at > expires_at AS late FROM payments ORDER BY paid_at")
    sold = text("SELECT sum(stock_sold) FROM products")
    again = text("SELECT count(*) FROM payments WHERE verifications_sent > 1")
    with engine.connect() as connection:
        rows = connection.execute(query).all()
        sold_twice = (connection.scalar(sold) or 0) - len(rows)
        twice = max(twice, connection.scalar(again) or 0, sold_twice)
    return Drain(
        count=len(rows),
        rate=_rate([row.paid_at for row in rows]),
        seconds=seconds,
        late=sum(row.late for row in rows),
        twice=twice,
        cpu_ms=cpu / len(rows) * 1000,
    )


def _rate(moments: list[datetime]) -> float:
    first, last = len(moments) // 10, len(moments) * 9 // 10
    return (last - first) / (moments[last] - moments[first]).total_seconds()


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        yield engine
    finally:
        engine.dispose()
