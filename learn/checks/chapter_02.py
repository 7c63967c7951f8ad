"""Chapter 2: a payment by curl."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

from jibit_sandbox.testing import SandboxWorld
from learn.chapters import Bench
from learn.lab import PATIENCE, NotYet, require

PRICE_RIALS = 1_250_000


class Terminal:
    """The learner's scripts, run in a world of the sandbox that knows nothing yet."""

    def __init__(self, bench: Bench) -> None:
        self._program: Path = bench.program
        self.world: SandboxWorld = bench.sandbox.world(f"learn{uuid4().hex[:12]}")

    def run(self, script: str, *arguments: str) -> str:
        """Run a script; return what it prints."""
        own = {
            "GATEWAY_URL": self.world.ppg_base_url,
            "API_KEY": self.world.api_key,
            "SECRET_KEY": self.world.secret_key,
            "NO_PROXY": "*",
        }
        command = ["sh", str(self._program.resolve() / script), *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=self._program,
                env=os.environ | own,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise NotYet(
                f"`sh {script}` does not end.", f"دستور «sh {script}» تمام نمی‌شود."
            ) from error
        return (done.stdout + done.stderr).strip()

    def create(self) -> dict[str, Any]:
        """Run create.sh; return the order that it has opened at the gateway."""
        before = len(self.world.orders())
        printed = self.run("create.sh")
        opened = self.world.orders()[before:]
        require(
            len(opened) == 1,
            f"`sh create.sh` should open one order at the gateway; there are {len(opened)} new"
            f" ones. It prints: {_end_of(printed)}",
            f"«sh create.sh» باید یک سفارش نزد درگاه باز کند؛ {len(opened)} سفارش تازه هست."
            f" خروجی: {_end_of(printed)}",
        )
        require(
            opened[0]["identifier"] in printed,
            "`sh create.sh` opens an order, and does not print the gateway's answer to it.",
            "«sh create.sh» سفارش را باز می‌کند، ولی جواب درگاه را نشان نمی‌دهد.",
        )
        return dict(opened[0])

    def pay(self, order: dict[str, Any]) -> None:
        """Pay an order on the gateway's page."""
        self.world.pay(f"{self.world.ppg_base_url}/orders/{order['identifier']}/payments")

    def bank(self) -> list[str]:
        """The states of the gateway's orders."""
        return [str(order["state"]) for order in self.world.orders()]


def the_order_is_opened_at_the_price(bench: Bench) -> None:
    amount = Terminal(bench).create()["amount_rials"]
    require(
        amount == PRICE_RIALS,
        f"The order at the gateway is over {amount:,} Rials. 125,000 Toman are {PRICE_RIALS:,}.",
        f"سفارش نزد درگاه {amount:,} ریال است. ۱۲۵٬۰۰۰ تومان می‌شود {PRICE_RIALS:,} ریال.",
    )


def verify_takes_the_money_of_the_order_it_names(bench: Bench) -> None:
    terminal = Terminal(bench)
    first, second = terminal.create(), terminal.create()
    terminal.pay(first)
    terminal.pay(second)
    printed = terminal.run("verify.sh", second["identifier"])
    require(
        "captured" in terminal.bank(),
        "The payer has paid, and after `sh verify.sh ORDER` the gateway still has not captured the"
        f" money. The script prints: {_end_of(printed)}",
        "خریدار پول داده، ولی بعد از «sh verify.sh ORDER» درگاه هنوز پول را برنداشته."
        f" خروجی: {_end_of(printed)}",
    )
    require(
        terminal.bank() == ["paid", "captured"],
        f"Two orders are paid and the second is verified; the gateway says {terminal.bank()}.",
        f"دو سفارش پرداخت شده و دومی verify شده است؛ درگاه می‌گوید {terminal.bank()}.",
    )
    require(
        "Successful" in printed,
        f"`sh verify.sh ORDER` should print the gateway's answer; it prints: {_end_of(printed)}",
        f"«sh verify.sh ORDER» باید جواب درگاه را نشان دهد؛ خروجی: {_end_of(printed)}",
    )


def _end_of(printed: str) -> str:
    return printed.splitlines()[-1][-200:] if printed else "–"


STEPS = [the_order_is_opened_at_the_price, verify_takes_the_money_of_the_order_it_names]
