"""Only the moves of the table are possible for an order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from payment_engine import ImpossibleTransition
from storefront.orders.models import Order
from storefront.orders.states import ORDER_MOVES, OrderState
from testkit.cases import naming

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_every_state_has_its_row_in_the_table() -> None:
    assert set(ORDER_MOVES) == set(OrderState)


def test_an_order_makes_the_moves_of_the_table_and_no_other() -> None:
    for source in OrderState:
        for target in OrderState:
            with naming(source, target):
                order = Order(state=source, number="1234567890")
                if target in ORDER_MOVES[source]:
                    order.move(target, NOW)
                    assert order.state is target
                else:
                    with pytest.raises(ImpossibleTransition):
                        order.move(target, NOW)
