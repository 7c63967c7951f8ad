"""Only the moves of the table are possible, and a final state is final."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from payment_engine import ImpossibleTransition
from payment_engine.states import FINAL, PaymentState
from payment_engine.states import TRANSITIONS as PAYMENT_MOVES
from storefront.orders.models import Order
from storefront.orders.payments import Payment
from storefront.orders.states import ORDER_MOVES, OrderState

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize("state", FINAL)
def test_a_final_payment_moves_nowhere(state: PaymentState) -> None:
    assert PAYMENT_MOVES[state] == frozenset()


def test_every_state_has_its_row_in_the_table() -> None:
    assert set(PAYMENT_MOVES) == set(PaymentState)
    assert set(ORDER_MOVES) == set(OrderState)


@pytest.mark.parametrize("source", PaymentState)
@pytest.mark.parametrize("target", PaymentState)
def test_a_payment_makes_the_moves_of_the_table_and_no_other(
    source: PaymentState, target: PaymentState
) -> None:
    payment = Payment(state=source, reference_number="r", claimed=True)
    if target is source or target in PAYMENT_MOVES[source]:
        payment.move(target, NOW)
        assert payment.state is target
    else:
        with pytest.raises(ImpossibleTransition, match=f"{source} → {target}"):
            payment.move(target, NOW)
        assert payment.state is source


@pytest.mark.parametrize("source", OrderState)
@pytest.mark.parametrize("target", OrderState)
def test_an_order_makes_the_moves_of_the_table_and_no_other(
    source: OrderState, target: OrderState
) -> None:
    order = Order(state=source, number="1234567890")
    if target in ORDER_MOVES[source]:
        order.move(target, NOW)
        assert order.state is target
    else:
        with pytest.raises(ImpossibleTransition):
            order.move(target, NOW)


def test_paid_is_reached_only_from_where_a_verification_was_sent_or_by_a_person() -> None:
    sources = {source for source, targets in PAYMENT_MOVES.items() if PaymentState.PAID in targets}
    assert sources == {
        PaymentState.VERIFYING,
        PaymentState.IN_DOUBT,
        PaymentState.NEEDS_REVIEW,
    }
