"""The shop's columns are at least as wide as what an adapter may give: PostgreSQL would refuse."""

from __future__ import annotations

import pytest
from storefront.payments.models import Payment

from jibit_client import bounds


@pytest.mark.parametrize(
    ("column", "longest"),
    [
        ("order_identifier", bounds.LONGEST_IDENTIFIER),
        ("switching_url", bounds.LONGEST_URL),
        ("payer_card", bounds.LONGEST_CARD),
        ("tracking_number", bounds.LONGEST_TRACKING_NUMBER),
    ],
)
def test_a_column_of_the_payments_holds_what_is_put_into_it(column: str, longest: int) -> None:
    assert Payment.__table__.columns[column].type.length >= longest
