"""What happened is told by SMS: in the shopper's language, once, and within limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db
from storefront.core.limits import current_limits
from storefront.monitoring.status import shop_status
from storefront.notifications.outbox import Channel, OutboxMessage
from storefront.notifications.sms_limits import UNPAID_OF_A_CLIENT, UNPAID_OF_A_NUMBER
from testkit.clock import MovingClock
from testkit.letters import play_every_letter
from testkit.scenario import SHOPPER
from testkit.scenes import v2_only
from testkit.texting import PUBLIC_URL, Texting, parts_of, texting_shop
from tests.client.scripted import ScriptedServer, resets, says

BRIDGE = "POST /sms"
SECRET = "0123456789abcdef" * 2
FOREIGN = "09350000000"


@pytest.fixture
def driver(app: Flask, gateway: str, clock: MovingClock, sandbox: SandboxWorld) -> Texting:
    """A shop in test mode: what it sends arrives in the sandbox's inbox."""
    return texting_shop(app, clock.now, gateway, SMS_URL=sandbox.sms_url)


@pytest.fixture
def bridge() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    server.on(BRIDGE, says({}, 202))
    yield server
    server.stop()


@pytest.fixture
def bridged(app: Flask, clock: MovingClock, bridge: ScriptedServer) -> Texting:
    """A shop with a bridge of its own."""
    return texting_shop(app, clock.now, SMS_URL=f"{bridge.url}/sms", SMS_SECRET=(SECRET,))


def errors(driver: Texting) -> list[str | None]:
    with driver.in_the_shop():
        return list(db.session.scalars(select(OutboxMessage.last_error).order_by(OutboxMessage.id)))


@v2_only  # each kind of text once is enough, and the words of v2's ends are the usual ones
def test_every_text_is_short_leads_to_the_order_and_says_it_in_the_shoppers_language(
    app: Flask, clock: MovingClock, sandbox: SandboxWorld
) -> None:
    driver = texting_shop(app, clock.now, "ppg", SMS_URL=sandbox.sms_url)
    play_every_letter(driver, sandbox, clock)
    assert driver.sends() == {"delivered": 10}
    persian: list[str] = []
    english: list[str] = []
    for message in sandbox.text_messages():
        text = message["text"]
        assert message["to"] == SHOPPER.mobile
        assert parts_of(text) <= 3, text
        assert re.search(rf"\n{PUBLIC_URL}/orders/[\w%-]{{31,34}}(?<![_-])\Z", text)
        assert not re.search("مریم|Maryam|[\u2066-\u2069]", text)
        (persian if "سفارش" in text else english).append(text.rpartition("\n")[0])
    for texts, said in (
        (
            persian,
            ("پرداخت شد: ", "کد رهگیری: 12345678", "برگشت داده شد", "پرداخت نشد", "کامل نشد"),
        ),
        (
            english,
            (" is paid: ", "Parcel: 12345678", "was refunded", "is not paid", "not completed"),
        ),
    ):
        assert len(texts) == 5
        for words in said:
            assert sum(words in text for text in texts) == 1, (words, texts)


@pytest.mark.both_databases
def test_a_worker_that_died_after_the_provider_had_accepted_sends_the_same_message_again(
    driver: Texting, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    usual = driver.app.extensions["channels"]

    class Dying:
        def deliver(self, message: OutboxMessage) -> None:
            usual[Channel.SMS].deliver(message)
            raise SystemExit

    driver.pay_for(sandbox, driver.order_for())
    driver.app.extensions["channels"] = {Channel.SMS: Dying()}
    with suppress(SystemExit):
        driver.sends()
    driver.app.extensions["channels"] = usual
    assert driver.sends() == {}
    clock.advance(120)
    assert driver.sends() == {"delivered": 1}
    (message,) = sandbox.text_messages()
    assert message["times"] == 2


def test_a_number_that_is_none_ends_a_message_and_no_other(
    driver: Texting, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    wrong, unpaid, damaged, right = (driver.order_for(language="en") for _ in range(4))
    for order_id in (wrong, damaged, right):
        driver.pay_for(sandbox, order_id)
    driver.pay_for(sandbox, unpaid, "cancel")
    for order_id in (wrong, unpaid):
        driver.correct(order_id, mobile="0912")
    driver.correct(damaged, language="xx")
    assert driver.sends() == {"given_up": 1, "dropped": 1, "put_off": 1, "delivered": 1}
    refused = "SMS: refused (HTTP 422)"
    assert errors(driver) == [refused, "defect: UnknownLocaleError", None, refused]
    clock.advance(3600)
    assert driver.sends() == {"put_off": 1}
    assert len(sandbox.text_messages()) == 1


def test_who_does_not_answer_is_asked_again_with_the_same_message_signed_anew(
    bridged: Texting, bridge: ScriptedServer, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    bridge.on(BRIDGE, resets(), says({}, 503), says({}, 302), says({}, 401), says({}, 202))
    order_id = bridged.pay_for(sandbox, bridged.order_for())
    why = []
    while (outcome := bridged.sends()) == {"put_off": 1}:
        why += errors(bridged)
        clock.advance(3600)
    assert why == ["SMS: ConnectionError", "SMS: HTTP 503", "SMS: HTTP 302", "SMS: HTTP 401"]
    assert outcome == {"delivered": 1}
    calls = bridge.asked(BRIDGE)
    assert {call.body["to"] for call in calls} == {SHOPPER.mobile}
    reference = bridged.payments(order_id)[0].reference
    assert {call.body["id"] for call in calls} == {f"order_paid:{reference}:sms"}
    assert len({call.headers["X-Storefront-Signature"] for call in calls}) == 5


def test_an_order_is_told_once_that_it_is_not_paid_and_never_after_it_was(
    driver: Texting, sandbox: SandboxWorld
) -> None:
    never_at_the_bank = driver.order_for()
    for _ in range(2):
        driver.pay_for(sandbox, never_at_the_bank, "cancel")
        driver.sends()
    paid_after_all = driver.order_for()
    driver.pay_for(sandbox, paid_after_all, "cancel")
    driver.pay_for(sandbox, paid_after_all)
    assert driver.sends() == {"dropped": 1, "delivered": 1}
    texts = [each["text"] for each in sandbox.text_messages()]
    assert ["پرداخت شد" in text for text in texts] == [True, False]


def test_nobody_can_have_a_strangers_telephone_ring_all_day(
    driver: Texting, sandbox: SandboxWorld
) -> None:
    for _ in range(UNPAID_OF_A_NUMBER.amount + 1):
        driver.pay_for(sandbox, driver.order_for(FOREIGN), "cancel")
    assert driver.sends() == {"delivered": UNPAID_OF_A_NUMBER.amount, "dropped": 1}
    driver.pay_for(sandbox, driver.order_for(FOREIGN))
    assert driver.sends() == {"delivered": 1}


def test_one_client_cannot_have_many_telephones_ring(
    driver: Texting, sandbox: SandboxWorld
) -> None:
    with driver.in_the_shop():
        for _ in range(UNPAID_OF_A_CLIENT.amount):
            current_limits().count(UNPAID_OF_A_CLIENT, "a client")
    for client in ("a client", "another"):
        order_id = driver.order_for()
        driver.correct(order_id, client=client)
        driver.pay_for(sandbox, order_id, "cancel")
    assert driver.sends() == {"dropped": 1, "delivered": 1}


def test_the_days_messages_are_kept_for_those_who_paid(
    app: Flask, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    driver = texting_shop(app, clock.now, SMS_URL=sandbox.sms_url, SMS_PER_DAY=4)
    for number in range(3):
        driver.pay_for(sandbox, driver.order_for(f"0935000000{number}"), "cancel")
    assert driver.sends() == {"delivered": 1, "dropped": 2}
    for number in range(4):
        driver.pay_for(sandbox, driver.order_for(f"0936000000{number}"))
    assert driver.sends() == {"delivered": 3, "put_off": 1}
    assert errors(driver)[-1] == "SMS: limit reached (sms of the shop)"
    clock.advance(3600)
    driver.sends()
    with driver.in_the_shop() as services:
        alarms = shop_status(services).alarms
    assert "texts_over_cap" in alarms
    assert "oldest_notification" not in alarms, "the provider answers"
    clock.advance(24 * 3600)
    assert driver.sends() == {"delivered": 1}


def test_a_link_ends_with_what_every_telephone_takes_for_a_part_of_it(
    driver: Texting, sandbox: SandboxWorld
) -> None:
    for token in ("one-token-", "another_token_", "plain"):
        order_id = driver.order_for()
        driver.correct(order_id, token=token)
        driver.pay_for(sandbox, order_id)
    driver.sends()
    links = [each["text"].rpartition("/")[2] for each in sandbox.text_messages()]
    assert links == ["plain", "another_token%5F", "one-token%2D"]
    answer = driver.app.test_client().get(f"/orders/{links[-1]}")
    assert answer.status_code == 200


def test_an_erased_order_is_told_nothing(driver: Texting, sandbox: SandboxWorld) -> None:
    order_id = driver.pay_for(sandbox, driver.order_for())
    driver.correct(order_id, mobile="", erased_at=driver.services.clock())
    assert driver.sends() == {"dropped": 1}
    assert sandbox.text_messages() == []
