"""Test how a store keeps refunds, and which a worker takes next."""
# ruff: noqa: S101, BLE001, B017, PT011 - these are tests; a store raises what its database raises

from __future__ import annotations

from typing import Any

import pytest

from payment_engine.payment import Payment
from payment_engine.refund import ENDED, REFUND_TRANSITIONS, Refund, RefundMethod, RefundState
from payment_engine.states import PaymentState
from payment_engine.store import LONGEST_AHEAD, Conflict, Store
from payment_engine.testing.samples import (
    GATEWAY,
    MINUTE,
    NOW,
    SECOND,
    at_once,
    names,
    sample_refund,
    stored,
)

UNTIL = NOW + MINUTE  #: to when a taken refund is put off


class RefundsContract:
    """Test that a store keeps refunds whole, one unfinished for a payment, and gives each once.

    A part of :class:`~payment_engine.testing.store_contract.StoreContract`: subclass that.
    """

    def test_every_field_of_a_refund_is_read_back_as_it_was_written(self, store: Store) -> None:
        refund = _stored_refund(
            store,
            method=RefundMethod.REVERSE,
            state=RefundState.FAILED,
            automatic=True,
            reason="شکسته رسید 🛒",
            requested_by="سارا",
            cancellable=True,
            gateway_refund_id="R-1",
            said="MANUALLY_FAILED",
            times_sent=2,
            sent_at=NOW,
            absent_since=NOW + SECOND,
            next_check_at=NOW + MINUTE,
            failures=3,
            last_failure="balances.not_enough",
            ended_at=NOW + 2 * MINUTE,
        )
        assert _read(store, refund) == refund

    def test_what_a_refund_does_not_have_is_none(self, store: Store) -> None:
        refund = _read(store, _stored_refund(store))
        missing = (refund.gateway_refund_id, refund.said, refund.sent_at, refund.absent_since)
        assert {*missing, refund.last_failure, refund.ended_at} == {None}

    def test_a_refund_that_is_not_there_is_told(self, store: Store) -> None:
        with pytest.raises(LookupError), store.reading() as work:
            work.refund(2**31 - 1)

    def test_refunds_come_oldest_first_by_payment_by_order_and_unfinished(
        self, store: Store
    ) -> None:
        payment, another = stored(store), stored(store)
        ended = _stored_refund(store, payment, state=RefundState.DONE, ended_at=NOW)
        rest, foreign = _stored_refund(store, payment), _stored_refund(store, another)
        with store.reading() as work:
            assert work.refunds_of(payment.id) == [ended, rest]
            assert work.refunds_of_order(payment.order_key) == [ended, rest]
            assert work.unfinished_refunds(9) == [rest, foreign]
            assert work.unfinished_refunds(1) == [rest]

    def test_a_payment_has_one_unfinished_refund(self, store: Store) -> None:
        payment = stored(store)
        first = _stored_refund(store, payment)
        with pytest.raises(Exception):
            _stored_refund(store, payment)
        _move(store, first, RefundState.CANCELLED)
        _stored_refund(store, payment)

    def test_a_save_raises_the_version_and_an_older_one_never_overwrites_it(
        self, store: Store
    ) -> None:
        refund = _stored_refund(store)
        stale = _read(store, refund)
        _move(store, refund, RefundState.IN_DOUBT)
        assert _read(store, refund).version == stale.version + 1
        stale.said = "an old word"
        with pytest.raises(Conflict), store.transaction() as work:
            work.save_refund(stale)
        assert _read(store, refund).said is None

    def test_the_database_makes_a_refunds_transitions_of_the_table_and_no_other(
        self, store: Store
    ) -> None:
        for old in RefundState:
            made = {new for new in RefundState if new is not old and _is_made(store, old, new)}
            assert made == REFUND_TRANSITIONS[old]

    def test_what_has_been_due_for_longest_is_taken_first_and_put_off(self, store: Store) -> None:
        later = _stored_refund(store, next_check_at=NOW)
        sooner = _stored_refund(store, next_check_at=NOW - MINUTE)
        assert [_take(store) for _ in range(3)] == [sooner.id, later.id, None]
        assert _read(store, sooner).next_check_at == UNTIL

    @pytest.mark.parametrize(
        "changed",
        [
            {"next_check_at": NOW + SECOND},
            {"state": RefundState.DONE, "ended_at": NOW},
            {"gateway": "another"},
        ],
        ids=names,
    )
    def test_a_refund_that_is_not_due_or_not_asked_for_is_left(
        self, store: Store, changed: dict[str, Any]
    ) -> None:
        _stored_refund(store, **changed)
        assert _take(store) is None

    def test_a_refund_put_off_before_the_clock_was_set_back_is_taken(self, store: Store) -> None:
        refund = _stored_refund(store, next_check_at=NOW + 2 * LONGEST_AHEAD + SECOND)
        assert _take(store) == refund.id

    def test_many_workers_take_each_refund_once(self, store: Store) -> None:
        refunds = {_stored_refund(store).id for _ in range(6)}
        taken = at_once(6, lambda: [_take(store) for _ in range(6)])
        found = [each for some in taken for each in some if each is not None]
        assert sorted(found) == sorted(refunds)

    def test_what_went_back_is_counted_at_the_payment(self, store: Store) -> None:
        payment = stored(store, state=PaymentState.PAID, demanded_card="603799******7893")
        with store.transaction() as work:
            work.lock_group(payment.order_key)
            read = work.by_id(payment.id)
            read.refunded_rials += 50_000
            work.save(read)
        with store.reading() as work:
            found = work.by_id(payment.id)
        assert (found.refunded_rials, found.demanded_card) == (50_000, "603799******7893")


def _stored_refund(store: Store, payment: Payment | None = None, **changed: Any) -> Refund:
    payment = payment or stored(store)
    refund = sample_refund(payment, **changed)
    with store.transaction() as work:
        work.lock_group(payment.order_key)
        work.add_refund(refund)
    return refund


def _read(store: Store, refund: Refund) -> Refund:
    with store.reading() as work:
        return work.refund(refund.id)


def _move(store: Store, refund: Refund, state: RefundState) -> None:
    """Write another state, whatever the engine would say about it."""
    with store.transaction() as work:
        work.lock_group(refund.order_key)
        moved = work.refund(refund.id)
        moved.state, moved.ended_at = state, NOW if state in ENDED else None
        work.save_refund(moved)


def _is_made(store: Store, old: RefundState, new: RefundState) -> bool:
    refund = _stored_refund(store, state=old, ended_at=NOW if old in ENDED else None)
    try:
        _move(store, refund, new)
    except Exception:
        return False
    return _read(store, refund).state is new


def _take(store: Store) -> int | None:
    with store.transaction() as work:
        return work.claim_next_refund({GATEWAY}, NOW, UNTIL)
