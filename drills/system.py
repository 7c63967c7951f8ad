"""The whole system as real processes, any of which may be killed and started again."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event, Lock

from drills import kill_positions
from drills.plan import CARDS, VICTIMS, Plan
from jibit_sandbox.testing import SandboxWorld
from storefront.devserver.main import flask_command, sandbox_command, shop_command
from testkit.processes import ROOT, Process, answers, free_port, listens, wait_until
from testkit.settings import quiet_environment

LOCAL = "127.0.0.1"
PATIENCE = 120  # seconds for a part to start, on a machine that does much else


def refunder_command(plan: Plan) -> list[str]:
    """Return the command of the merchant who returns money."""
    return [sys.executable, "-m", "drills.refunder", str(plan.seed), str(plan.refunds)]


class System:
    """A shop with two servers on one port, another one that offers PPG v3 by card, two workers, a
    merchant who returns money, and the sandbox as all gateways."""

    victims: Mapping[str, int] = VICTIMS  # who is killed how often

    def __init__(
        self,
        database_url: str,
        folder: Path,
        plan: Plan,
        webhook: Mapping[str, str],
        code: Path = ROOT,
    ) -> None:
        self.folder, self._plan = folder, plan
        self._bank_port = free_port()
        self.bank = SandboxWorld(f"http://{LOCAL}:{self._bank_port}")
        self.shop_urls = self._choose_addresses()
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
        self.cuts: list[datetime] = []  # moments at which hosts could not be reached
        self._turn, self._stopped = Lock(), False
        bank = sandbox_command(self._bank_host(), self._bank_port)
        self._parts = {"gateway": self._process("gateway", bank, ROOT), **self._release(code)}
        self._beside: dict[str, Process] = {}

    def _choose_addresses(self) -> dict[str, str]:
        """Return where shoppers reach the shop that offers this card."""
        self._ports = {card: free_port() for card in CARDS}
        return {card: f"http://{LOCAL}:{port}" for card, port in self._ports.items()}

    def _bank_host(self) -> str:
        return LOCAL

    def troubles(self, over: Event) -> Sequence[Callable[[], object]]:
        """Return what else happens in a storm, each on a thread of its own until it is over."""
        del over
        return ()

    def _release(self, code: Path) -> dict[str, Process]:
        """Return the processes of the shop that run this code."""
        commands = {
            "shop": [*self._shop("ppg"), "--workers", "2"],
            "v3 shop": self._shop("ppg_v3"),
            "merchant": refunder_command(self._plan),
            "worker 1": flask_command("worker"),
            "worker 2": flask_command("worker"),
        }
        return {name: self._process(name, command, code) for name, command in commands.items()}

    def _shop(self, card: str) -> list[str]:
        return shop_command(LOCAL, self._ports[card])

    def _process(self, name: str, command: list[str], code: Path) -> Process:
        environment = {**self.environment, **kill_positions.ENVIRONMENT, **self._own(name)}
        if code != ROOT:  # an older release refuses the names of settings that it does not know
            environment = {name: value for name, value in environment.items() if value}
        return Process([*self.within(name), *command], environment, self.log(name), code)

    def _own(self, name: str) -> dict[str, str]:
        """Return the settings that one part has for itself."""
        return {"STOREFRONT_CARD_GATEWAY": "ppg_v3"} if name.startswith("v3 shop") else {}

    def within(self, name: str) -> tuple[str, ...]:
        """Return what the command of a part begins with."""
        del name
        return ()

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

    def come_beside(self, code: Path) -> None:
        """Start another release beside the one that is there, and wait until it serves.

        Both share the shops' ports. There is one merchant only, who changes over at the end.
        """
        with self._turn:
            if self._stopped:
                return
            self._beside = self._release(code)
            for name, part in self._beside.items():
                if name != "merchant":
                    part.start()
        shops = {"shop": self._ports["ppg"], "v3 shop": self._ports["ppg_v3"]}
        for name, port in shops.items():
            serves = partial(listens, self._beside[name].pid, port)
            wait_until(serves, "the release is there", PATIENCE)

    def end_former(self) -> None:
        """Let the release that came beside take over: the former one is asked to end."""
        with self._turn:
            former = {name: self._parts[name] for name in self._beside}
            self._parts, self._beside = {**self._parts, **self._beside}, {}
        for part in former.values():
            with suppress(ProcessLookupError):
                part.signal(signal.SIGTERM)
            wait_until(part.ended, "the former release has ended", PATIENCE)
            part.kill()  # what its group may have left behind
        self.revive()

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
            for part in (*self._parts.values(), *self._beside.values()):
                part.kill()
