"""A shop of the examples as its shopper and its operator meet it: over HTTP, and as processes."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from sqlalchemy import column, create_engine, select, table, text

from jibit_sandbox.testing import SandboxWorld, browser
from testkit.forks import CONTEXT
from testkit.processes import ROOT, Process, answers, free_port, wait_until
from tests.examples import children
from tests.examples.children import Child, Program, Strike

TIMEOUT = 20  # seconds


@dataclass
class Ledgers:
    """What the shop's database and the bank say in the end."""

    order: str
    payments: list[str]
    captured: list[tuple[str, int]]
    paid_here: list[tuple[str, int]]
    verifications: int


class ExampleShop:
    """One example on one database; its server may be killed and started again."""

    def __init__(
        self, example: Example, child: Child, world: SandboxWorld, port: int, database_url: str
    ) -> None:
        self.example, self.world = example, world
        self.url = f"http://127.0.0.1:{port}"
        self._child, self._port, self._database_url = child, port, database_url
        self._server: Any = None
        self._starts = 0

    # processes

    def start(self, strike: Strike | None = None) -> None:
        """Start the server, which dies at the strike."""
        self.kill()
        child = replace(self._child, strike=strike)
        self._server = CONTEXT.Process(target=children.serve, args=(child, self._port))
        self._server.start()
        self._starts += 1
        wait_until(lambda: answers(self._port), f"the shop is ready:\n{self.output}")

    def kill(self) -> None:
        """kill -9 of the server."""
        if self._server is not None:
            self._server.kill()
            self._server.join()

    @property
    def deaths(self) -> int:
        """How often it was killed before its time."""
        return self._starts - answers(self._port)

    def pass_time(self, seconds: float) -> None:
        """Let time pass for every process that is started from now on, and for the bank."""
        self._child = replace(self._child, later=self._child.later + seconds)
        self.world.clock.advance(seconds)

    def recover(self, *, after: float = 61) -> None:
        """Run the recovery command in a process of its own, a minute later."""
        self.pass_time(after)
        worker = CONTEXT.Process(target=children.recover, args=(self._child,))
        worker.start()
        worker.join(TIMEOUT)
        assert worker.exitcode == 0, self.output

    @contextlib.contextmanager
    def program(self, *arguments: str) -> Iterator[None]:
        """Run Python in the example's folder, by the machine's own clock."""
        child = self._child
        command = [sys.executable, *arguments]
        environment = {
            **child.environment,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        process = Process(command, environment, child.log, child.folder)
        process.start()
        try:
            yield
        finally:
            process.kill()

    def make_due(self) -> None:
        """Make every payment due now, as if its time had passed."""
        self._execute("UPDATE payments SET next_check_at = created_at")

    def _execute(self, statement: str) -> None:
        engine = create_engine(self._database_url)
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()

    @property
    def output(self) -> str:
        """All that its processes have said."""
        return self._child.log.read_text() if self._child.log.exists() else ""

    # the shopper

    def place_order(self) -> str:
        """Order something; return the address of the order's page."""
        answer = self._send("/orders", mobile="09121234567")
        return urljoin(self.url, answer.headers["Location"])

    def pay(self, order_page: str) -> str:
        """Press the button; return where the browser is sent."""
        answer = self._send(f"{order_page}/pay")
        return urljoin(self.url, answer.headers.get("Location", ""))

    def checked_out(self) -> tuple[str, str]:
        """Order and press the button; return the order's page and the bank's."""
        order_page = self.place_order()
        bank_page = self.pay(order_page)
        assert bank_page.startswith(self.world.base_url), self.output
        return order_page, bank_page

    def open(self, address: str) -> requests.Response:
        """Open a page as a browser does, redirects included."""
        with browser() as client:
            page = client.get(urljoin(self.url, address), timeout=TIMEOUT)
        assert page.ok, self.output
        return page

    def come_back(self, callback_url: str) -> requests.Response:
        """Follow the bank's redirect to this shop, wherever its callback URL says it is."""
        parts = urlsplit(callback_url)
        return self.open(f"{parts.path}?{parts.query}")

    def _send(self, path: str, **typed: str) -> requests.Response:
        with browser() as client:
            answer = client.post(
                urljoin(self.url, path), data=typed, timeout=TIMEOUT, allow_redirects=False
            )
        assert answer.status_code < requests.codes.server_error, self.output
        return answer

    # the ledgers

    def ledgers(self) -> Ledgers:
        """Read both ledgers, of the only order there is."""
        engine = create_engine(self._database_url)
        with engine.connect() as connection:
            order = connection.scalar(
                select(column("state")).select_from(table(self.example.order_table))
            )
            payments = connection.execute(
                text("SELECT state, gateway_payment_id, amount_rials FROM payments ORDER BY id")
            ).all()
        engine.dispose()
        captured = [each for each in self.world.orders() if each["state"] == "captured"]
        return Ledgers(
            order=str(order),
            payments=[row.state for row in payments],
            captured=[(each["identifier"], each["amount_rials"]) for each in captured],
            paid_here=[(row[1], row[2]) for row in payments if row.state == "paid"],
            verifications=len(self.world.requests_seen(operation="verify")),
        )


@dataclass(frozen=True)
class Example:
    """A folder of the examples: how to load it, its settings' names, and its table of orders."""

    folder: Path
    load: Callable[[], Program]
    settings: Mapping[str, str]
    order_table: str
    recover: tuple[str, ...]

    def environment(self, world: SandboxWorld, port: int) -> dict[str, str]:
        """Return the settings of a shop on this port, at this world."""
        values = {
            "base_url": world.ppg_base_url,
            "api_key": world.api_key,
            "secret_key": world.secret_key,
            "callback_url": f"http://127.0.0.1:{port}/pay/{{reference}}/callback",
            "pay_host": urlsplit(world.base_url).netloc,
            "connect_timeout": "0.5",  # a dead process's lease of the tokens is waited for
            "read_timeout": "1.5",
        }
        return {name: values[value] for name, value in self.settings.items()}


FLASK = Example(
    folder=ROOT / "examples" / "flask_minimal",
    load=children.flask_shop,
    settings={
        "SHOP_JIBIT_BASE_URL": "base_url",
        "SHOP_JIBIT_API_KEY": "api_key",
        "SHOP_JIBIT_SECRET_KEY": "secret_key",
        "SHOP_JIBIT_CONNECT_TIMEOUT": "connect_timeout",
        "SHOP_JIBIT_READ_TIMEOUT": "read_timeout",
        "SHOP_CALLBACK_URL": "callback_url",
        "SHOP_PAY_HOST": "pay_host",
    },
    order_table="order",
    recover=("-m", "flask", "--app", "shop_with_payments", "recover"),
)
DJANGO = Example(
    folder=ROOT / "examples" / "django_minimal",
    load=children.django_shop,
    settings={
        "JIBIT_BASE_URL": "base_url",
        "JIBIT_API_KEY": "api_key",
        "JIBIT_SECRET_KEY": "secret_key",
        "CALLBACK_URL": "callback_url",
        "PAY_HOST": "pay_host",
    },
    order_table="shop_order",
    recover=("shop.py", "recover"),
)
EXAMPLES = {"flask": FLASK, "django": DJANGO}


@contextlib.contextmanager
def running(
    example: Example, world: SandboxWorld, database_url: str, folder: Path
) -> Iterator[ExampleShop]:
    """Yield an example, which is started by the test."""
    port = free_port()
    environment = example.environment(world, port) | {"DATABASE_URL": database_url}
    child = Child(example.load, example.folder, environment, folder / "shop.log")
    shop = ExampleShop(example, child, world, port, database_url)
    try:
        yield shop
    finally:
        shop.kill()
