"""The engine's columns are as wide as what a binding may give: PostgreSQL would refuse more."""

from __future__ import annotations

import pytest
from sqlalchemy import MetaData, String

from jibit_client import bounds
from payment_engine.sqlalchemy_tables import payment_tables


@pytest.mark.parametrize(
    ("column", "longest"),
    [
        ("gateway_payment_id", bounds.LONGEST_IDENTIFIER),
        ("redirect_url", bounds.LONGEST_URL),
        ("payer_card", bounds.LONGEST_CARD),
        ("tracking_number", bounds.LONGEST_TRACKING_NUMBER),
    ],
)
def test_a_column_of_the_payments_holds_what_is_put_into_it(column: str, longest: int) -> None:
    kind = payment_tables(MetaData()).payments.columns[column].type
    assert isinstance(kind, String)
    assert kind.length is not None
    assert kind.length >= longest
