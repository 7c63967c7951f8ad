"""A backlog: 2,000 payments paid by minute 10, no browser back; all must be captured by minute 13.

The gateway is a process of its own and takes 300 ms for every answer. The worker runs here as
`flask worker` does, with the settings' defaults, on a clock that shows minute 10 when it starts.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

from flask import Flask
from sqlalchemy import func, select, update

from benchmarks.client import in_another_process, serve_sandbox
from jibit_sandbox.testing import SandboxWorld
from payment_engine.states import PaymentState
from storefront import create_app
from storefront.catalogue.models import Product
from storefront.core.database import db
from storefront.orders import checkout
from storefront.orders.models import Customer
from storefront.orders.payments import Payment
from storefront.worker import jobs
from testkit.databases import PostgresServer, SqliteFiles
from testkit.scenario import checkout_request
from testkit.settings import quiet_settings
from testkit.shopper import DETAILS

GROUPS, IN_A_GROUP = 40, 50  # a group every 15 seconds, for ten minutes
MINUTES_OF_SHOPPING, LIMIT_MINUTES = 10, 13
ANSWERS_AFTER = 0.3  # seconds
OUT_OF_TURN_LIMIT = 5.0  # seconds
SHOPPERS = 8  # threads that shop, before anything is measured


class Clock:
    """Moved by hand while the shoppers come; then it runs on from there."""

    def __init__(self) -> None:
        self.start = self._shows = datetime.now(UTC)
        self._runs_since: float | None = None

    def __call__(self) -> datetime:
        """What it shows, in UTC."""
        if self._runs_since is None:
            return self._shows
        return self._shows + timedelta(seconds=monotonic() - self._runs_since)

    def advance(self, seconds: float) -> None:
        """Move it on."""
        self._shows += timedelta(seconds=seconds)

    def run(self) -> None:
        """Let it run from now on."""
        self._runs_since = monotonic()


@dataclass(frozen=True)
class Captures:
    """What became of the backlog; ``out_of_turn``: how long a nearer deadline had to wait."""

    count: int
    last_minute: float
    out_of_turn: float

    @property
    def in_time(self) -> bool:
        """Whether every limit was kept."""
        return (
            self.count == GROUPS * IN_A_GROUP
            and self.last_minute <= LIMIT_MINUTES
            and self.out_of_turn <= OUT_OF_TURN_LIMIT
        )


def main() -> int:
    """Print a line for each database; exit code 1 if a limit is broken."""
    print(f"{GROUPS * IN_A_GROUP} payments paid by minute {MINUTES_OF_SHOPPING}, nobody came back;")
    print(f"a gateway that answers after {ANSWERS_AFTER * 1000:.0f} ms")
    results = {}
    for name, url in databases():
        results[name] = result = measured(url)
        print(
            f"  {name:<11} {result.count} captured, the last at minute {result.last_minute:.1f}"
            f" (limit {LIMIT_MINUTES}), at most {result.out_of_turn:.1f} s out of turn"
            f" (limit {OUT_OF_TURN_LIMIT:.0f})"
        )
    return int(not all(result.in_time for result in results.values()))


def databases() -> Iterator[tuple[str, str]]:
    """Both kinds, with the bundled goods."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        files = SqliteFiles(Path(folder))
        yield "sqlite", stack.enter_context(files.fresh(Path(folder) / "shop", stocked=True))
        server = PostgresServer()
        stack.callback(server.stop)
        yield "postgresql", stack.enter_context(server.fresh(Path(folder), stocked=True))


def measured(url: str) -> Captures:
    """Fill the shop with paid payments, let the worker run until none is left, and look."""
    clock = Clock()
    with in_another_process(serve_sandbox) as base_url:
        bank = SandboxWorld(base_url)
        bank.clock.freeze(clock())
        with shop(url, bank, clock) as app:
            pay_and_vanish(app, bank, clock)
            for operation in ("inquiry", "verify"):
                bank.behave("delay", operation=operation, times=None, seconds=ANSWERS_AFTER)
            bank.clock.accelerate(1)
            clock.run()
            threading.Thread(target=stop_when_done, args=[app, clock], daemon=True).start()
            jobs.run(app)
            return captures(app, clock)


@contextmanager
def shop(url: str, bank: SandboxWorld, clock: Clock) -> Iterator[Flask]:
    """A shop with plenty of everything."""
    app = create_app(quiet_settings(DATABASE_URL=url, PPG_BASE_URL=bank.ppg_base_url), clock=clock)
    with app.app_context():
        db.session.execute(update(Product).values(stock_received=10**6, stock_free=10**6))
        db.session.commit()
    yield app
    with app.app_context():
        db.engine.dispose()


def pay_and_vanish(app: Flask, bank: SandboxWorld, clock: Clock) -> None:
    """Let everybody order, pay and disappear, evenly over ten minutes of both clocks."""
    step = MINUTES_OF_SHOPPING * 60 / GROUPS

    def buy(number: int) -> None:
        with app.app_context():
            services = app.extensions["services"]
            request = checkout_request(services, {1: 1}, Customer(**DETAILS), f"key-{number}")
            payment = checkout.check_out(services, request, "ppg", language="fa")
        bank.press(str(payment.gateway_payment_id), "vanish")

    with ThreadPoolExecutor(SHOPPERS) as pool:
        for group in range(GROUPS):
            list(pool.map(buy, range(group * IN_A_GROUP, (group + 1) * IN_A_GROUP)))
            clock.advance(step)
            bank.clock.advance(step)


def stop_when_done(app: Flask, clock: Clock) -> None:
    """End the worker as a person would, when nothing is left or all hope is gone."""
    hopeless = clock.start + timedelta(minutes=LIMIT_MINUTES + 1)
    unpaid = select(func.count()).where(Payment.state != PaymentState.PAID)
    with app.app_context():
        while clock() < hopeless and db.session.scalar(unpaid):
            db.session.rollback()
            sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def captures(app: Flask, clock: Clock) -> Captures:
    """Read when each payment was captured."""
    query = select(Payment.expires_at, Payment.paid_at).where(Payment.paid_at.is_not(None))
    with app.app_context():
        found = db.session.execute(query)
        rows = [(deadline, paid_at) for deadline, paid_at in found if paid_at is not None]
    last = max(paid_at for _, paid_at in rows)
    return Captures(
        count=len(rows),
        last_minute=(last - clock.start).total_seconds() / 60,
        out_of_turn=max(out_of_turn(rows), default=0.0),
    )


def out_of_turn(rows: list[tuple[datetime, datetime]]) -> Iterator[float]:
    """For each payment, how long before it the first one with a later deadline was captured."""
    first_later = datetime.max.replace(tzinfo=UTC)
    for _, paid_at in sorted(rows, reverse=True):
        yield max(0.0, (paid_at - first_later).total_seconds())
        first_later = min(first_later, paid_at)


if __name__ == "__main__":
    sys.exit(main())
