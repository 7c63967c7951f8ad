"""Whatever a field of an answer contains, money that was captured is recorded, on both databases.

A field that decides nothing changes nothing. One that decides keeps the payment in doubt for as
long as it makes no sense, and no longer.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from jibit_sandbox.testing import SandboxWorld
from payment_engine.states import PaymentState
from storefront.catalogue.models import Product
from storefront.core.database import db
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.mishaps import reconciled
from testkit.response_edits import FIELDS, ResponseEdits
from testkit.scenario import ScenarioDriver
from testkit.scenes import card_only

EXAMPLES = int(os.environ.get("ODD_EXAMPLES", "10"))
LONG = [letter * length for letter in "x9*ی" for length in (31, 65, 256, 2001, 10_000)]
DATES = [
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59.999999-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-11-28T10:00:00",
    "10000-01-01T00:00:00Z",
]
NUMBERS = [0, -1, 2**31, 2**63 - 1, 2**63, 10**400, 1764000000, 0.5, 1e308, True]
OTHERS = [None, "", " ", [], {}, ["x"], {"payerCard": "x"}, "\x00", "6037\u202e9911", "🛒" * 40]
UNICODE = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
VALUES = st.one_of(st.sampled_from([*LONG, *DATES, *NUMBERS, *OTHERS]), UNICODE)


def stock_enough(driver: ScenarioDriver) -> None:
    """For as many purchases as hypothesis wants."""
    plenty = {"stock_received": 10**6, "stock_free": 10**6}
    with driver.in_the_shop(), db.engine.begin() as connection:
        connection.execute(update(Product).values(stock_sold=0, stock_reserved=0, **plenty))


def test_whatever_a_field_contains_who_has_paid_gets_the_order(
    edited_driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, edits: ResponseEdits
) -> None:
    driver = edited_driver
    stock_enough(driver)
    sandbox.set_balance(10**15)
    decides = FIELDS[driver.gateway]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        database=None,
    )
    @given(field=st.sampled_from(list(decides)), value=VALUES)
    def buys(field: str, value: Any) -> None:
        order_id, switching_url = driver.send_shopper()
        edits.set(field, value)
        try:
            driver.come_back(sandbox.callback(switching_url))
        finally:
            edits.stop()
        if not decides[field]:
            assert driver.order_state(order_id) is OrderState.PAID
        clock.advance(61)
        driver.worker_passes()
        assert driver.order_state(order_id) is OrderState.PAID
        assert driver.states(order_id) == [PaymentState.PAID]

    buys()
    assert reconciled(driver).complete
    assert {order["state"] for order in sandbox.orders()} == {"captured"}


@pytest.mark.long
@card_only
@pytest.mark.parametrize("value", ["9999-12-31T23:59:59.999999Z", "2026-11-28T10:00:00", 17640000])
def test_a_date_that_makes_no_sense_keeps_neither_capture_nor_reconciliation(
    edited_driver: ScenarioDriver, sandbox: SandboxWorld, edits: ResponseEdits, value: object
) -> None:
    order_id, switching_url = edited_driver.send_shopper()
    edits.set("expirationDate", value)
    edited_driver.come_back(sandbox.callback(switching_url))
    assert edited_driver.order_state(order_id) is OrderState.PAID
    assert reconciled(edited_driver).complete


@card_only
def test_odd_fields_are_told_in_the_history_and_counted(
    edited_driver: ScenarioDriver, sandbox: SandboxWorld, edits: ResponseEdits
) -> None:
    order_id, switching_url = edited_driver.send_shopper()
    card = {"ppg": "payerCard", "ppg_v3": "pspMaskedCardNumber"}[edited_driver.gateway]
    edits.set(card, 6037991112345678)
    edited_driver.come_back(sandbox.callback(switching_url))
    (odd,) = (
        entry for entry in edited_driver.history_entries(order_id) if entry.event == "odd_answer"
    )
    assert odd.details == {"fields": [card]}
