"""Text messages through Kavenegar: what is sent there, and what its answers mean."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db
from storefront.notifications.dispatcher import NotDelivered, Undeliverable
from storefront.notifications.http_calls import post
from storefront.notifications.kavenegar import Account as KavenegarAccount
from storefront.notifications.kavenegar import KavenegarProvider
from storefront.notifications.outbox import OutboxMessage
from storefront.notifications.sms import Sms
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.kavenegar import KEY, LINE, Account, running_kavenegar
from testkit.texting import texting_shop
from tests.client.scripted import ScriptedServer, drips, http, raw

SMS = Sms("order_paid:r1:sms", "09121234567", "سفارش ۱ پرداخت شد.\nhttps://shop.example/o?a=1&b=2")
REFUSED = (400, 406, 411, 413, 414, 417, 422)
TRIED_AGAIN = (401, 402, 403, 407, 409, 412, 416, 418, 420, 426, 427, 429, 451, 501)


@pytest.fixture
def account() -> Iterator[Account]:
    with running_kavenegar() as found:
        yield found


def provider(account: Account, shop: str = "https://shop.example") -> KavenegarProvider:
    return KavenegarProvider(KavenegarAccount.from_url(account.url), shop)


def test_a_message_goes_there_once_however_often_it_is_sent(account: Account) -> None:
    for _ in range(2):
        provider(account).send(SMS)
    ((local_id, said),) = account.sent.items()
    assert account.calls == 2
    assert said == {
        "receptor": SMS.to,
        "message": SMS.text,
        "sender": LINE,
        "localid": local_id,
    }
    assert 0 < int(local_id) < 2**53
    provider(account, "https://another.example").send(SMS)
    assert len(account.sent) == 2


def test_a_refusal_of_the_message_is_final_and_trouble_with_the_account_is_not(
    account: Account,
) -> None:
    for code in (*REFUSED, *TRIED_AGAIN):
        account.code = code
        with naming(code), pytest.raises(NotDelivered, match=f"^SMS: Kavenegar {code}$") as raised:
            provider(account).send(SMS)
        assert isinstance(raised.value, Undeliverable) is (code in REFUSED), code


def test_what_is_no_answer_of_kavenegars_is_tried_again(account: Account) -> None:
    for answer in (b"<html>", b"", b"[]", b'{"return": {"status": "200"}}', b'{"return":null}'):
        account.raw = answer
        with (
            naming(answer),
            pytest.raises(NotDelivered, match="HTTP 502, not Kavenegar's") as raised,
        ):
            provider(account).send(SMS)
        assert not isinstance(raised.value, Undeliverable)


def test_the_key_is_in_no_log_error_row_or_page(
    app: Flask,
    sandbox: SandboxWorld,
    clock: MovingClock,
    account: Account,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    driver = texting_shop(app, clock.now, SMS_URL=account.url)
    driver.pay_for(sandbox, driver.order_for())
    account.code = 403
    assert driver.sends() == {"put_off": 1}
    nobody = KavenegarAccount("http://127.0.0.1:9", KEY, None)
    with pytest.raises(NotDelivered) as raised:
        KavenegarProvider(nobody, "shop").send(SMS)
    with app.app_context():
        said = db.session.scalars(select(OutboxMessage.last_error)).one()
    assert said == "SMS: Kavenegar 403"
    assert "ConnectionError" in str(raised.value)
    assert raised.value.__suppress_context__
    for text in (caplog.text, str(raised.value), said, repr(app.extensions["channels"])):
        assert KEY not in text


def test_an_answer_that_never_ends_is_given_up_and_a_long_one_is_cut() -> None:
    server = ScriptedServer()
    server.on("POST /slow", drips(http(200, b"x" * 500)))
    server.on("POST /long", raw(http(200, b"x" * 50_000)))
    try:
        with pytest.raises(requests.RequestException):
            post(f"{server.url}/slow", b"", {}, (1.0, 0.2), most_bytes=1000)
        assert post(f"{server.url}/long", b"", {}, most_bytes=1000) == (200, b"x" * 1000)
    finally:
        server.stop()
