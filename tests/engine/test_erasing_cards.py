"""An application that erases personal data empties the masked cards, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from payment_engine import PaymentState
from payment_engine.gateway import InquiryStatus
from testkit.scenario import ScenarioDriver
from tests.engine.gateway import ObedientGateway

CARD = "603799******0014"


def test_erasing_the_cards_of_an_order_leaves_its_payments_as_they_are(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    gateway.says, gateway.changed = InquiryStatus.AWAITING_VERIFICATION, {"payer_card": CARD}
    order_id, _ = driver.send_shopper()
    (begun,) = driver.payments(order_id)
    driver.come_back(f"https://shop.example/payments/{begun.reference}/callback?their=theirs-1")
    with driver.in_the_shop() as services:
        engine = services.engine
        (before,) = engine.payments_of(begun.order_key)
        with engine.locked(begun.order_key) as locked:
            locked.erase_cards()
        (after,) = engine.payments_of(begun.order_key)
    assert (before.state, before.payer_card) == (PaymentState.PAID, CARD)
    assert after == replace(before, payer_card=None, version=before.version + 1)


def test_a_card_that_was_demanded_is_erased_too(driver: ScenarioDriver) -> None:
    number = driver.number(driver.place())
    with driver.in_the_shop() as services:
        engine = services.engine
        payment = engine.begin(
            order_key=number,
            amount_rials=1000,
            payer_mobile="09121234567",
            payer_card=CARD.replace("******", "750000"),
        )
        assert payment.demanded_card == CARD
        with engine.locked(number) as locked:
            locked.erase_cards()
        (after,) = engine.payments_of(number)
    assert after.demanded_card is None
