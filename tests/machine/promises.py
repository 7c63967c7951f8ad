"""What must be true whatever happens: after every step, while all is calm, and in the end.

Both ledgers are read from outside: the bank's own view, and the shop's tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from drills.comparison import compare
from drills.ledgers import STOCK, Ledgers, Row, open_things, rows
from drills.plan import Plan
from payment_engine.states import FINAL, MONEY_MAY_HAVE_MOVED, PaymentState
from tests.machine.history import order_states, payment_states
from tests.machine.world import GOODS, TICK, World

PAYMENTS = """
    SELECT payments.id, number AS order_number, orders.state AS order_state,
        reference AS reference_number, gateway_payment_id AS order_identifier, payments.state,
        payments.amount_rials, claimed, expires_at
    FROM payments JOIN orders ON number = order_key ORDER BY payments.id
"""
ORDERS = "SELECT id, number, state, amount_rials, refunded_rials FROM orders ORDER BY id"
HISTORY = """
    SELECT id, at, order_key, payment_id, actor, event, details FROM payment_events ORDER BY id
"""

IN_THE_END = frozenset({"lost", "open or in doubt", "waiting for a person"})
NOT_OURS = frozenset({"nobody was paid at all", "entitled and not paid"})
MAY_BE_CAPTURED = {PaymentState.PAID, *MONEY_MAY_HAVE_MOVED}
QUESTION = timedelta(seconds=60 + 2 * TICK)  # a question a minute, and the worker's ticks
LAST_CHANCE = timedelta(seconds=30)
GATEWAYS_WINDOW = timedelta(minutes=15)


class Promises:
    """Remembers what was seen, so that nothing can be taken back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen_paid: set[str] = set()
        self._ends: dict[str, str] = {}
        self._history: list[Row] = []
        self._paid_at: dict[str, datetime] = {}
        self._rival_at: dict[str, datetime] = {}
        self.somebody_must_decide = False

    def note_paid(self, identifier: str) -> None:
        """Somebody has just paid at the bank."""
        self._paid_at.setdefault(identifier, self._world.clock.now())

    def hold_now(self) -> None:
        """What is promised at any moment."""
        ledgers = self._ledgers()
        self.somebody_must_decide = any(row["state"] == "needs_review" for row in ledgers.ours)
        assert self._broken(ledgers, self._seen_paid, but=IN_THE_END | NOT_OURS) == {}
        assert self._world.complaints.heard == []
        self._what_was_captured_is_not_given_up(ledgers)
        self._what_ended_stays(ledgers)
        self._the_history_tells_it(ledgers)

    def hold_while_calm(self) -> None:
        """Who has paid, and could have been asked about in peace, is paid."""
        if not self._paid_at:
            return
        now, calm = self._world.clock.now(), self._world.is_calm()
        ledgers = self._ledgers()
        waiting = {row["identifier"] for row in ledgers.theirs if self._can_be_captured(row)}
        for row in ledgers.ours:
            if row["claimed"]:
                self._rival_at[row["order_number"]] = now
        if calm:
            late = [row for row in ledgers.ours if row["order_identifier"] in waiting]
            assert [row for row in late if self._should_be_paid(row, now)] == []

    def _can_be_captured(self, there: Row) -> bool:
        """Paid, and not past its end: a gateway whose expiry is late refuses it all the same."""
        ends = datetime.fromisoformat(there["created_at"]) + GATEWAYS_WINDOW
        return there["state"] == "paid" and self._world.bank_now < ends

    def hold_in_the_end(self) -> None:
        """What is promised when all faults are over and time has run out."""
        self.hold_now()
        assert self._broken(self._ledgers(), self._seen_paid, but=NOT_OURS) == {}
        assert open_things(self._world.engine) == 0

    def _should_be_paid(self, row: Row, now: datetime) -> bool:
        expires = _moment(row["expires_at"])
        since = max(
            self._paid_at[row["order_identifier"]],
            self._world.troubled_until,
            self._rival_at.get(row["order_number"], self._world.troubled_until),
        )
        if row["order_state"] != "placed" or now >= expires:
            return False
        if self._world.reading.policy == "poll":
            return now - since >= QUESTION
        due = expires - LAST_CHANCE
        return since <= due and now >= due + timedelta(seconds=TICK)

    def _ledgers(self) -> Ledgers:
        engine = self._world.engine
        return Ledgers(
            theirs=self._world.bank.orders(),
            ours=rows(engine, PAYMENTS),
            orders=rows(engine, ORDERS),
            stock=rows(engine, STOCK),
        )

    def _broken(
        self, ledgers: Ledgers, seen_paid: set[str], but: frozenset[str]
    ) -> Mapping[str, Sequence[str]]:
        """The promises of `make chaos`, less those that are not for now."""
        plan = Plan(seed=0, window=self._world.reading.window)
        nobody_could_be_reached, no_log = lambda _since, _until: 0.0, lambda _: ()
        compared = compare(ledgers, plan, GOODS, seen_paid, nobody_could_be_reached, no_log)
        return {
            name: found
            for name, found in compared.wrong.items()
            if found and not any(name.startswith(prefix) for prefix in but)
        }

    @staticmethod
    def _what_was_captured_is_not_given_up(ledgers: Ledgers) -> None:
        captured = {row["identifier"] for row in ledgers.theirs if row["state"] == "captured"}
        ours = [row for row in ledgers.ours if row["order_identifier"] in captured]
        assert {row["state"] for row in ours} <= MAY_BE_CAPTURED
        assert {row["order_state"] for row in ours} <= {"placed", "paid"}
        assert captured <= set(ledgers.by_identifier)

    def _what_ended_stays(self, ledgers: Ledgers) -> None:
        for row in ledgers.ours:
            state, known = row["state"], self._ends.get(row["reference_number"])
            assert known in (None, state)
            if state in FINAL:
                self._ends[row["reference_number"]] = state
        for row in ledgers.orders:
            known = self._ends.get(row["number"])
            assert known in (None, row["state"])
            if row["state"] != "placed":
                self._ends[row["number"]] = row["state"]
            if row["state"] == "paid":
                self._seen_paid.add(row["number"])

    def _the_history_tells_it(self, ledgers: Ledgers) -> None:
        history = rows(self._world.engine, HISTORY)
        assert history[: len(self._history)] == self._history
        self._history = history
        assert {row["id"]: row["state"] for row in ledgers.ours} == payment_states(history)
        assert {row["number"]: row["state"] for row in ledgers.orders} == order_states(history)


def _moment(value: Any) -> datetime:
    """SQLite gives plain text here, in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
