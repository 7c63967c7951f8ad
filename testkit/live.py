"""A shop as it really runs: server and worker in processes of their own, on a free port."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from jibit_sandbox.testing import SandboxWorld
from storefront.devserver.main import flask_command, shop_command
from testkit.processes import Process, answers, free_port, wait_until
from testkit.settings import at_gateways, quiet_environment

EXPIRES_SENTENCE = (
    """UPDATE payments SET state = 'expired'
       WHERE order_key = (SELECT number FROM orders WHERE token = :token)""",
    "UPDATE orders SET state = 'expired' WHERE token = :token",
)
REVIEW_SENTENCE = """UPDATE payments SET state = 'needs_review'
    WHERE order_key = :number AND state IN ('awaiting_payer', 'verifying', 'in_doubt')"""
ERASE_SENTENCE = """UPDATE orders SET full_name = '', mobile = '', address = '', postal_code = '',
    province = NULL, city = NULL,
    erased_at = CURRENT_TIMESTAMP WHERE token = :token"""


LONG_INVOICE_SENTENCES = (
    f"UPDATE orders SET address = '{'خیابان ' * 71}' WHERE token = :token",  # noqa: S608 - 497 letters
    """INSERT INTO order_lines (order_id, product_id, kind, name_fa, name_en, unit_price_rials,
           quantity, taken_back)
       SELECT order_id, product_id, kind, name_fa, name_en, unit_price_rials, quantity, taken_back
       FROM order_lines JOIN orders ON orders.id = order_id
       WHERE token = :token AND kind = 'product'""",
)


class LiveShop:
    """One shop, its worker, and the sandbox's world that it pays in, all in real time.

    ``settings`` are the shop's, where they are to be others than here. ``worker`` is the command
    that runs another worker than the usual one.
    """

    def __init__(
        self,
        database_url: str,
        sandbox: SandboxWorld,
        folder: Path,
        *,
        worker: Sequence[str] | None = None,
        **settings: object,
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox = sandbox
        self.database_url = database_url
        quick = {
            "GATEWAY_READ_TIMEOUT": 2,
            "RECOVER_AFTER_SECONDS": 1,
            "WORKER_TICK_SECONDS": 0.5,
            "UPLOADS_FOLDER": folder / "uploads",
        }
        environment = quiet_environment(
            DATABASE_URL=database_url,
            PUBLIC_URL=self.url,
            TRUSTED_PROXIES=1,  # every shopper has an address of its own
            **(at_gateways(sandbox) | quick | settings),
        )
        self.environment, self._folder = environment, folder
        command = shop_command("127.0.0.1", self.port)
        self.shop = Process(command, environment, folder / "shop.log")
        command = list(worker or flask_command("worker"))
        self.worker = Process(command, environment, folder / "worker.log")

    def start(self) -> None:
        """Start the server and wait until it can serve."""
        self.shop.start()
        wait_until(lambda: answers(self.port, "/readyz"), "the shop is ready")

    def stop(self) -> None:
        """Stop the server politely."""
        _stop(self.shop)

    def let_expire(self, token: str) -> None:
        """Write down what the worker would, once nobody has paid this order for long enough."""
        self._write(*EXPIRES_SENTENCE, token=token)

    def let_need_a_person(self, number: str) -> None:
        """Write down what the worker would, once the gateway was unclear about it for a day."""
        engine = create_engine(self.database_url)
        with engine.begin() as connection:
            changed = connection.execute(text(REVIEW_SENTENCE), {"number": number}).rowcount
        engine.dispose()
        assert changed, f"no open payment of order {number}"

    def erase(self, token: str) -> None:
        """Write down what the worker would, once this order's personal data was kept for long."""
        self._write(ERASE_SENTENCE, token=token)

    def lengthen(self, token: str, *, doublings: int = 0) -> None:
        """Give this order the longest address, and double its lines so often."""
        address, doubling = LONG_INVOICE_SENTENCES
        self._write(address, *[doubling] * doublings, token=token)

    def command(self, *words: str, environment: Mapping[str, str] | None = None) -> Process:
        """A command of this shop, such as ``refunds list``; not started yet."""
        log = self._folder / f"{words[0]}-{secrets.token_hex(4)}.log"
        return Process(flask_command(*words), {**self.environment, **(environment or {})}, log)

    def owners_link(self) -> str:
        """The address at which a new owner of this shop chooses a password."""
        added = self.command("staff", "add", f"owner {secrets.token_hex(3)}", "--role", "owner")
        added.start()
        assert added.wait() == 0, added.output
        return added.output.strip()

    def rows(self, query: str, **values: object) -> list[dict[str, Any]]:
        """What is in this shop's tables."""
        engine = create_engine(self.database_url)
        with engine.connect() as connection:
            found = [dict(row) for row in connection.execute(text(query), values).mappings()]
        engine.dispose()
        return found

    def _write(self, *changes: str, token: str) -> None:
        engine = create_engine(self.database_url)
        with engine.begin() as connection:
            for change in changes:
                changed = connection.execute(text(change), {"token": token}).rowcount
                assert changed, f"no order has the token {token}"
        engine.dispose()

    def set_workers_clock_back(self) -> None:
        """Set it back by an hour, where the worker is `testkit.stepped_worker` and has begun."""
        wait_until(lambda: self.rows("SELECT 1 FROM worker_runs LIMIT 1"), "the worker has begun")
        self.worker.signal(signal.SIGUSR1)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Have the worker run meanwhile; it asks about every payment soon."""
        self.worker.start()
        try:
            yield
        finally:
            _stop(self.worker)


def _stop(process: Process) -> None:
    process.signal(signal.SIGTERM)
    process.wait()
    process.kill()


@contextmanager
def live_shop(
    database_url: str, running: SandboxWorld, folder: Path, card: str = "ppg"
) -> Iterator[LiveShop]:
    """A live shop in a world of its own; whatever it said must not contain a traceback."""
    world = running.world(f"live{secrets.token_hex(6)}")
    live = LiveShop(database_url, world, folder, **at_gateways(world, card))
    live.start()
    try:
        yield live
    finally:
        live.stop()
    for process in (live.shop, live.worker):
        assert "Traceback" not in process.output, process.output
