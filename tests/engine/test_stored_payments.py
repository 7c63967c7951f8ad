"""Payments in the database: how one is read, and who may look after it; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import create_engine

from payment_engine.payment import Payment, new_payment
from payment_engine.sqlalchemy_store import SqlAlchemyStore
from payment_engine.states import ASKABLE, PaymentState
from payment_engine.store import UnitOfWork
from testkit.clock import MovingClock

pytestmark = pytest.mark.both_databases

WINDOW, LONGER = timedelta(minutes=15), timedelta(minutes=20)
MOMENT, MINUTE = timedelta(microseconds=1), timedelta(minutes=1)
UNTIL = MINUTE  # to when a payment that is taken is put off


@pytest.fixture
def work(database_url: str) -> Iterator[UnitOfWork]:
    """One transaction on an empty database of each kind."""
    engine = create_engine(database_url)
    with SqlAlchemyStore(engine).transaction() as work:
        work.lock_group("1")
        yield work
    engine.dispose()


def added(work: UnitOfWork, clock: MovingClock, window: timedelta = WINDOW) -> Payment:
    payment = new_payment("1", "ppg", 50_000, clock.now(), window=window, closes_after=window)
    work.add(payment)
    return payment


def test_the_payments_of_an_order_are_told_oldest_first(
    work: UnitOfWork, clock: MovingClock
) -> None:
    made = [added(work, clock) for _ in range(3)]
    assert work.of_order("1") == made
    assert [work.by_reference(each.reference) for each in made] == made
    assert work.by_reference("nobody's") is None
    with pytest.raises(LookupError, match="987654"):
        work.by_id(987654)


def test_what_is_read_is_what_the_database_has_now(work: UnitOfWork, clock: MovingClock) -> None:
    stale = work.by_id(added(work, clock).id)
    assert work.take(stale, clock.now() + LONGER)
    assert work.by_id(stale.id).next_check_at == clock.now() + LONGER
    assert work.take(work.by_id(stale.id), clock.now())
    (read,) = work.of_order("1")
    assert read.next_check_at == clock.now()


def test_the_nearest_deadline_is_taken_first_and_what_is_past_its_own_last(
    work: UnitOfWork, clock: MovingClock
) -> None:
    now, until = clock.now() + WINDOW, clock.now() + 9 * WINDOW
    states = [PaymentState.INITIATED]
    past, late, soon, same = (
        added(work, clock, window) for window in (WINDOW, 3 * WINDOW, 2 * WINDOW, 2 * WINDOW)
    )
    for payment in (past, late, soon, same):
        payment.next_check_at = now
        work.save(payment)
    assert work.claim_next_due(states, ["ppg"], now - MOMENT, until) is None
    assert work.claim_next_due(ASKABLE, ["ppg"], now, until) is None
    assert work.claim_next_due(states, ["wallet"], now, until) is None
    taken = [work.claim_next_due(states, ["ppg"], now, until) for _ in range(5)]
    assert taken == [soon.id, same.id, late.id, past.id, None]
    assert {each.next_check_at for each in work.of_order("1")} == {until}


@pytest.mark.parametrize(
    ("window", "state", "farthest"),
    [
        (LONGER, PaymentState.AWAITING_PAYER, UNTIL),
        (WINDOW, PaymentState.AWAITING_PAYER, timedelta(hours=1)),  # it is just over
        (LONGER, PaymentState.INITIATED, timedelta(hours=1)),  # looked up when it is over
    ],
)
def test_a_check_is_too_far_ahead_a_moment_after_the_minute_that_two_clocks_may_differ(
    work: UnitOfWork,
    clock: MovingClock,
    window: timedelta,
    state: PaymentState,
    farthest: timedelta,
) -> None:
    now = clock.now() + WINDOW
    payment = added(work, clock, window)
    payment.state = state
    for ahead, is_taken in ((MINUTE, False), (MINUTE + MOMENT, True)):
        payment.next_check_at = now + farthest + ahead
        work.save(payment)
        taken = work.claim_next_due([state], ["ppg"], now, now + UNTIL)
        assert taken == (payment.id if is_taken else None)


def test_a_payment_is_taken_by_one_alone(work: UnitOfWork, clock: MovingClock) -> None:
    until = clock.now() + LONGER
    payment, spared = added(work, clock), added(work, clock)
    assert work.take(payment, until)
    assert not work.take(payment, until)
    assert work.by_id(payment.id).next_check_at == until
    assert work.by_id(spared.id).next_check_at == clock.now() + WINDOW
