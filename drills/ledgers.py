"""Reads both ledgers from outside: what the gateway really did, and what the shop says of itself.

The shop's code is not asked: only `payments export`, as a merchant gets it, and its tables.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, text

from jibit_sandbox.testing import SandboxWorld
from storefront.devserver.main import flask_command
from testkit.processes import ROOT

Row = Mapping[str, Any]
WAITING = "waiting"  # a letter that nobody has tried to send
SENT_WITHIN = 10.0  # seconds
Life = tuple[datetime, datetime]  # from being placed to the last thing that happened


@dataclass
class Ledgers:
    """Both ledgers, after everything has come to rest."""

    theirs: Sequence[Row]
    ours: list[Row]
    orders: list[Row]
    stock: list[Row]
    lives: Mapping[str, Life] = field(default_factory=dict)
    unanswered: Sequence[str] = ()  # references of payments that may have been captured
    told: set[str] | None = None  # numbers that the webhook was told are paid, if there is one
    letters: Mapping[str, int] = field(default_factory=dict)  # e-mails by what became of them
    refunds: Sequence[Row] = ()

    def __post_init__(self) -> None:
        self.by_identifier = {row["order_identifier"]: row for row in self.ours}
        self.number_of = {row["reference_number"]: row["order_number"] for row in self.ours}

    def life_of(self, thing: str) -> Life | None:
        """When an order lived, called by its number or by what one of its payments is called."""
        payment = self.by_identifier.get(thing)
        number = payment["order_number"] if payment else self.number_of.get(thing, thing)
        return self.lives.get(number)


def read_ledgers(engine: Engine, environment: Mapping[str, str], theirs: Sequence[Row]) -> Ledgers:
    """Put the gateway's side beside the shop's: its export, and its tables."""
    command = flask_command("payments", "export")
    export = subprocess.run(  # noqa: S603 - our own command
        command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    )
    letters = _letters(engine)
    orders, stock, lives, unanswered, refunds = rows_of_one_moment(
        engine, ORDERS, STOCK, LIVES, UNANSWERED, REFUNDS
    )
    return Ledgers(
        theirs=theirs,
        ours=[json.loads(line) for line in export.stdout.splitlines()],
        orders=orders,
        stock=stock,
        lives={row["number"]: (_moment(row["since"]), _moment(row["until"])) for row in lives},
        unanswered=[row["reference"] for row in unanswered],
        letters=letters,
        refunds=refunds,
    )


def _letters(engine: Engine) -> dict[str, int]:
    """Count the e-mails by what became of them; who was just written has time to be sent."""
    deadline = time.monotonic() + SENT_WITHIN
    while True:
        found = {row["ending"]: row["count"] for row in rows(engine, LETTERS)}
        if WAITING not in found or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


def their_ledger(bank: SandboxWorld) -> list[Row]:
    """Return the gateway's view of every order, with the transfers of its refunds."""
    return [
        {**order, "transfers": bank.transfers(order["identifier"])}
        if (order["gateway"], order["state"]) == ("ppg_v3", "captured")
        else order
        for order in bank.orders()
    ]


ORDERS = "SELECT number, token, state, amount_rials, refunded_rials FROM orders"
REFUNDS = """
    SELECT refunds.id, payments.reference AS reference_number, refunds.amount_rials, refunds.state,
        method, automatic, said, refunds.last_failure
    FROM refunds JOIN payments ON payments.id = payment_id
"""


LIVES = """
    SELECT number, min(at) AS since, max(at) AS until
    FROM orders JOIN payment_events ON order_key = number GROUP BY number
"""


UNANSWERED = """
    SELECT reference FROM payments WHERE verifications_sent > verifications_answered
"""


def _moment(value: datetime | str) -> datetime:
    """SQLite keeps text, in UTC and without its zone."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


STOCK = """
    SELECT slug, stock_received AS received, stock_free AS free, stock_reserved AS reserved,
        stock_sold AS sold,
        (SELECT coalesce(sum(quantity), 0) FROM order_lines JOIN orders ON orders.id = order_id
            WHERE product_id = products.id AND state IN ('paid', 'fulfilled', 'refunded')
        ) AS must_be_sold,
        (SELECT coalesce(sum(quantity), 0) FROM order_lines JOIN orders ON orders.id = order_id
            WHERE product_id = products.id AND state = 'placed') AS must_be_reserved
    FROM products
"""


LETTERS = """
    SELECT CASE WHEN delivered_at IS NOT NULL THEN 'delivered'
        WHEN last_error IS NULL THEN 'waiting' ELSE last_error END AS ending, count(*) AS count
    FROM outbox WHERE channel = 'email' GROUP BY 1
"""


OPEN = """
    SELECT count(*) AS open FROM orders WHERE state = 'placed' UNION ALL
    SELECT count(*) AS open FROM payments
        WHERE state NOT IN ('paid', 'failed', 'expired', 'returned', 'needs_review') UNION ALL
    SELECT count(*) AS open FROM refunds WHERE state IN ('requested', 'in_doubt') UNION ALL
    SELECT count(*) AS open FROM outbox
        WHERE next_try_at IS NOT NULL AND (channel = 'webhook' OR last_error IS NULL)
"""


def rows(engine: Engine, query: str) -> list[Row]:
    """What a query gives, as plain rows."""
    (found,) = rows_of_one_moment(engine, query)
    return found


def rows_of_one_moment(engine: Engine, *queries: str) -> list[list[Row]]:
    """What several queries give of one snapshot: refunds may still end while they are read."""
    one_snapshot = {"postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ", "sqlite": "BEGIN"}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(one_snapshot[engine.dialect.name])
        found: list[list[Row]] = [
            [dict(row) for row in connection.execute(text(query)).mappings()] for query in queries
        ]
        connection.exec_driver_sql("COMMIT")
    return found


def open_things(engine: Engine) -> int:
    """How many payments may still move, orders may still be paid and calls are not yet made."""
    return sum(int(row["open"]) for row in rows(engine, OPEN))
