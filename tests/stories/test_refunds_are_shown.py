"""Whoever looks sees what went back, in both languages: shopper, merchant, operator, script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db
from storefront.notifications.email import email_about
from storefront.notifications.outbox import Channel, OutboxMessage
from storefront.notifications.webhook import webhook_body
from testkit.clock import MovingClock
from testkit.letters import PUBLIC_URL, SENDER
from testkit.scenario import SHOPPER, ScenarioDriver, unpaid_order
from testkit.scenes import v3_only
from testkit.shopper import Page, Shopper
from testkit.staff import system_page
from tests.stories.going_back import (
    HOUR,
    MINUTE,
    WHY,
    command,
    purchase,
    requested,
    time_passes,
)

pytestmark = v3_only  # v2 and the wallet have no refunds
PART = ("--amount-rials", "1000000")
WORDS = {
    "en": ("Refund, on its way to you", "Refunded", "100,000 Toman", "refunded"),
    "fa": ("برگشت وجه، در راه", "برگشت داده شد", "۱۰۰٬۰۰۰ تومان", "برگشت داده شد"),
}


WHOLE = {"en": "Your money is on its way back", "fa": "پول شما در راه بازگشت است"}


class Told(NamedTuple):
    """What page and letters say of money that the order could not take."""

    on_its_way: str
    is_back: str
    returning: str
    returned: str


NOT_KEPT = {
    "en": Told(
        "Payment we did not keep, on its way back to you",
        "Payment we did not keep, refunded",
        "It goes back to you.",
        "It is the payment that could not be kept for this order.",
    ),
    "fa": Told(
        "پرداختی که نپذیرفتیم، در راه بازگشت به شما",
        "پرداختی که نپذیرفتیم، برگشت داده شد",
        "این مبلغ به شما برمی‌گردد.",
        "این همان پرداختی است که برای این سفارش پذیرفته نشد.",
    ),
}


@pytest.fixture(params=["en"])
def order_id(request: pytest.FixtureRequest, driver: ScenarioDriver, sandbox: SandboxWorld) -> int:
    """An order that somebody with an e-mail address has paid in this language."""
    sandbox.switch(v3_refund=True)
    driver.set_channels(tuple(Channel))
    with driver.in_the_shop() as services:
        customer = replace(SHOPPER, email="maryam@example.com", language=request.param)
        order_id = unpaid_order(services, {1: 2}, customer, "key").id
    driver.come_back(sandbox.callback(str(driver.begin(order_id).redirect_url)))
    return order_id


def pages(app: Flask, path: str) -> Iterator[tuple[str, Page]]:
    for language in WORDS:
        yield language, Shopper(app, language).open(path)


def messages(channel: Channel) -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.channel == channel)
    return list(db.session.scalars(query.order_by(OutboxMessage.id)))


def test_the_receipt_shows_a_refund_on_its_way_and_when_it_is_done(
    app: Flask, driver: ScenarioDriver, clock: MovingClock, order_id: int
) -> None:
    path = f"/orders/{driver.token(order_id)}"
    requested(driver, order_id, *PART)
    for language, page in pages(app, path):
        assert WORDS[language][0] in page.text
        assert WORDS[language][2] in page.text
    time_passes(driver, clock, 2 * HOUR)
    for language, page in pages(app, path):
        assert WORDS[language][1] in page.text
        assert WORDS[language][0] not in page.text
    requested(driver, order_id)
    for language, page in pages(app, path):
        assert page.heading == WHOLE[language]
    time_passes(driver, clock, 2 * HOUR)
    english, persian = (Shopper(app, language).open(path).heading for language in ("en", "fa"))
    assert english == "Your money has been refunded"
    assert persian != english


@pytest.mark.long
def test_scripts_see_what_went_back(
    app: Flask, driver: ScenarioDriver, clock: MovingClock, order_id: int
) -> None:
    def status() -> dict[str, object]:
        path = f"/orders/{driver.token(order_id)}/status"
        answer: dict[str, object] = app.test_client().get(path).get_json()
        return answer

    requested(driver, order_id, *PART)
    assert (status()["order_state"], status()["refunded_rials"]) == ("paid", 0)
    time_passes(driver, clock, 2 * HOUR)
    assert (status()["order_state"], status()["refunded_rials"]) == ("paid", 1_000_000)
    requested(driver, order_id)
    time_passes(driver, clock, 2 * HOUR)
    assert status()["order_state"] == "refunded"
    assert status()["refunded_rials"] == status()["amount_rials"]


def test_the_history_tells_every_step_and_keeps_the_merchants_reason(
    app: Flask, driver: ScenarioDriver, clock: MovingClock, order_id: int
) -> None:
    requested(driver, order_id, *PART)
    time_passes(driver, clock, 2 * HOUR)
    english, persian = (
        command(driver, "orders", "history", driver.number(order_id), "--language", language)[1]
        for language in ("en", "fa")
    )
    assert "A refund of 1,000,000 Rials was recorded (no. 1)" in english
    assert "Refund no. 1 is done: 1,000,000 Rials have gone back." in english
    assert WHY[1] in english
    assert "refund" not in persian.lower()
    for _, page in pages(app, f"/orders/{driver.token(order_id)}/history"):
        assert WHY[1] not in page.text
        assert WHY[3] not in page.text


@pytest.mark.parametrize(
    ("order_id", "language"), [("en", "en"), ("fa", "fa")], indirect=["order_id"]
)
def test_shopper_and_merchant_are_told_once_for_each_refund(
    driver: ScenarioDriver, clock: MovingClock, order_id: int, language: str
) -> None:
    requested(driver, order_id, *PART)
    time_passes(driver, clock, 2 * HOUR)
    (payment,) = driver.payments(order_id)
    _, _, amount, done = WORDS[language]
    with driver.in_the_shop():
        _, told = messages(Channel.EMAIL)
        letter = email_about(told, SENDER, PUBLIC_URL, clock.now())
        calls = [webhook_body(each) for each in messages(Channel.WEBHOOK)]
    assert done in str(letter["Subject"])
    text, page = (part.get_content() for part in letter.iter_parts())
    assert amount in text
    assert len(BeautifulSoup(page, "html.parser").select("p:not(.support) a")) == 1
    assert [call["event"] for call in calls] == ["order_paid", "order_refunded"]
    assert calls[1]["id"] == f"order_refunded:{payment.reference}-1:webhook"
    assert (calls[1]["refund_id"], calls[1]["refunded_rials"]) == (1, 1_000_000)


@pytest.mark.long
@pytest.mark.parametrize("language", WORDS)
def test_who_paid_a_cancelled_order_is_told_when_it_goes_back_and_when_it_is_back(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, language: str
) -> None:
    sandbox.switch(v3_refund=True, v3_auto_verify=True)
    driver.set_channels(tuple(Channel))
    with driver.in_the_shop() as services:
        customer = replace(SHOPPER, email="maryam@example.com", language=language)
        order_id = unpaid_order(services, {1: 2}, customer, "key").id
    url = str(driver.begin(order_id).redirect_url)
    driver.cancel(order_id)
    clock.advance(10)
    driver.come_back(sandbox.callback(url))
    path, amount = f"/orders/{driver.token(order_id)}", NOT_KEPT[language]
    driver.worker_passes()
    assert amount.on_its_way in Shopper(app, language).open(path).text
    time_passes(driver, clock, 2 * HOUR)
    page = Shopper(app, language).open(path).text
    assert (amount.is_back in page, amount.on_its_way in page) == (True, False)
    with driver.in_the_shop():
        letters = [
            email_about(each, SENDER, PUBLIC_URL, clock.now()) for each in messages(Channel.EMAIL)
        ]
        calls = [webhook_body(each)["event"] for each in messages(Channel.WEBHOOK)]
    texts = [next(letter.iter_parts()).get_content() for letter in letters]
    assert [amount.returning in texts[0], amount.returned in texts[1]] == [True, True]
    assert calls == ["money_returned"]


@pytest.mark.long
def test_a_second_payment_that_goes_back_leaves_the_receipt_of_the_first(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    sandbox.switch(v3_refund=True, v3_auto_verify=True)
    order_id, card_url = driver.send_shopper()
    wallet_url = str(driver.begin(order_id, "wallet").redirect_url)
    driver.come_back(sandbox.callback(wallet_url))
    driver.come_back(sandbox.callback(card_url))
    time_passes(driver, clock, 2 * HOUR)
    page = Shopper(app, "en").open(f"/orders/{driver.token(order_id)}")
    assert page.heading == "Paid. Thank you!"
    assert NOT_KEPT["en"].is_back in page.text


def test_what_was_returned_by_hand_is_told_as_that(
    app: Flask, driver: ScenarioDriver, order_id: int
) -> None:
    assert command(driver, "refunds", "note", driver.number(order_id), *WHY, *PART)[0] == 0
    english = Shopper(app, "en").open(f"/orders/{driver.token(order_id)}/history").text
    assert "A person of the shop has returned 1,000,000 Rials by hand (refund no. 1)." in english
    assert "before the gateway was asked for it" not in english


@pytest.mark.long
def test_owners_see_refunds_that_want_a_person_with_the_page_that_helps(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, order_id: int
) -> None:
    sandbox.switch(v3_refund_verification=True)
    requested(driver, order_id, *PART)
    for page in (system_page(app, language) for language in WORDS):
        assert not page.soup.select('a[href="/admin/money/refunds/1"]')
    time_passes(driver, clock, 10 * MINUTE)
    for page in (system_page(app, language) for language in WORDS):
        assert page.soup.select('a[href="/admin/money/refunds/1"]')
    assert command(driver, "refunds", "confirm", "1", "--by", "Sara")[0] == 0
    sandbox.halt_refund(purchase(driver, order_id), "FAILED", reason="CARD_IS_EXPIRED")
    time_passes(driver, clock, HOUR)
    for page in (system_page(app, language) for language in WORDS):
        assert page.soup.select('a[href="/admin/money/refunds/1"]')
        assert "FAILED" in page.text
    code, output = command(driver, "refunds", "list", driver.number(order_id), "--json")
    assert (code, json.loads(output)["state"]) == (0, "failed")


def test_the_history_has_amounts_and_numbers_in_the_digits_of_its_language(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld, order_id: int
) -> None:
    sandbox.switch(v3_refund=True)
    requested(driver, order_id, *PART)
    told = {
        language: page.text
        for language, page in pages(app, f"/orders/{driver.token(order_id)}/history")
    }
    assert "A refund of 1,000,000 Rials was recorded (no. 1)" in told["en"]
    assert "به مبلغ ۱٬۰۰۰٬۰۰۰ ریال (شمارهٔ ۱)" in told["fa"]
