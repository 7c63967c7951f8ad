"""Compares the two books from outside, row by row: the bank's own view, and what the shop exports.

Nothing here asks the shop's code: it reads `payments export` and the tables, and the sandbox's
control API, which tells what really happened to the money.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from drills.plan import Plan
from storefront.__main__ import flask_command
from tests.rig.processes import ROOT

Row = Mapping[str, Any]
FINAL = frozenset({"paid", "failed", "expired"})
ANOTHER = "another attempt was paid"
TOO_LATE = "paid too late, or the gateway was down"


@dataclass
class Books:
    """Both books, after everything has come to rest."""

    theirs: Sequence[Row]
    ours: list[Row]
    orders: list[Row]
    stock: list[Row]

    def __post_init__(self) -> None:
        self.by_identifier = {row["order_identifier"]: row for row in self.ours}
        self.number_of = {row["reference_number"]: row["order_number"] for row in self.ours}


@dataclass
class Verdict:
    """What was found; ``wrong`` maps the name of a broken promise to the rows that break it."""

    wrong: dict[str, list[str]] = field(default_factory=dict)
    home: Counter[str] = field(default_factory=Counter)

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return not any(self.wrong.values())


def read_ours(engine: Engine, environment: Mapping[str, str], theirs: Sequence[Row]) -> Books:
    """Read the shop's side: its export as a merchant gets it, and its tables."""
    command = flask_command("payments", "export")
    export = subprocess.run(  # noqa: S603 - our own command
        command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    )
    return Books(
        theirs=theirs,
        ours=[json.loads(line) for line in export.stdout.splitlines()],
        orders=rows(engine, "SELECT number, state, amount_rials FROM orders"),
        stock=rows(engine, STOCK),
    )


STOCK = """
    SELECT slug, stock_received AS received, stock_free AS free, stock_reserved AS reserved,
        stock_sold AS sold,
        (SELECT coalesce(sum(quantity), 0) FROM order_lines JOIN orders ON orders.id = order_id
            WHERE product_id = products.id AND state IN ('paid', 'fulfilled')) AS must_be_sold,
        (SELECT coalesce(sum(quantity), 0) FROM order_lines JOIN orders ON orders.id = order_id
            WHERE product_id = products.id AND state = 'placed') AS must_be_reserved
    FROM products
"""


OPEN = """
    SELECT count(*) AS open FROM orders WHERE state = 'placed' UNION ALL
    SELECT count(*) AS open FROM payments
        WHERE state NOT IN ('paid', 'failed', 'expired', 'needs_review')
"""


def rows(engine: Engine, query: str) -> list[Row]:
    """What a query gives, as plain rows."""
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(query)).mappings()]


def open_things(engine: Engine) -> int:
    """How many payments may still move, and orders may still be paid."""
    return sum(int(row["open"]) for row in rows(engine, OPEN))


def compare(
    books: Books,
    plan: Plan,
    received: Mapping[str, int],
    seen_paid: set[str],
    reachable: Callable[[datetime, datetime], float],
) -> Verdict:
    """Hold the two books against each other and against the promise.

    ``received`` are the pieces that ever came in, by slug; ``seen_paid`` the orders that a shopper
    was shown as paid; ``reachable`` gives how long the gateway was there between two moments.
    """
    verdict = Verdict()
    verdict.wrong = {
        "lost: captured there, not paid here": _lost(books),
        "shipped unpaid: paid here, not captured there": _unpaid(books),
        "double: two captures for one order": _double(books),
        "captured for another amount": _amounts(books),
        "order and payments disagree": _orders(books),
        "stock not conserved": _stock(books, received),
        "open or in doubt after draining": _open(books),
        "waiting for a person": _in_state(books, "needs_review"),
        "shown as paid, and is not": sorted(seen_paid - _paid_orders(books)),
        "nobody was paid at all": [] if _captured(books) else ["the run shows nothing"],
        "entitled and not paid": _money_home(books, plan, reachable, verdict.home),
    }
    return verdict


def _lost(books: Books) -> list[str]:
    return [row["identifier"] for row in _captured(books) if not _is_paid_here(books, row)]


def _captured(books: Books) -> list[Row]:
    return [row for row in books.theirs if row["state"] == "captured"]


def _is_paid_here(books: Books, there: Row) -> bool:
    return books.by_identifier.get(there["identifier"], {}).get("state") == "paid"


def _unpaid(books: Books) -> list[str]:
    captured = {row["identifier"] for row in _captured(books)}
    paid = [row for row in books.ours if row["state"] == "paid"]
    return [row["reference_number"] for row in paid if row["order_identifier"] not in captured]


def _double(books: Books) -> list[str]:
    captures = Counter(_order_of(books, row) for row in _captured(books))
    return [number for number, count in captures.items() if count > 1]


def _order_of(books: Books, there: Row) -> str:
    return str(books.number_of.get(there["reference_number"], there["reference_number"]))


def _amounts(books: Books) -> list[str]:
    return [
        row["identifier"]
        for row in _captured(books)
        if _is_paid_here(books, row)
        and books.by_identifier[row["identifier"]]["amount_rials"] != row["amount_rials"]
    ]


def _orders(books: Books) -> list[str]:
    """A paid order has one paid payment of its own amount; no other order has any."""
    paid = defaultdict(list)
    for row in books.ours:
        if row["state"] == "paid":
            paid[row["order_number"]].append(row["amount_rials"])
    return [
        order["number"]
        for order in books.orders
        if paid[order["number"]]
        != ([order["amount_rials"]] if order["state"] in ("paid", "fulfilled") else [])
    ]


def _paid_orders(books: Books) -> set[str]:
    return {row["number"] for row in books.orders if row["state"] in ("paid", "fulfilled")}


def _stock(books: Books, received: Mapping[str, int]) -> list[str]:
    return [
        good["slug"]
        for good in books.stock
        if good["received"] != received[good["slug"]]
        or good["received"] != good["free"] + good["reserved"] + good["sold"]
        or (good["sold"], good["reserved"]) != (good["must_be_sold"], good["must_be_reserved"])
    ]


def _open(books: Books) -> list[str]:
    orders = [row["number"] for row in books.orders if row["state"] == "placed"]
    settled = FINAL | {"needs_review"}
    return orders + [row["reference_number"] for row in books.ours if row["state"] not in settled]


def _in_state(books: Books, state: str) -> list[str]:
    return [row["reference_number"] for row in books.ours if row["state"] == state]


def _money_home(
    books: Books,
    plan: Plan,
    reachable: Callable[[datetime, datetime], float],
    home: Counter[str],
) -> list[str]:
    """Count why money went home; give those who should have been paid instead."""
    entitled, paid_orders = [], _paid_orders(books)
    for row in books.theirs:
        paid_at = _paid_at(row)
        if paid_at is None or row["state"] == "captured":
            continue
        until = datetime.fromisoformat(row["created_at"]) + timedelta(seconds=plan.window)
        if _order_of(books, row) in paid_orders:
            home[ANOTHER] += 1
        elif reachable(paid_at, until) < plan.entitled:
            home[TOO_LATE] += 1
        else:
            entitled.append(row["identifier"])
    return entitled


def _paid_at(there: Row) -> datetime | None:
    moments = [move["at"] for move in there["moves"] if move["state"] == "paid"]
    return datetime.fromisoformat(moments[0]) if moments else None
