"""Payments in the database: how one is born, which is shown, and who may look after it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from payment_engine import ImpossibleTransition
from payment_engine.states import ASKABLE, PaymentState
from payment_engine.states import TRANSITIONS as PAYMENT_MOVES
from storefront.core.database import transaction
from storefront.orders import models as orders
from storefront.orders import payments
from storefront.orders.models import Order, Shopper
from storefront.orders.payments import Payment
from storefront.orders.pricing import Quote
from storefront.payments import compare_and_set
from tests.rig.clock import MovingClock

WINDOW, LONGER = timedelta(minutes=15), timedelta(minutes=20)
MOMENT = timedelta(microseconds=1)
BUYER = Shopper("مریم حسینی", "09121234567", "تهران", "1591634311")


@pytest.fixture
def order(bare_app: Flask, clock: MovingClock) -> Order:
    """An order for 50,000 Rials; the application's context stays open."""
    with bare_app.app_context(), transaction():
        now = clock.now()
        order = orders.new_order(Quote((), 50_000, 0), BUYER, "key", now, now + WINDOW)
        order.amount_rials = 50_000
    return order


def test_a_payment_is_born_with_an_unguessable_name_and_nothing_sent(
    bare_app: Flask, order: Order, clock: MovingClock
) -> None:
    now = clock.now()
    with bare_app.app_context(), transaction():
        first = payments.new_payment(order, "ppg", now, WINDOW, LONGER)
        second = payments.new_payment(order, "ppg", now, WINDOW, WINDOW - MOMENT)
        assert len(bytes.fromhex(first.reference)) == 16
        assert first.reference != second.reference
        assert (first.order_id, first.amount_rials) == (order.id, 50_000)
        assert (first.gateway, first.state) == ("ppg", PaymentState.INITIATED)
        assert (first.created_at, first.expires_at) == (now, now + WINDOW)
        assert (first.closes_at, second.closes_at) == (now + LONGER, now + WINDOW)
        assert first.next_check_at == now + WINDOW
        assert (first.claimed, first.verifications_sent, first.verifications_answered) == (
            False,
            0,
            0,
        )


def test_the_payments_of_an_order_are_told_oldest_first(
    bare_app: Flask, order: Order, clock: MovingClock
) -> None:
    with bare_app.app_context(), transaction():
        made = [payments.new_payment(order, "ppg", clock.now(), WINDOW, WINDOW) for _ in range(3)]
        assert list(payments.of_order(order.id)) == made
        assert [payments.by_reference(each.reference) for each in made] == made
        assert payments.by_reference("nobody's") is None


def test_what_is_read_is_what_the_database_has_now(
    bare_app: Flask, order: Order, clock: MovingClock
) -> None:
    with bare_app.app_context(), transaction():
        made = payments.new_payment(order, "ppg", clock.now(), WINDOW, WINDOW)
    with bare_app.app_context(), transaction():
        stale = payments.by_id(made.id)
        assert compare_and_set.take(stale, clock.now() + LONGER)
        assert payments.by_id(made.id).next_check_at == clock.now() + LONGER
        assert compare_and_set.take(stale, clock.now())
        (read,) = payments.of_order(order.id)
        assert read.next_check_at == clock.now()


def test_the_nearest_deadline_is_taken_first_and_what_is_past_its_own_last(
    bare_app: Flask, order: Order, clock: MovingClock
) -> None:
    begun, now, until = clock.now(), clock.now() + WINDOW, clock.now() + 9 * WINDOW
    states = [PaymentState.INITIATED]
    with bare_app.app_context(), transaction():
        past, late, soon, same = (
            payments.new_payment(order, "ppg", begun, window, window)
            for window in (WINDOW, 3 * WINDOW, 2 * WINDOW, 2 * WINDOW)
        )
        for payment in (past, late, soon, same):
            payment.next_check_at = now
        assert compare_and_set.take_most_urgent(states, ["ppg"], now - MOMENT, until) is None
        assert compare_and_set.take_most_urgent(ASKABLE, ["ppg"], now, until) is None
        assert compare_and_set.take_most_urgent(states, ["wallet"], now, until) is None
        taken = [compare_and_set.take_most_urgent(states, ["ppg"], now, until) for _ in range(5)]
        assert taken == [soon.id, same.id, late.id, past.id, None]
        assert {each.next_check_at for each in payments.of_order(order.id)} == {until}


def test_a_payment_is_taken_by_one_alone(bare_app: Flask, order: Order, clock: MovingClock) -> None:
    until = clock.now() + LONGER
    with bare_app.app_context(), transaction():
        payment = payments.new_payment(order, "ppg", clock.now(), WINDOW, WINDOW)
        spared = payments.new_payment(order, "ppg", clock.now(), WINDOW, WINDOW)
        assert compare_and_set.take(payment, until)
        assert not compare_and_set.take(payment, until)
        assert payments.by_id(payment.id).next_check_at == until
        assert payments.by_id(spared.id).next_check_at == clock.now() + WINDOW


def of(state: PaymentState, number: int, **more: object) -> Payment:
    return Payment(id=number, state=state, reference_number="r", **more)


def test_the_paid_payment_is_shown_then_one_in_doubt_then_the_latest() -> None:
    paid, doubt = of(PaymentState.PAID, 1), of(PaymentState.IN_DOUBT, 2)
    older, latest = of(PaymentState.FAILED, 3), of(PaymentState.EXPIRED, 4)
    assert payments.shown_for([latest, doubt, paid, older]) is paid
    assert payments.shown_for([latest, doubt, older]) is doubt
    assert payments.shown_for([latest, older]) is latest
    assert payments.shown_for([]) is None


@pytest.mark.parametrize("target", PAYMENT_MOVES[PaymentState.IN_DOUBT])
def test_moving_keeps_or_gives_back_the_claim_and_dates_what_is_paid(
    target: PaymentState, clock: MovingClock
) -> None:
    payment = of(PaymentState.IN_DOUBT, 1, claimed=True)
    payment.move(target, clock.now())
    gives_back = {PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.AWAITING_PAYER}
    assert payment.claimed is (target not in gives_back)
    assert payment.paid_at == (clock.now() if target is PaymentState.PAID else None)


def test_a_doubt_is_as_old_as_its_first_moment_and_ends_with_the_doubt(clock: MovingClock) -> None:
    payment = of(PaymentState.AWAITING_PAYER, 1)
    since = clock.now()
    payment.move(PaymentState.VERIFYING, since)
    clock.advance(60)
    payment.move(PaymentState.IN_DOUBT, clock.now())
    assert payment.in_doubt_since == since
    payment.move(PaymentState.AWAITING_PAYER, clock.now())
    assert payment.in_doubt_since is None


def test_staying_is_no_move_and_another_move_than_the_tables_is_refused(
    clock: MovingClock,
) -> None:
    payment = of(PaymentState.FAILED, 1, claimed=True)
    payment.move(PaymentState.FAILED, clock.now())
    assert payment.claimed
    with pytest.raises(ImpossibleTransition):
        payment.move(PaymentState.PAID, clock.now())
    assert payment.state is PaymentState.FAILED
