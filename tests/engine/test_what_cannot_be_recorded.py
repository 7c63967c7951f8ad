"""Captured money whose outcome the database refuses is left to a person, and is not lost.

What the database refuses here is the move to `paid`, by a trigger: whatever the reason, the
engine must not raise, verify over and over, or store what it could not store.
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from payment_engine import Actor
from payment_engine.gateway import InquiryStatus
from payment_engine.states import PaymentState
from storefront.core.database import db
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from tests.engine.gateway import ObedientGateway

MINUTE = 60
IN_REVIEW = PaymentState.NEEDS_REVIEW
REFUSED = "BEFORE UPDATE OF state ON payments FOR EACH ROW WHEN (NEW.state = 'paid')"
TRIGGER = {
    "sqlite": f"CREATE TRIGGER refused {REFUSED} BEGIN SELECT RAISE(ABORT, 'refused'); END",
    "postgresql": f"CREATE TRIGGER refused {REFUSED} EXECUTE FUNCTION refuse('refused')",
}
NO_TRIGGER = {
    "sqlite": "DROP TRIGGER refused",
    "postgresql": "DROP TRIGGER refused ON payments",
}


@pytest.fixture
def prepared_url(stocked_database_url: str) -> str:
    return stocked_database_url


def run(driver: ScenarioDriver, statements: dict[str, str]) -> None:
    with driver.in_the_shop(), db.engine.begin() as connection:
        connection.execute(text(statements[db.engine.dialect.name]))


@pytest.fixture
def callback(driver: ScenarioDriver, gateway: ObedientGateway) -> str:
    """The callback of a shopper who has paid, in a shop that cannot record it."""
    order_id, _ = driver.send_shopper()
    (payment,) = driver.payments(order_id)
    gateway.says = InquiryStatus.AWAITING_VERIFICATION
    gateway.changed = {"tracking_number": "a-secret-of-theirs"}
    run(driver, TRIGGER)
    return f"/payments/{payment.reference}/callback?their=theirs-1&state=PAID"


def test_the_browser_is_shown_its_order_and_the_payment_waits_for_a_person(
    driver: ScenarioDriver, clock: MovingClock, callback: str
) -> None:
    answer = driver.app.test_client().get(callback)
    assert answer.status_code == 303
    (order_id,) = driver.orders()
    assert driver.states(order_id) == [IN_REVIEW]
    assert driver.order_state(order_id) is OrderState.PLACED
    entry = driver.history_entries(order_id)[-1]
    assert (entry.event, entry.actor) == ("payment_needs_review", Actor.PAYER)
    assert entry.details == {"unrecordable": True}
    assert driver.payments(order_id)[0].next_check_at == clock.now() + timedelta(hours=1)
    page = driver.app.test_client().get(answer.location)
    assert page.status_code == 200


def test_it_is_verified_once_and_asked_about_without_verifying(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, callback: str
) -> None:
    driver.come_back(callback)
    for _ in range(41):
        clock.advance(60 * MINUTE)
        driver.worker_passes()
    assert len(gateway.calls("verify")) == 1
    assert len(gateway.calls("inquire")) > 20


def test_proof_closes_it_as_soon_as_it_can_be_recorded(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, callback: str
) -> None:
    driver.come_back(callback)
    gateway.says = InquiryStatus.CAPTURED
    clock.advance(60 * MINUTE)
    driver.worker_passes()
    (order_id,) = driver.orders()
    assert driver.states(order_id) == [IN_REVIEW]
    assert driver.history(order_id).count("payment_needs_review") == 1
    run(driver, NO_TRIGGER)
    clock.advance(60 * MINUTE)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.PAID]
    assert driver.order_state(order_id) is OrderState.PAID


def test_the_log_names_the_payment_and_nothing_of_what_the_gateway_said(
    driver: ScenarioDriver, callback: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        driver.come_back(callback)
    (order_id,) = driver.orders()
    (payment,) = driver.payments(order_id)
    said = f"payment {payment.reference} cannot be recorded: [A-Z][A-Za-z]+Error"
    assert [message for message in caplog.messages if re.fullmatch(said, message)]
    assert "a-secret-of-theirs" not in caplog.text


def test_an_end_in_the_farthest_future_keeps_no_capture_from_being_recorded(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    order_id, _ = driver.send_shopper()
    (payment,) = driver.payments(order_id)
    gateway.says = InquiryStatus.AWAITING_VERIFICATION
    gateway.changed = {"expires_at": datetime.max.replace(tzinfo=UTC)}
    driver.come_back(f"/payments/{payment.reference}/callback?their=theirs-1")
    assert driver.states(order_id) == [PaymentState.PAID]
