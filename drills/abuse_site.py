"""The shop as the documentation says that it is run for real: nginx, Granian and a worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, inspect, text

from drills.plain_client import Site
from jibit_sandbox.testing import SandboxWorld
from storefront.devserver.main import flask_command, sandbox_command
from testkit.documented import documented_command
from testkit.nginx import Nginx
from testkit.processes import Process, answers, free_port, wait_until
from testkit.settings import at_gateways, quiet_environment

PATIENCE = 120.0  # seconds for a part to start
PLENTY = 10**6  # pieces of every product
# The worker counts its own runs, and Alembic its versions: nobody outside causes these rows.
NOT_COUNTED = frozenset({"worker_runs", "alembic_version"})


class AbuseSite:
    """A running shop, and what can be counted behind its back."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.folder = folder
        shop_port, bank_port = free_port(), free_port()
        self.nginx = Nginx(folder, shop_port)
        self.site = Site(self.nginx.port, self.nginx.certificate)
        self.bank = SandboxWorld(f"http://127.0.0.1:{bank_port}")
        self._ports = {bank_port: "/_sandbox/clock", shop_port: "/readyz"}
        self._engine = create_engine(database_url)
        environment = quiet_environment(
            DATABASE_URL=database_url,
            PUBLIC_URL=self.nginx.url,
            TRUSTED_PROXIES=1,
            METRICS_TOKEN="not among those that are tried",  # noqa: S106 - of this drill alone
            **at_gateways(self.bank),
        ) | {"SANDBOX_DATABASE": str(folder / "sandbox.sqlite3")}
        commands = {
            "gateway": sandbox_command("127.0.0.1", bank_port),
            "shop": documented_command(shop_port),
            "worker": flask_command("worker"),
        }
        self._parts = [
            Process(command, environment, folder / f"{name}.log")
            for name, command in commands.items()
        ]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run everything until the end of the block."""
        _fill(self._engine)
        with ExitStack() as stack:
            stack.callback(self._engine.dispose)
            for part in self._parts:
                stack.callback(part.kill)
                part.start()
            for port, page in self._ports.items():
                wait_until(lambda port=port, page=page: answers(port, page), page, PATIENCE)  # type: ignore[misc]
            stack.enter_context(self.nginx.running())
            yield

    def rows(self) -> int:
        """Count the rows of all tables."""
        tables = set(inspect(self._engine).get_table_names()) - NOT_COUNTED
        with self._engine.connect() as connection:
            return sum(
                connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 - names of our own tables
                for table in tables
            )

    def orders(self) -> int:
        """Count the orders."""
        with self._engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM orders")).scalar_one())

    def gateway_calls(self) -> int:
        """Count the calls that the gateway has had from the shop."""
        return len(self.bank.requests_seen())

    def tracebacks(self) -> int:
        """Count the crashes in the logs of all parts."""
        return sum(part.output.count("Traceback") for part in self._parts)


def _fill(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE products SET stock_received = :n, stock_free = :n"), {"n": PLENTY}
        )
