"""What happened is told to the shopper and to the merchant: once at least, with a stable key."""

from __future__ import annotations

import hashlib
import hmac
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from storefront.notifications import dispatcher, outbox
from storefront.notifications.channels import channels
from storefront.notifications.outbox import Channel
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.scenario import SHOPPER, ScenarioDriver, unpaid_order
from tests.client.scripted import ScriptedServer, says

HOOK = "POST /hook"
SECRET = "a secret shared with the merchant's systems"


class MailServer(socketserver.ThreadingTCPServer):
    """The least of SMTP that a letter needs; what came in is in ``letters``."""

    daemon_threads = True

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        super().__init__(("127.0.0.1", 0), MailSession)


class MailSession(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        for line in self.rfile:
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                self.server.letters.append(self._letter())
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")

    def _letter(self) -> EmailMessage:
        lines = iter(self.rfile.readline, b".\r\n")
        return message_from_bytes(b"".join(lines), policy=policy.default)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, args=[0.05]).start()
        yield server
        server.shutdown()


@pytest.fixture
def merchant() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    server.on(HOOK, says({}))
    yield server
    server.stop()


@pytest.fixture
def driver(
    app: Flask, gateway: str, clock: MovingClock, mail: MailServer, merchant: ScriptedServer
) -> ScenarioDriver:
    """A shop whose shopper left an address and whose merchant wants to be told."""
    app.config.update(
        SMTP_URL=f"smtp://127.0.0.1:{mail.server_address[1]}",
        WEBHOOK_URL=f"{merchant.url}/hook",
        WEBHOOK_SECRET=SECRET,
    )
    app.extensions["channels"] = channels(app, clock.now)
    driver = ScenarioDriver(app, gateway)
    driver.set_channels(tuple(Channel))
    return driver


def place(
    driver: ScenarioDriver, language: str = "en", email: str | None = "maryam@example.com"
) -> int:
    with driver.in_the_shop() as services:
        shopper = replace(SHOPPER, email=email, language=language)
        return unpaid_order(services, {1: 2}, shopper, f"key-{language}-{email}").id


def buy(
    driver: ScenarioDriver,
    sandbox: SandboxWorld,
    language: str = "en",
    email: str | None = "maryam@example.com",
) -> int:
    order_id = place(driver, language, email)
    driver.come_back(sandbox.pay(str(driver.begin(order_id).redirect_url)))
    return order_id


def deliver(driver: ScenarioDriver) -> dict[str, int]:
    return jobs.run_job(driver.app, "send_notifications")


def test_who_paid_gets_an_email_in_their_language(
    driver: ScenarioDriver, sandbox: SandboxWorld, mail: MailServer
) -> None:
    for language in ("fa", "en"):
        buy(driver, sandbox, language=language)
    assert deliver(driver) == {"delivered": 4}
    persian, english = mail.letters
    assert persian["To"] == english["To"] == "maryam@example.com"
    assert "پرداخت شد" in persian["Subject"]
    assert "is paid" in english["Subject"]
    for letter, unit, direction in ((persian, "تومان", "rtl"), (english, "Toman", "ltr")):
        text, page = (part.get_content() for part in letter.iter_parts())
        soup = BeautifulSoup(page, "html.parser")
        assert unit in text
        assert unit in soup.text
        assert soup.select_one(f"html[dir={direction}] h1")
        (link,) = soup.select("a")
        assert "/orders/" in str(link["href"])
        assert str(link["href"]) in text


def test_the_merchant_is_told_by_a_signed_call(
    driver: ScenarioDriver, sandbox: SandboxWorld, merchant: ScriptedServer, clock: MovingClock
) -> None:
    order_id = buy(driver, sandbox)
    deliver(driver)
    (call,) = merchant.asked(HOOK)
    (payment,) = driver.payments(order_id)
    assert call.body == {
        "id": f"order_paid:{payment.reference}:webhook",
        "event": "order_paid",
        "kind": "order_paid",
        "at": clock.now().isoformat(),
        "order_number": driver.number(order_id),
        "reference_number": payment.reference,
        "gateway_payment_id": payment.gateway_payment_id,
        "order_identifier": payment.gateway_payment_id,
        "gateway": driver.gateway,
        "payment_state": "paid",
        "amount_rials": payment.amount_rials,
    }
    moment, _, signature = call.headers["X-Storefront-Signature"].partition(",v1=")
    signed = f"{int(clock.now().timestamp())}.".encode() + call.raw_body
    assert moment == f"t={int(clock.now().timestamp())}"
    assert signature == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()


def test_a_cancelled_payment_and_returned_money_are_notified_too(
    driver: ScenarioDriver, sandbox: SandboxWorld, merchant: ScriptedServer, clock: MovingClock
) -> None:
    declined = place(driver, language="en")
    driver.come_back(sandbox.cancel(str(driver.begin(declined).redirect_url)))
    late = place(driver, language="fa")
    sandbox.behave("inquiry_other_amount", times=None)
    driver.come_back(sandbox.pay(str(driver.begin(late).redirect_url)))
    sandbox.forget_behaviours()
    sandbox.clock.advance(901)
    clock.advance(61)
    sandbox.clock.advance(-61)
    driver.worker_passes()
    deliver(driver)
    events = sorted(call.body["event"] for call in merchant.asked(HOOK))
    assert events == ["money_returned", "payment_failed"]
    old_kinds = sorted(call.body["kind"] for call in merchant.asked(HOOK))
    assert old_kinds == ["money_going_home", "payment_failed"]


def test_nothing_is_told_twice_and_nobody_without_an_address_is_written_to(
    driver: ScenarioDriver, sandbox: SandboxWorld, mail: MailServer, merchant: ScriptedServer
) -> None:
    buy(driver, sandbox, email=None)
    assert deliver(driver) == {"delivered": 1}
    assert deliver(driver) == {}
    assert mail.letters == []
    assert len(merchant.asked(HOOK)) == 1


def test_a_merchant_who_does_not_answer_is_told_again_with_the_same_key(
    driver: ScenarioDriver, sandbox: SandboxWorld, merchant: ScriptedServer, clock: MovingClock
) -> None:
    merchant.on(HOOK, says({}, 503), says({}, 302), says({}))
    buy(driver, sandbox, email=None)
    assert deliver(driver) == {"put_off": 1}
    for _ in range(2):
        clock.advance(3600)
        outcome = deliver(driver)
    assert outcome == {"delivered": 1}
    assert len({call.body["id"] for call in merchant.asked(HOOK)}) == 1
    assert len(merchant.asked(HOOK)) == 3


def test_an_email_that_cannot_be_delivered_is_given_up_where_it_can_be_seen(
    driver: ScenarioDriver, sandbox: SandboxWorld, merchant: ScriptedServer, clock: MovingClock
) -> None:
    merchant.on(HOOK, says({}, 500))
    buy(driver, sandbox, email=None)
    outcomes = []
    for _ in range(dispatcher.MOST_TRIES + 1):
        outcomes.append(deliver(driver))
        clock.advance(3600)
    assert outcomes[-2:] == [{"given_up": 1}, {}]
    cli = driver.app.test_cli_runner()
    listed = cli.invoke(args=["outbox", "dead"]).output
    key = listed.split("\t")[0]
    assert "12 tries\twebhook: HTTP 500" in listed
    merchant.on(HOOK, says({}))
    assert cli.invoke(args=["outbox", "retry", key]).exit_code == 0
    assert deliver(driver) == {"delivered": 1}
    assert cli.invoke(args=["outbox", "retry", key]).exit_code == 1


def test_what_was_to_be_told_before_the_clock_was_set_back_is_told_at_once(
    driver: ScenarioDriver, sandbox: SandboxWorld, merchant: ScriptedServer, clock: MovingClock
) -> None:
    buy(driver, sandbox, email=None)
    clock.set_by(-3600)
    assert deliver(driver) == {"delivered": 1}
    assert deliver(driver) == {}
    assert len(merchant.asked(HOOK)) == 1


def test_what_was_put_off_before_the_clock_was_set_back_by_a_day_is_tried_again(
    driver: ScenarioDriver, sandbox: SandboxWorld, merchant: ScriptedServer, clock: MovingClock
) -> None:
    buy(driver, sandbox, email=None)
    merchant.on(HOOK, says({}, 500))
    assert deliver(driver) == {"put_off": 1}
    merchant.on(HOOK, says({}))
    assert deliver(driver) == {}
    clock.set_by(-24 * 3600)
    assert deliver(driver) == {"delivered": 1}


def test_two_workers_tell_it_once(
    driver: ScenarioDriver, sandbox: SandboxWorld, merchant: ScriptedServer, clock: MovingClock
) -> None:
    buy(driver, sandbox, email=None)
    with driver.in_the_shop():
        (seen_by_both,) = outbox.due(clock.now(), 10)
    deliver(driver)
    with driver.in_the_shop():
        assert not outbox.take(seen_by_both, clock.now())
    assert len(merchant.asked(HOOK)) == 1


def test_without_a_mail_server_the_console_names_the_email_and_hides_the_address(
    app: Flask, gateway: str, sandbox: SandboxWorld, caplog: pytest.LogCaptureFixture
) -> None:
    driver = ScenarioDriver(app, gateway)
    buy(driver, sandbox)
    assert deliver(driver) == {"delivered": 1}
    assert "m…@example.com" in caplog.text
    assert "is paid" in caplog.text
    assert "maryam@" not in caplog.text


def test_pauses_grow_to_an_hour_and_are_spread() -> None:
    pauses = [dispatcher.pause_after(tries).total_seconds() for tries in [1] * 50 + [11] * 50]
    assert all(0 <= pause <= 10 for pause in pauses[:50])
    assert all(0 <= pause <= 3600 for pause in pauses[50:])
    assert len(set(pauses)) == 100
