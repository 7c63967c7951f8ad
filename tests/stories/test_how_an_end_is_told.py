"""Page, letter and SMS say the same of how a payment ended: cancelled, declined, late, returned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db
from storefront.notifications.email import email_about
from storefront.notifications.outbox import Channel, OutboxMessage
from storefront.worker import jobs
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.letters import PUBLIC_URL, SENDER, parts
from testkit.scenario import SHOPPER, ScenarioDriver, unpaid_order
from testkit.scenes import v2_only
from testkit.settings import at_all_gateways
from testkit.shopper import Page, Shopper
from testkit.texting import parts_of
from tests.conftest import open_shop

pytestmark = v2_only  # each case names its own gateway

NO_MONEY, OLD_CARD, WRONG_PIN = "6104330000000029", "6274880000000167", "6362140000000177"
BACK = "within 72 hours"
RETRY = "Pay again"


class Told(NamedTuple):
    """The title of the order's page; what letter and SMS say, and what they do not."""

    title: str
    letter: tuple[str, ...]
    sms: tuple[str, ...]
    not_said: tuple[str, ...] = ()


CANCELLED = Told(
    "You cancelled the payment",
    ("you cancelled the payment", "You were not charged.", RETRY),
    ("You cancelled the payment of order", RETRY),
    (BACK, "declined", "did not go through"),
)
UNKNOWN = Told(
    "The payment did not go through",
    ("the payment did not go through", BACK, RETRY),
    ("is not paid.", BACK, RETRY),
    ("cancelled", "declined", "failed", "in time", "on its way back"),
)
ENDS = {  # by the gateway, the button and the card
    ("ppg_v3", "cancel", ""): CANCELLED,
    ("wallet", "cancel", ""): CANCELLED,
    ("ppg", "cancel", ""): UNKNOWN,  # PPG v2 says FAILED of both
    ("ppg", "decline", ""): UNKNOWN,
    ("wallet", "decline", ""): UNKNOWN,  # cancelled by the system, within seconds
    ("ppg_v3", "decline", ""): UNKNOWN._replace(
        letter=(*UNKNOWN.letter, "The bank said: “\u2068بانک تراکنش را نپذیرفت\u2069”")
    ),
    ("ppg_v3", "pay", NO_MONEY): UNKNOWN._replace(
        letter=(*UNKNOWN.letter, "There was not enough money on the card."),
        sms=("is not paid: not enough money on the card.", RETRY),
    ),
    ("ppg_v3", "pay", OLD_CARD): UNKNOWN._replace(
        letter=(*UNKNOWN.letter, "The card has expired."),
        sms=("is not paid: the card has expired.", RETRY),
    ),
    ("ppg_v3", "pay", WRONG_PIN): UNKNOWN._replace(
        letter=(*UNKNOWN.letter, "The card's password was wrong."),
        sms=("is not paid: wrong password of the card.", RETRY),
    ),
}
PERSIAN = {
    ("ppg_v3", "cancel", ""): Told(
        "پرداخت را لغو کردید",
        ("را لغو کردید", "دوباره پرداخت کنید"),
        ("را لغو کردید",),
        ("۷۲ ساعت",),
    ),
    ("ppg", "cancel", ""): Told(
        "پرداخت انجام نشد", ("انجام نشد", "۷۲ ساعت"), ("پرداخت نشد.", "۷۲ ساعت"), ("ناموفق", "لغو")
    ),
    ("ppg_v3", "pay", NO_MONEY): Told(
        "پرداخت انجام نشد", ("انجام نشد", "پاسخ بانک", "موجودی کارت کافی نیست"), ("موجودی کارت",)
    ),
}


@pytest.fixture
def driver(
    stocked_database_url: str, sandbox: SandboxWorld, clock: MovingClock
) -> Iterator[ScenarioDriver]:
    """A shop with every gateway that writes letters and text messages."""
    at = at_all_gateways(sandbox) | {"SMS_URL": sandbox.sms_url}
    with open_shop(stocked_database_url, sandbox, clock, **at) as app:
        yield ScenarioDriver(app)


def goes_to_pay(driver: ScenarioDriver, gateway: str, language: str = "en") -> tuple[int, str]:
    """Order and go to the bank; each has a number of their own, told three times a day."""
    mobile = f"0912{len(driver.orders()):07}"
    with driver.in_the_shop() as services:
        shopper = replace(SHOPPER, mobile=mobile, language=language, email="maryam@example.com")
        order_id = unpaid_order(services, {1: 1}, shopper, mobile).id
    return order_id, str(driver.begin(order_id, gateway).redirect_url)


def letter_of(driver: ScenarioDriver) -> str:
    """All that the youngest letter says."""
    query = select(OutboxMessage).where(OutboxMessage.channel == Channel.EMAIL)
    with driver.in_the_shop() as services:
        message = db.session.scalars(query.order_by(OutboxMessage.id.desc())).first()
        assert message
        letter = email_about(message, SENDER, PUBLIC_URL, services.clock())
    return f"{letter['Subject']}\n{parts(letter)[0]}"


def check(driver: ScenarioDriver, sandbox: SandboxWorld, order_id: int, told: Told) -> Page:
    """Compare the three channels; return the page."""
    jobs.run_job(driver.app, "send_sms")
    text = sandbox.text_messages()[0]["text"]
    language = "en" if told.title.isascii() else "fa"
    page = Shopper(driver.app, language).open(f"/orders/{driver.token(order_id)}")
    assert page.soup.title
    assert page.soup.title.text.startswith(f"{told.title} · ")
    for channel, words in ((letter_of(driver), told.letter), (text, told.sms)):
        assert [each for each in words if each not in channel] == [], channel
        assert [each for each in told.not_said if each in channel] == [], channel
    assert parts_of(text) <= 3, text
    return page


def test_a_payment_that_failed_is_told_as_its_gateway_told_it(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    for (gateway, button, card), told in (*ENDS.items(), *PERSIAN.items()):
        with naming(gateway, button, card, told.title):
            language = "en" if told.title.isascii() else "fa"
            order_id, url = goes_to_pay(driver, gateway, language)
            typed = {"card": card} if card else {}
            driver.come_back(sandbox.callback(url, button, **typed))
            page = check(driver, sandbox, order_id, told)
            assert page.heading == told.title


def test_who_never_paid_is_told_when_no_time_is_left_and_can_order_again(
    driver: ScenarioDriver, clock: MovingClock, sandbox: SandboxWorld
) -> None:
    order_id, _ = goes_to_pay(driver, "ppg")
    clock.advance(16 * 60)
    driver.worker_passes()
    again = ("order again", "Order again")
    told = Told(
        "Expired",
        ("not paid in time", "no time is left", again[0], BACK),
        (" was not paid in time.", again[1], BACK),
        (RETRY, "cancelled", "go through", "on its way back"),
    )
    assert again[1] in check(driver, sandbox, order_id, told).text


def test_a_failure_near_the_end_of_the_hold_offers_no_second_try(
    driver: ScenarioDriver, clock: MovingClock, sandbox: SandboxWorld
) -> None:
    order_id, url = goes_to_pay(driver, "ppg_v3")
    clock.advance(11 * 60)
    driver.come_back(sandbox.callback(url, "cancel"))
    told = Told(
        "Too late to pay",
        (*CANCELLED.letter[:2], "no time is left"),
        (CANCELLED.sms[0], "Order again"),
        (RETRY, BACK),
    )
    assert (
        "You cancelled the payment. You were not charged."
        in check(driver, sandbox, order_id, told).text
    )


def test_what_was_paid_too_late_and_goes_back_is_told_so_everywhere(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    sandbox.switch(v3_auto_verify=True, v3_refund=True)
    order_id, url = goes_to_pay(driver, "ppg_v3")
    driver.cancel(order_id)
    clock.advance(10)
    driver.come_back(sandbox.callback(url))
    told = Told(
        "Your payment could not be kept",
        ("your money is on its way back", "It goes back to you."),
        ("is on its way back to you",),
        (RETRY, "did not go through"),
    )
    assert "goes back to you" in check(driver, sandbox, order_id, told).text


def test_a_letter_about_a_failure_is_not_sent_once_the_order_is_paid(
    driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, url = goes_to_pay(driver, "ppg")
    driver.come_back(sandbox.callback(url, "cancel"))
    driver.come_back(sandbox.callback(str(driver.begin(order_id, "ppg").redirect_url)))
    assert jobs.run_job(driver.app, "send_emails") == {"dropped": 1, "delivered": 1}
