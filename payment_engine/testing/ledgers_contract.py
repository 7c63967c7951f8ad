"""Test what reconciliation reads and writes."""
# ruff: noqa: S101 - these are tests

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from payment_engine.discrepancies import Closing, Discrepancy, Kind, ReconciliationRun
from payment_engine.store import Conflict, Store
from payment_engine.testing.samples import GATEWAY, HOUR, MINUTE, NOW, names, stored

AGO, SOON = NOW - HOUR, NOW + HOUR


class LedgersContract:
    """Test what reconciliation reads and writes.

    A part of :class:`~payment_engine.testing.store_contract.StoreContract`: subclass that.
    """

    def test_payments_are_found_by_either_name_at_their_gateway(self, store: Store) -> None:
        first, second, foreign = stored(store), stored(store), stored(store, gateway="another")
        with store.reading() as work:
            found = work.named(
                GATEWAY,
                [str(first.gateway_payment_id), str(foreign.gateway_payment_id)],
                [second.reference],
            )
            assert work.named(GATEWAY, [], []) == []
        assert sorted(each.id for each in found) == [first.id, second.id]

    def test_opened_payments_of_a_span_are_read_piece_by_piece(self, store: Store) -> None:
        inside = [stored(store, created_at=moment) for moment in (AGO, NOW, NOW - MINUTE)]
        stored(store, gateway_payment_id=None)
        stored(store, created_at=AGO - MINUTE)
        stored(store, gateway="another")
        pieces, last = [], 0
        with store.reading() as work:
            while found := work.created_between(GATEWAY, AGO, NOW, after_id=last, limit=2):
                pieces.append([each.id for each in found])
                last = found[-1].id
        ids = [each.id for each in inside]
        assert pieces == [ids[:2], ids[2:]]

    def test_a_discrepancy_is_kept_changed_and_closed(self, store: Store) -> None:
        payment = stored(store)
        row = _saved(store, payment_id=payment.id, ours={"state": "paid"}, reference="r" * 64)
        with store.transaction() as work:
            known = work.known_discrepancy(GATEWAY, row.kind, row.key)
            assert known == row == work.discrepancy(row.id)
            assert work.known_discrepancy(GATEWAY, Kind.UNKNOWN_HERE, row.key) is None
            assert work.discrepancy(row.id + 1) is None
            row.close(NOW, Closing.DECIDED, "our old shop")
            work.save_discrepancy(row)
        with store.reading() as work:
            assert work.discrepancy(row.id) == row
            assert work.open_discrepancies() == []
            assert work.open_discrepancies([row.id]) == [row]

    def test_a_discrepancy_that_somebody_else_has_saved_is_a_conflict(self, store: Store) -> None:
        row = _saved(store)
        with pytest.raises(Conflict), store.transaction() as work:
            work.save_discrepancy(replace(row, id=0))

    def test_open_discrepancies_come_oldest_first(self, store: Store) -> None:
        rows = [_saved(store, key=f"key {number}") for number in range(3)]
        with store.reading() as work:
            assert work.open_discrepancies() == rows

    @pytest.mark.parametrize(
        ("changed", "is_unseen"),
        [
            ({}, True),
            ({"lies_from": AGO - MINUTE}, False),
            ({"lies_to": SOON + MINUTE}, False),
            ({"last_seen_at": NOW + MINUTE}, False),
            ({"gateway": "another"}, False),
            ({"closed_at": NOW, "how": Closing.MENDED}, False),
        ],
        ids=names,
    )
    def test_what_lies_in_a_span_and_was_not_seen_since_is_known(
        self, store: Store, changed: dict[str, Any], *, is_unseen: bool
    ) -> None:
        row = _saved(store, **changed)
        with store.transaction() as work:
            unseen = work.unseen_discrepancies(GATEWAY, AGO, SOON, NOW)
        assert unseen == ([row] if is_unseen else [])

    def test_the_last_run_is_the_one_written_last(self, store: Store) -> None:
        with store.reading() as work:
            assert work.last_run(complete=False) is None
        runs = [
            _run(NOW),
            _run(NOW - HOUR, complete=False, error="silence"),  # the clock was set back
            _run(NOW - MINUTE, follows_on=False),
        ]
        for run in runs:
            with store.transaction() as work:
                work.add_run(run)
        with store.reading() as work:
            assert work.last_run(complete=False) == runs[1]
            assert work.last_run(complete=True) == runs[0]


def _saved(store: Store, **changed: Any) -> Discrepancy:
    usual: dict[str, Any] = {
        "gateway": GATEWAY,
        "kind": Kind.MISSING_THERE,
        "key": "k" * 64,
        "lies_from": AGO,
        "lies_to": SOON,
        "found_at": NOW,
        "last_seen_at": NOW,
    }
    row = Discrepancy(**{**usual, **changed})
    with store.transaction() as work:
        work.save_discrepancy(row)
    return row


def _run(
    started: datetime,
    *,
    follows_on: bool = True,
    complete: bool = True,
    error: str | None = None,
) -> ReconciliationRun:
    return ReconciliationRun(
        since=started - HOUR,
        until=started,
        follows_on=follows_on,
        started_at=started,
        finished_at=started,
        complete=complete,
        counts={"there": 3},
        error=error,
    )
