"""Test which payment a worker takes next."""
# ruff: noqa: S101 - these are tests

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from payment_engine.payment import Payment
from payment_engine.states import ASKABLE, PaymentState
from payment_engine.store import Store
from payment_engine.testing.samples import (
    GATEWAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    at_once,
    names,
    read,
    stored,
)

UNTIL = NOW + MINUTE  #: to when a taken payment is put off


class QueueContract:
    """Test which payment a store gives a worker next.

    A part of :class:`~payment_engine.testing.store_contract.StoreContract`: subclass that.
    """

    def test_the_nearest_deadline_comes_first_and_who_is_late_comes_last(
        self, store: Store
    ) -> None:
        late = stored(store, expires_at=NOW)
        relaxed = stored(store, expires_at=NOW + 10 * MINUTE)
        urgent = stored(store, expires_at=NOW + SECOND)
        taken = [_take(store) for _ in range(4)]
        assert taken == [urgent.id, relaxed.id, late.id, None]

    def test_a_failure_is_counted_without_reading_the_payment(self, store: Store) -> None:
        payment, another = stored(store), stored(store)
        for _ in range(2):
            with store.transaction() as work:
                work.count_failure(payment.id, "ValueError")
        counted = read(store, payment)
        assert (counted.failures, counted.last_failure) == (2, "ValueError")
        assert read(store, another).failures == 0

    def test_what_is_taken_is_put_off(self, store: Store) -> None:
        payment = stored(store)
        assert _take(store) == payment.id
        assert read(store, payment).next_check_at == UNTIL

    @pytest.mark.parametrize(
        "changed",
        [
            {"next_check_at": NOW + SECOND},
            {"state": PaymentState.PAID},
            {"state": PaymentState.INITIATED},
            {"gateway": "another"},
        ],
        ids=names,
    )
    def test_what_is_not_due_or_not_asked_for_is_left(
        self, store: Store, changed: dict[str, Any]
    ) -> None:
        stored(store, **changed)
        assert _take(store) is None

    def test_one_payment_is_taken_by_one_of_many_workers(self, store: Store) -> None:
        payment = stored(store)
        taken = at_once(6, lambda: _take(store))
        assert sorted(taken, key=str) == [payment.id, *[None] * 5]

    def test_many_workers_take_each_payment_once(self, store: Store) -> None:
        payments = {stored(store).id for _ in range(12)}

        def works() -> list[int]:
            return list(iter(lambda: _take(store), None))

        taken = [each for worker in at_once(4, works) for each in worker]
        assert sorted(taken) == sorted(payments)

    @pytest.mark.parametrize(
        ("changed", "is_taken"),
        [
            ({"next_check_at": UNTIL + SECOND}, False),  # another host's clock is a little ahead
            ({"next_check_at": UNTIL + 10 * MINUTE}, True),
            ({"next_check_at": NOW + HOUR, "expires_at": NOW}, False),
            ({"next_check_at": NOW + 2 * HOUR, "expires_at": NOW}, True),
        ],
    )
    def test_a_check_further_ahead_than_any_is_taken_since_the_clock_was_set_back(
        self, store: Store, changed: dict[str, Any], *, is_taken: bool
    ) -> None:
        payment = stored(store, **changed)
        assert _take(store) == (payment.id if is_taken else None)

    def test_who_has_an_old_reading_cannot_take_a_payment(self, store: Store) -> None:
        payment = stored(store)
        assert at_once(4, lambda: _take_this(store, payment)).count(True) == 1
        assert not _take_this(store, payment)
        assert _take_this(store, read(store, payment))

    @pytest.mark.parametrize(
        ("changed", "counts"),
        [
            ({}, True),
            ({"money_seen": False}, False),
            ({"verifications_sent": 1}, False),
            ({"gateway": "another"}, False),
            ({"state": PaymentState.FAILED}, False),
            ({"closes_at": NOW - SECOND}, False),
            ({"ended_at": NOW - SECOND}, False),
            ({"ended_at": NOW + HOUR}, False),
        ],
        ids=names,
    )
    def test_the_expiry_of_a_younger_payment_that_was_paid_is_noticed(
        self, store: Store, changed: dict[str, Any], *, counts: bool
    ) -> None:
        expired = {
            "state": PaymentState.EXPIRED,
            "money_seen": True,
            "closes_at": NOW,
            "ended_at": NOW,
        }
        older = stored(store, **expired)
        asked = stored(store)
        if changed is not None:
            stored(store, **(expired | changed))
        with store.reading() as work:
            assert work.expiry_has_run(asked, NOW, NOW + HOUR) is counts
            assert work.expiry_has_run(older, NOW, NOW + HOUR) is counts

    def test_the_nearest_deadline_is_that_of_an_open_payment(self, store: Store) -> None:
        assert store.nearest_deadline(GATEWAY, NOW) is None
        for state in PaymentState:
            stored(store, state=state, expires_at=NOW + _minutes(state))
        stored(store, expires_at=NOW)
        stored(store, gateway="another", expires_at=NOW + SECOND)
        assert store.nearest_deadline(GATEWAY, NOW) == NOW + 10 * MINUTE


def _minutes(state: PaymentState) -> timedelta:
    is_open = state in ASKABLE and state is not PaymentState.NEEDS_REVIEW
    return (10 if is_open else 1) * MINUTE


def _take(store: Store) -> int | None:
    with store.transaction() as work:
        return work.claim_next_due(ASKABLE, [GATEWAY], NOW, UNTIL)


def _take_this(store: Store, payment: Payment) -> bool:
    with store.transaction() as work:
        return work.take(payment, payment.next_check_at + MINUTE)
