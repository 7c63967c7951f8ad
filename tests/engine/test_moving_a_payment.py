"""How a payment is born and moves: only as the table says, and a final state is final."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from payment_engine import ImpossibleTransition, Payment, PaymentState, Policy, Standing
from payment_engine.payment import apply_transition, new_payment
from payment_engine.standing import decisive, standing_of
from payment_engine.states import FINAL, TRANSITIONS
from testkit.cases import naming
from testkit.clock import MovingClock

WINDOW, LONGER = timedelta(minutes=15), timedelta(minutes=20)
MOMENT = timedelta(microseconds=1)


def born(clock: MovingClock, closes_after: timedelta = WINDOW) -> Payment:
    now = clock.now()
    return new_payment("1234", "ppg", 50_000, now, window=WINDOW, closes_after=closes_after)


def of(state: PaymentState, number: int = 1, **more: Any) -> Payment:
    payment = born(MovingClock())
    payment.id, payment.state = number, state
    for name, value in more.items():
        setattr(payment, name, value)
    return payment


def test_a_payment_is_born_with_an_unguessable_name_and_nothing_sent(clock: MovingClock) -> None:
    now = clock.now()
    first, second = born(clock, LONGER), born(clock, WINDOW - MOMENT)
    assert len(bytes.fromhex(first.reference)) == 16
    assert first.reference != second.reference
    assert (first.order_key, first.amount_rials) == ("1234", 50_000)
    assert (first.gateway, first.state) == ("ppg", PaymentState.INITIATED)
    assert (first.created_at, first.expires_at) == (now, now + WINDOW)
    assert (first.closes_at, second.closes_at) == (now + LONGER, now + WINDOW)
    assert first.next_check_at == now + WINDOW
    assert not first.claimed
    assert (first.verifications_sent, first.verifications_answered) == (0, 0)


def test_the_paid_payment_is_shown_then_one_in_doubt_then_the_latest() -> None:
    paid, doubt = of(PaymentState.PAID, 1), of(PaymentState.IN_DOUBT, 2)
    older, latest = of(PaymentState.FAILED, 3), of(PaymentState.EXPIRED, 4)
    assert decisive([latest, doubt, paid, older]) is paid
    assert decisive([latest, doubt, older]) is doubt
    assert decisive([latest, older]) is latest
    assert decisive([]) is None


@pytest.mark.parametrize(
    ("payment", "after", "standing"),
    [
        (of(PaymentState.AWAITING_PAYER), WINDOW - MOMENT, Standing.AWAITING_PAYER),
        (of(PaymentState.AWAITING_PAYER), WINDOW, Standing.OPEN),
        (of(PaymentState.FAILED), MOMENT, Standing.FAILED),
        (of(PaymentState.EXPIRED), WINDOW, Standing.EXPIRED),
        (of(PaymentState.INITIATED), MOMENT, Standing.OPENING),
        (of(PaymentState.INITIATED), WINDOW, Standing.OPEN),
        (of(PaymentState.IN_DOUBT), WINDOW, Standing.CONFIRMING),
        (of(PaymentState.PAID), WINDOW, Standing.PAID),
        (of(PaymentState.PAID, refunded_rials=1), WINDOW, Standing.PARTLY_REFUNDED),
        (of(PaymentState.PAID, refunded_rials=50_000), WINDOW, Standing.REFUNDED),
        (of(PaymentState.RETURNED), WINDOW, Standing.RETURNED),
    ],
    ids=lambda value: value.state if isinstance(value, Payment) else str(value),
)
def test_an_order_stands_as_its_payment_does(
    payment: Payment, after: timedelta, standing: Standing
) -> None:
    policy = Policy(callback_url="https://shop.example/{reference}", redirect_hosts=set())
    assert standing_of(policy, [payment], payment.created_at + after) is standing
    tried = [of(PaymentState.FAILED, number, gateway_payment_id="x") for number in (1, 2, 3)]
    now = payment.created_at
    assert standing_of(policy, tried, now) is Standing.TRIED_TOO_OFTEN
    assert standing_of(policy, tried[1:], now) is Standing.FAILED


def test_moving_keeps_or_gives_back_the_claim_and_dates_what_is_paid(clock: MovingClock) -> None:
    for target in TRANSITIONS[PaymentState.IN_DOUBT]:
        with naming(target):
            payment = of(PaymentState.IN_DOUBT, claimed=True)
            apply_transition(payment, target, clock.now())
            keeps = {PaymentState.PAID, PaymentState.VERIFYING, PaymentState.NEEDS_REVIEW}
            assert payment.claimed is (target in keeps)
            assert payment.paid_at == (clock.now() if target is PaymentState.PAID else None)
            assert payment.ended_at == (clock.now() if target in FINAL else None)


def test_a_doubt_is_as_old_as_its_first_moment_and_ends_with_the_doubt(clock: MovingClock) -> None:
    payment = of(PaymentState.AWAITING_PAYER)
    since = clock.now()
    apply_transition(payment, PaymentState.VERIFYING, since)
    clock.advance(60)
    apply_transition(payment, PaymentState.IN_DOUBT, clock.now())
    assert payment.in_doubt_since == since
    apply_transition(payment, PaymentState.AWAITING_PAYER, clock.now())
    assert payment.in_doubt_since is None


def test_staying_is_no_move_and_another_move_than_the_tables_is_refused(
    clock: MovingClock,
) -> None:
    payment = of(PaymentState.FAILED, claimed=True)
    apply_transition(payment, PaymentState.FAILED, clock.now())
    assert payment.claimed
    with pytest.raises(ImpossibleTransition):
        apply_transition(payment, PaymentState.PAID, clock.now())
    assert payment.state is PaymentState.FAILED


def test_only_a_persons_decision_moves_a_final_payment_and_never_one_that_is_paid(
    clock: MovingClock,
) -> None:
    reopened = {PaymentState.PAID, PaymentState.RETURNED}
    for state in FINAL:
        with naming(state):
            ended_unpaid = state in (PaymentState.FAILED, PaymentState.EXPIRED)
            assert TRANSITIONS[state] == (reopened if ended_unpaid else set())
            for target in TRANSITIONS[state]:
                with pytest.raises(ImpossibleTransition):
                    apply_transition(of(state), target, clock.now())
                payment = of(state)
                apply_transition(payment, target, clock.now(), decided=True)
                assert payment.state is target


def test_every_state_has_its_row_in_the_table() -> None:
    assert set(TRANSITIONS) == set(PaymentState)


def test_a_payment_makes_the_moves_of_the_table_and_no_other(clock: MovingClock) -> None:
    for source in PaymentState:
        for target in PaymentState:
            with naming(source, target):
                payment = of(source, claimed=True)
                if target is source or (target in TRANSITIONS[source] and source not in FINAL):
                    apply_transition(payment, target, clock.now())
                    assert payment.state is target
                else:
                    with pytest.raises(ImpossibleTransition, match=f"{source} → {target}"):
                        apply_transition(payment, target, clock.now())
                    assert payment.state is source


def test_paid_is_reached_only_from_where_a_verification_was_sent_or_by_a_person() -> None:
    sources = {source for source, targets in TRANSITIONS.items() if PaymentState.PAID in targets}
    assert sources == {
        PaymentState.VERIFYING,
        PaymentState.IN_DOUBT,
        PaymentState.NEEDS_REVIEW,
        PaymentState.FAILED,  # these two by a person alone
        PaymentState.EXPIRED,
    }
