"""The whole system as real processes, any of which may be killed and started again."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Lock

from drills import kill_positions
from drills.plan import CARDS, Plan
from jibit_sandbox.testing import SandboxWorld
from storefront.devserver.main import flask_command, sandbox_command, shop_command
from testkit.processes import Process, answers, free_port, wait_until
from testkit.settings import quiet_environment

LOCAL = "127.0.0.1"
PATIENCE = 120  # seconds for a part to start, on a machine that does much else


def _refunder(plan: Plan) -> list[str]:
    return [sys.executable, "-m", "drills.refunder", str(plan.seed), str(plan.refunds)]


class System:
    """A shop with two servers on one port, another one that offers PPG v3 by card, two workers, a
    merchant who returns money, and the sandbox as all gateways."""

    def __init__(
        self, database_url: str, folder: Path, plan: Plan, webhook: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self._ports, self._bank_port = {card: free_port() for card in CARDS}, free_port()
        self.shop_urls = {card: f"http://{LOCAL}:{port}" for card, port in self._ports.items()}
        self.bank = SandboxWorld(f"http://{LOCAL}:{self._bank_port}")
        self.environment = quiet_environment(
            DATABASE_URL=database_url,
            PUBLIC_URL=self.shop_urls["ppg"],
            PPG_BASE_URL=self.bank.ppg_base_url,
            PPG_V3_BASE_URL=self.bank.ppg_v3_base_url,
            WALLET_BASE_URL=self.bank.wallet_base_url,
            GATEWAY_CONNECT_TIMEOUT=0.5,
            GATEWAY_READ_TIMEOUT=plan.patience,
            BREAKER_PAUSE_SECONDS=1,
            PAYMENT_WINDOW_SECONDS=plan.window,
            RECOVER_AFTER_SECONDS=plan.reconcile_after,
            SETTLE_AFTER_SECONDS=plan.settle_after,
            REFUND_SETTLES_AFTER_SECONDS=plan.refund_settles_after,
            VERIFY_WITHOUT_CALLBACK=plan.policy,
            WORKER_TICK_SECONDS=plan.reconcile_after / 2,
            WORKER_THREADS=4,
            TRUSTED_PROXIES=1,  # every shopper of the storm has an address of its own
            **webhook,
        )
        self.environment |= {
            "SANDBOX_DATABASE": str(folder / "sandbox.sqlite3"),
            "SANDBOX_ORDER_SECONDS": str(plan.window + plan.later_there),
        }
        self.silences: list[tuple[datetime, datetime]] = []
        self._turn, self._stopped = Lock(), False
        self._parts = {
            "gateway": self._process("gateway", sandbox_command(LOCAL, self._bank_port)),
            "shop": self._process("shop", [*self._shop("ppg"), "--workers", "2"]),
            "v3 shop": self._process("v3 shop", self._shop("ppg_v3"), CARD_GATEWAY="ppg_v3"),
            "merchant": self._process("merchant", _refunder(plan)),
            "worker 1": self._process("worker 1", flask_command("worker")),
            "worker 2": self._process("worker 2", flask_command("worker")),
        }

    def _shop(self, card: str) -> list[str]:
        return shop_command(LOCAL, self._ports[card])

    def _process(self, name: str, command: list[str], **settings: str) -> Process:
        own = {f"STOREFRONT_{setting}": value for setting, value in settings.items()}
        environment = {**self.environment, **kill_positions.ENVIRONMENT, **own}
        return Process(command, environment, self.log(name))

    def log(self, name: str) -> Path:
        """Where a process's words are kept."""
        return self.folder / f"{name}.log"

    def pid(self, name: str) -> int:
        """The id of the process that leads this part."""
        return self._parts[name].pid

    def start_all(self) -> None:
        """Start everything, and wait until the shop serves and the gateway answers."""
        for name in self._parts:
            self.start(name)
        self.wait()

    def start(self, name: str) -> None:
        """Start one part, unless it runs or everything was stopped for good.

        Who kills and who waits for the shop may both find it dead: two would be started.
        """
        with self._turn:
            if not self._stopped and self._parts[name].ended():
                self._parts[name].start()

    def kill(self, name: str) -> None:
        """kill -9, a part and its children."""
        self._parts[name].kill()

    def wait(self) -> None:
        """Wait until everything that was killed is there again."""
        self.wait_for_bank()
        self.wait_for_shop()

    def wait_for_bank(self) -> None:
        """Wait until the gateway answers."""
        wait_until(
            lambda: answers(self._bank_port, "/_sandbox/clock"), "the gateway answers", PATIENCE
        )

    def wait_for_shop(self) -> None:
        """Wait until both shops can sell."""

        def ready() -> bool:
            self.revive()
            return all(answers(port, "/readyz") for port in self._ports.values())

        wait_until(ready, "the shop is ready", PATIENCE)

    def revive(self) -> None:
        """Start what has ended by itself, as whatever runs a shop does.

        The shop's server gives up when one of its children dies twice within seconds.
        """
        for name, part in self._parts.items():
            if part.ended():
                part.kill()  # what its group may have left behind
                self.start(name)

    def reachable_seconds(self, since: datetime, until: datetime) -> float:
        """How long the gateway was there between two moments."""
        silent = sum(
            max(0.0, (min(until, end) - max(since, begin)).total_seconds())
            for begin, end in self.silences
        )
        return (until - since).total_seconds() - silent

    def stop(self) -> None:
        """End everything, at once and for good."""
        with self._turn:
            self._stopped = True
            for part in self._parts.values():
                part.kill()
