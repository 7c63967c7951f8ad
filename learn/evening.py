"""Build the broken evening of chapter 18: a shop's database, a gateway's world, a log, figures.

It is built anew for every try, so a repair is written down, tried on a copy, and can be repeated.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from jibit_sandbox.testing import SandboxWorld, browser, running_sandbox
from learn.evening_orders import (
    NOW,
    PRICE_RIALS,
    TEHRAN,
    Attempt,
    EveningOrder,
    Line,
    at,
    the_log,
    the_orders,
)
from learn.lab import PATIENCE, Lab, NotYet
from learn.speaking import Speaker
from learn.workshop import Workshop

MEND, REPORT = "mend.sql", "report.md"
FILES = ("shop.log", "figures.txt", "ledger.txt", "gateway.txt", "shop.db")
STOCK = 40
LIFETIME = timedelta(minutes=15)
MOBILE = "09121234567"
TO_RETURN = """
CREATE TABLE to_return (  -- bookkeeping pays this back, every morning
    reference TEXT PRIMARY KEY,
    amount_rials INTEGER NOT NULL,
    reason TEXT NOT NULL
)"""


class Merchant:
    """The shop's calls of that evening."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world, self._session = world, browser()
        keys = {"apiKey": world.api_key, "secretKey": world.secret_key}
        token = self._call("POST", "/tokens/generate", json=keys)["accessToken"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def create(self, attempt: Attempt) -> dict[str, str]:
        """Create an attempt at the gateway; return what it answers."""
        order = {
            "amount": attempt.amount_there,
            "currency": "RIALS",
            "referenceNumber": attempt.reference,
            "userIdentifier": MOBILE,
            "callbackUrl": f"http://127.0.0.1:5000/callback/{attempt.reference}",
        }
        return self._call("POST", "/orders", json=order)

    def verify(self, identifier: str) -> None:
        """Capture its money."""
        self._call("GET", f"/orders/{identifier}/verify")

    def _call(self, method: str, path: str, **more: Any) -> dict[str, str]:
        url = f"{self._world.ppg_base_url}{path}"
        answer: requests.Response = self._session.request(method, url, timeout=PATIENCE, **more)
        answer.raise_for_status()
        return dict(answer.json())


def build(program: Path, world: SandboxWorld, folder: Path) -> Lab:
    """Build the evening in an empty folder and an empty world; return its shop, not started."""
    orders = the_orders()
    lab = Lab(program, world, folder)
    made = lab.run("-c", "import shop", STOCK=str(STOCK))
    if made.returncode:
        last = made.stderr.strip().splitlines()[-1]
        raise NotYet(f"shop.py does not start: {last}", f"shop.py بالا نمی‌آید: {last}")
    opened = play(world, orders)
    (folder / "clock.txt").write_text(str(NOW.timestamp() - time.time()))
    with closing(sqlite3.connect(folder / "shop.db")) as database, database:
        fill(database, orders, opened)
    log = the_log(orders)
    (folder / "shop.log").write_text("".join(f"{when} {what}\n" for when, what in log))
    (folder / "figures.txt").write_text("\n".join(figures(orders, log)) + "\n")
    write_ledgers(world, folder)
    return lab


def play(world: SandboxWorld, orders: list[EveningOrder]) -> dict[str, dict[str, str]]:
    """Do at the gateway what was done that evening; return its answers to create, by reference."""
    world.clock.freeze(at("19:00:00"))
    merchant = Merchant(world)
    attempts = [attempt for order in orders for attempt in order.attempts]
    steps = [(attempt.created, "create", attempt) for attempt in attempts]
    steps += [(when, what, attempt) for attempt in attempts for when, what in attempt.there]
    opened: dict[str, dict[str, str]] = {}
    for when, what, attempt in sorted(steps, key=lambda step: step[0]):
        world.clock.freeze(at(when))
        if what == "create":
            opened[attempt.reference] = merchant.create(attempt)
        elif what == "verify":
            merchant.verify(opened[attempt.reference]["orderIdentifier"])
        else:
            world.press(opened[attempt.reference]["orderIdentifier"], what)
    world.clock.freeze(NOW)
    return opened


def fill(
    database: sqlite3.Connection, orders: list[EveningOrder], opened: dict[str, dict[str, str]]
) -> None:
    """Write what the shop kept of that evening."""
    database.execute(TO_RETURN)
    for order in orders:
        has_piece = order.state not in ("failed", "expired")
        claimed_by = next((one.reference for one in order.attempts if one.claimed), None)
        database.execute(
            "INSERT INTO orders"
            " (number, form_key, mobile, amount_rials, state, has_piece, claimed_by)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (order.number, order.number, MOBILE, PRICE_RIALS, order.state, has_piece, claimed_by),
        )
        database.execute("UPDATE product SET stock = stock - ?", (has_piece,))
        for attempt in order.attempts:
            known = {} if attempt.lost else opened[attempt.reference]
            sent = attempt.verify_sent
            database.execute(
                "INSERT INTO payments (reference, number, amount_rials, state, gateway_id, url,"
                " ends_at, verify_sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    attempt.reference,
                    order.number,
                    PRICE_RIALS,
                    attempt.here,
                    known.get("orderIdentifier"),
                    known.get("pspSwitchingUrl"),
                    (at(attempt.created) + LIFETIME).timestamp(),
                    at(sent).timestamp() if sent else None,
                ),
            )


def figures(orders: list[EveningOrder], log: list[Line]) -> Iterator[str]:
    """Yield the page of figures: a line for every ten minutes."""
    yield "from   orders  paid  no answer  worker passes"
    start = at("19:00:00")
    while start < NOW:
        end = start + timedelta(minutes=10)
        placed = sum(start <= at(order.attempts[0].created) < end for order in orders)
        said = [what for when, what in log if start <= at(when) < end]
        worker_died = at("20:49:11")
        passes = max(0, int((min(end, worker_died) - start).total_seconds() // 15))
        yield (
            f"{start:%H:%M}  {placed:6}  {sum(what.endswith(': paid') for what in said):4}"
            f"  {sum('no answer' in what for what in said):9}  {passes:13}"
        )
        start = end


def write_ledgers(world: SandboxWorld, folder: Path) -> None:
    """Write both ledgers as they are now: the shop's, and the gateway's panel."""
    ours = ["order     order is  payment           payment is  amount in Rials"]
    for order in shop_ledger(folder):
        for one in order["payments"]:
            ours.append(
                f"{order['number']}  {order['state']:8}  {one['reference']}  {one['state']:10}"
                f"  {one['amount_rials']:15,}"
            )
    theirs = ["opened    payment           payment is  amount in Rials"]
    for one in world.orders():
        opened = at_tehran(one["created_at"])
        theirs.append(
            f"{opened}  {one['reference_number']}  {one['state']:10}  {one['amount']:15,}"
        )
    (folder / "ledger.txt").write_text("\n".join(ours) + "\n")
    (folder / "gateway.txt").write_text("\n".join(theirs) + "\n")


def at_tehran(said: str) -> str:
    """Return a time of the gateway's on Tehran's clocks."""
    return f"{datetime.fromisoformat(said).astimezone(TEHRAN):%H:%M:%S}"


def shop_ledger(folder: Path) -> list[dict[str, Any]]:
    """Return the shop's orders with their payments, the oldest first."""
    with closing(sqlite3.connect(folder / "shop.db")) as database:
        database.row_factory = sqlite3.Row
        orders = [dict(row) for row in database.execute("SELECT * FROM orders ORDER BY rowid")]
        for order in orders:
            question = "SELECT * FROM payments WHERE number = ? ORDER BY rowid"
            found = database.execute(question, (order["number"],))
            order["payments"] = [dict(row) for row in found]
    return orders


def mend(lab: Lab, program: Path, folder: Path) -> str:
    """Run the learner's SQL, the worker once, and `reconcile`; return what that prints."""
    script = program / MEND
    try:
        with closing(sqlite3.connect(folder / "shop.db")) as database, database:
            database.executescript(script.read_text() if script.exists() else "")
    except sqlite3.Error as error:
        raise NotYet(
            f"{MEND} ends with an error: {error}", f"اجرای {MEND} خطا می‌دهد: {error}"
        ) from error
    lab.work()
    found = lab.run("shop.py", "reconcile").stdout
    write_ledgers(lab.world, folder)
    return found


def run(workshop: Workshop, say: Speaker, *, mended: bool, opened: bool) -> int:
    """Build the evening in the workshop, and do there what the command line says."""
    folder = workshop.folder / "evening"
    if not (workshop.shop / MEND).exists():
        say("no evening")
        return 2
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with running_sandbox() as world:
        lab = build(workshop.shop, world, folder)
        shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
        say("evening", folder=shown, files=", ".join(FILES))
        if mended:
            found = mend(lab, workshop.shop, folder)
            say("evening mended")
            print(found, end="")
        if opened:
            keep_open(lab, say)
    return 0


def keep_open(lab: Lab, say: Speaker) -> None:
    """Run the evening's shop until Ctrl-C."""
    try:
        lab.start()
        say("evening open", shop=lab.url, sandbox=lab.world.base_url)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    finally:
        lab.stop()
