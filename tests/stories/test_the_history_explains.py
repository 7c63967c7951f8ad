"""The history, read from top to bottom, tells a person what happened, who did it, and why."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from payment_engine.events import Actor, Event
from storefront.orders.history import HistoryEntry
from storefront.orders.timeline import SENTENCES, in_words
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.scenes import CALLBACKS, CREATES, card_only
from testkit.shopper import Shopper


def told(app: Flask, driver: ScenarioDriver, order_id: int, language: str = "en") -> str:
    arguments = ["orders", "history", driver.number(order_id), "--language", language]
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_lost_callback_is_told_with_who_found_it_and_why_it_counts(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.pay_and_vanish(switching_url)
    clock.advance(61)
    driver.worker_passes()
    lines = told(app, driver, order_id).splitlines()
    assert [line[21:30].strip() for line in lines] == ["Shopper"] * 3 + ["Worker"] * 2
    assert "its items are reserved" in lines[0]
    assert sandbox.orders()[0]["identifier"] in lines[2]
    assert "no other payment of this order is taken" in lines[3]
    assert "the gateway answered “successful”" in lines[4]
    assert "So the payment is confirmed" in lines[4]
    minute_later = driver.history_entries(order_id)[0].at + timedelta(seconds=61)
    assert lines[4].startswith(f"{minute_later:%Y-%m-%d %H:%M:%S}")


@card_only  # the wallet's errors have no fingerprint
def test_a_refusal_is_told_with_its_code_and_its_fingerprint(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id = driver.place()
    sandbox.behave("error_500", operation="create", times=CREATES[driver.gateway])
    with pytest.raises(Exception, match="create"):
        driver.begin(order_id)
    seen = sandbox.requests_seen(operation="create")[-1]
    last = told(app, driver, order_id).splitlines()[-1]
    assert "The gateway did not open the payment" in last
    assert seen["fingerprint"] in last


def test_an_id_with_as_many_digits_as_a_card_is_told_as_it_is(
    app: Flask, clock: MovingClock
) -> None:
    entry = HistoryEntry(
        at=clock.now(),
        actor=Actor.PAYER,
        event=Event.OPENED,
        details={"order_identifier": "123456789012345678"},
    )
    with app.test_request_context():
        (sentence,) = in_words(entry).sentences
    assert "123456789012345678" in sentence


def test_a_forged_callback_is_told_apart_from_a_real_one(
    app: Flask, driver: ScenarioDriver, sandbox: SandboxWorld
) -> None:
    order_id, switching_url = driver.send_shopper()
    url = sandbox.decline(switching_url).partition("?")[0]
    driver.come_back(f"{url}?{CALLBACKS[driver.gateway].identifier}=forged00")
    assert "came back without the gateway's number of this payment" in told(app, driver, order_id)
    assert "None" not in told(app, driver, order_id, "fa")


def test_a_persons_reason_stands_in_the_command_and_not_on_the_page(
    app: Flask, driver: ScenarioDriver, shopper: Shopper, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    order_id, switching_url = driver.send_shopper()
    sandbox.behave("reset", operation="inquiry", times=None)
    driver.come_back(sandbox.callback(switching_url, "decline"))
    clock.advance(25 * 60 * 60)
    driver.worker_passes()
    (payment,) = driver.payments(order_id)
    arguments = ["payments", "resolve", payment.reference, "--as", "failed"]
    app.test_cli_runner().invoke(args=[*arguments, "--reason", "the panel says so"])
    assert "decided: failed. the panel says so" in told(app, driver, order_id)
    page = shopper.open(f"/orders/{driver.token(order_id)}/history")
    assert "decided: failed." in page.text
    assert "the panel says so" not in page.text


def test_the_page_is_found_from_the_order_and_speaks_both_languages(
    app: Flask, shopper: Shopper, sandbox: SandboxWorld, gateway: str
) -> None:
    page = shopper.open(sandbox.callback(shopper.goes_to_pay(gateway=gateway)))
    (link,) = page.soup.find_all("a", string="Order history")
    english = shopper.open(str(link["href"]))
    assert "So the payment is confirmed" in english.text
    persian = Shopper(app, "fa").open(str(link["href"]))
    assert "پس پرداخت تأیید شد" in persian.text
    for page in (persian, english):
        assert len(page.soup.select("ol > li.side-shop")) == 6
        assert len(page.soup.select("ol > li.side-gateway")) == 3
    assert english.headers["Cache-Control"] == "no-store"


def test_every_event_that_the_shop_can_write_has_its_sentence() -> None:
    written = set()
    for file in Path("storefront").rglob("*.py"):
        written |= set(re.findall(r"write\((?:order, |\s*)\"([a-z_]+)\"", file.read_text()))
    assert len(written) == 10
    written |= set(Event)
    assert len(written) > 20
    assert written <= set(SENTENCES)
