"""A load generator: parallel purchases in many worlds, through a kill -9 in the middle.

``python -m tests.sandbox.load_generator 1000 20`` prints what it saw; the tests run a smaller one.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from time import monotonic

import requests

from jibit_sandbox.testing import SandboxWorld, ShopperStopped
from tests.sandbox.merchant import Merchant

SHOPPERS = 16  # at the same time
COMMAND = [sys.executable, "-m", "jibit_sandbox"]


@contextmanager
def process(
    database: Path, *more: str, command: list[str] = COMMAND
) -> Iterator[tuple[subprocess.Popen[str], SandboxWorld]]:
    """A sandbox in a process of its own, on a free port; killed at the end if it still runs."""
    arguments = [*command, "--port", "0", "--database", str(database), *more]
    running = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout
        yield running, SandboxWorld(running.stdout.readline().split()[2])
    finally:
        running.kill()
        running.communicate()


@dataclass
class Tally:
    """What the shoppers were told, by world: orders created, paid, and verified."""

    created: dict[str, set[str]] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)
    verified: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def note(self, world: str, identifier: str) -> None:
        with self.lock:
            self.created.setdefault(world, set()).add(identifier)

    def orders(self) -> int:
        return sum(map(len, self.created.values()))


def purchase(world: SandboxWorld, tally: Tally, gone: Event) -> None:
    """One purchase, as far as the sandbox lives; only what was answered is noted."""
    if gone.is_set():
        return
    merchant = Merchant(world)
    try:
        merchant.generate()
        identifier, switching_url = merchant.opened()
        tally.note(world.name, identifier)
        world.pay(switching_url)
        tally.paid.add(identifier)
        if merchant.verify(identifier).json()["status"] == "Successful":
            tally.verified.add(identifier)
    except (requests.RequestException, ShopperStopped):
        gone.set()  # it was killed; what was not answered may or may not have happened
    finally:
        merchant.session.close()


def shop(base: SandboxWorld, purchases: int, worlds: int, tally: Tally, gone: Event) -> None:
    with ThreadPoolExecutor(SHOPPERS) as pool:
        for number in range(purchases):
            pool.submit(purchase, base.world(f"load-{number % worlds}"), tally, gone)


def check(base: SandboxWorld, tally: Tally) -> None:
    """Every order that was answered is there, in its own world and in no other."""
    seen: set[str] = set()
    for name, answered in tally.created.items():
        states = {order["identifier"]: order["state"] for order in base.world(name).orders()}
        assert answered <= states.keys(), "an order that was answered is lost"
        assert not seen & states.keys(), "two worlds show the same order"
        seen |= states.keys()
        for identifier in answered & tally.paid:
            assert states[identifier] in ("paid", "captured"), "a payment is lost"
        for identifier in answered & tally.verified:
            assert states[identifier] == "captured", "a capture is lost"


def run_load(purchases: int, worlds: int, database: Path) -> tuple[Tally, Tally]:
    """Shop, kill in the middle, start again, look; then shop to the end, and look again."""
    before, after, gone = Tally(), Tally(), Event()
    with process(database) as (running, base), ThreadPoolExecutor(1) as pool:
        shopping = pool.submit(shop, base, purchases, worlds, before, gone)
        while len(before.verified) < purchases // 4 and not shopping.done():
            gone.wait(0.01)
        running.send_signal(signal.SIGKILL)
        shopping.result()
    with process(database) as (_, base):
        check(base, before)
        shop(base, purchases - len(before.verified), worlds, after, Event())
        check(base, before)
        check(base, after)
    return before, after


if __name__ == "__main__":
    began = monotonic()
    with tempfile.TemporaryDirectory() as folder:
        tallies = run_load(int(sys.argv[1]), int(sys.argv[2]), Path(folder) / "load.sqlite3")
    for when, tally in zip(("before the kill", "after it"), tallies, strict=True):
        sys.stdout.write(
            f"{when}: {tally.orders()} orders, {len(tally.paid)} paid,"
            f" {len(tally.verified)} verified\n"
        )
    sys.stdout.write(f"nothing lost, nothing shared, {monotonic() - began:.0f} s\n")
