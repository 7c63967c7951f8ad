"""The whole system as real processes, any of which may be killed and started again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event, Lock

import psutil

from drills.plan import Plan, Strike
from storefront.__main__ import flask_command, sandbox_command, shop_command
from storefront.sandbox.testing import SandboxWorld
from tests.rig.processes import Process, answers, free_port, wait_until
from tests.rig.settings import quiet_environment

LOCAL = "127.0.0.1"


class System:
    """A shop with two servers on one port, two workers, and the sandbox as their gateway."""

    def __init__(self, database_url: str, folder: Path, plan: Plan) -> None:
        self.folder = folder
        self._port, self._bank_port = free_port(), free_port()
        self.shop_url = f"http://{LOCAL}:{self._port}"
        self.bank = SandboxWorld(f"http://{LOCAL}:{self._bank_port}")
        self.environment = quiet_environment(
            DATABASE_URL=database_url,
            PUBLIC_URL=self.shop_url,
            PPG_BASE_URL=self.bank.ppg_base_url,
            GATEWAY_CONNECT_TIMEOUT=0.5,
            GATEWAY_READ_TIMEOUT=1,
            BREAKER_PAUSE_SECONDS=1,
            PAYMENT_WINDOW_SECONDS=plan.window,
            RECONCILE_AFTER_SECONDS=2,
            VERIFY_WITHOUT_CALLBACK=plan.policy,
            WORKER_TICK_SECONDS=0.5,
        )
        self.environment |= {
            "SANDBOX_DATABASE": str(folder / "sandbox.sqlite3"),
            "SANDBOX_ORDER_SECONDS": str(plan.window + plan.later_there),
        }
        self.silences: list[tuple[datetime, datetime]] = []
        self._turn, self._stopped = Lock(), False
        self._parts = {
            "gateway": self._process("gateway", sandbox_command(LOCAL, self._bank_port)),
            "shop": self._process("shop", [*shop_command(LOCAL, self._port), "--workers", "2"]),
            "worker 1": self._process("worker 1", flask_command("worker")),
            "worker 2": self._process("worker 2", flask_command("worker")),
        }

    def _process(self, name: str, command: list[str]) -> Process:
        return Process(command, self.environment, self.log(name))

    def log(self, name: str) -> Path:
        """Where a process's words are kept."""
        return self.folder / f"{name}.log"

    def start(self) -> None:
        """Start everything, and wait until the shop serves and the gateway answers."""
        for name in self._parts:
            self._start(name)
        self.wait()

    def _start(self, name: str) -> None:
        with self._turn:
            if not self._stopped:
                self._parts[name].start()

    def wait(self) -> None:
        """Wait until everything that was killed is there again."""
        self._wait_for_bank()
        self._wait_for_shop()

    def _wait_for_bank(self) -> None:
        wait_until(lambda: answers(self._bank_port, "/_sandbox/clock"), "the gateway answers")

    def _wait_for_shop(self) -> None:
        def ready() -> bool:
            self._revive()
            return answers(self._port, "/readyz")

        wait_until(ready, "the shop is ready")

    def _revive(self) -> None:
        """Start what has ended by itself, as whatever runs a shop does.

        The shop's server gives up when one of its children dies twice within seconds.
        """
        for name, part in self._parts.items():
            if part.ended():
                part.kill()  # what its group may have left behind
                self._start(name)

    def suffer(self, strikes: Iterable[Strike], over: Event) -> Counter[str]:
        """Kill as planned, until it is over. Gives how often which victim was killed."""
        killed: Counter[str] = Counter()
        for strike in strikes:
            if over.wait(strike.gap):
                break
            self._revive()
            if strike.victim == "shop, one server":
                done = self._kill_one_server(strike.gap)
            else:
                done = self._kill(strike, over)
            killed[strike.victim] += done
        return killed

    def _kill(self, strike: Strike, over: Event) -> bool:
        name = strike.victim.partition(",")[0]
        silent_from = datetime.now(UTC)
        self._parts[name].kill()
        over.wait(strike.pause)
        self._start(name)
        if name == "gateway":  # always waited for: how long it was silent decides who is entitled
            self._wait_for_bank()
            self.silences.append((silent_from, datetime.now(UTC)))
        elif name == "shop" and strike.patient:
            self._wait_for_shop()
        return True

    def _kill_one_server(self, chance: float) -> bool:
        """One of the shop's two servers; its parent starts another one."""
        with suppress(psutil.NoSuchProcess):  # it died by itself a moment ago
            servers = psutil.Process(self._parts["shop"].pid).children()
            if servers:
                Random(chance).choice(servers).kill()  # noqa: S311 - repeatable is the point
                return True
        return False

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
