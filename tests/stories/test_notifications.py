"""What happened is told to the shopper and to the merchant: once at least, with a stable key."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.exc import OperationalError

from jibit_sandbox.testing import SandboxWorld
from payment_engine.states import PaymentState
from storefront.core.database import db, transaction
from storefront.notifications import outbox
from storefront.notifications.channels import channels
from storefront.notifications.outbox import Channel
from storefront.orders.models import Order
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.mail_server import MailServer, running_mail_server
from testkit.scenario import SHOPPER, ScenarioDriver, unpaid_order
from testkit.scenes import card_only
from testkit.shopper import Shopper
from tests.client.scripted import ScriptedServer, says

HOOK = "POST /hook"
SECRET = "a secret shared with the merchant's systems"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


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
        SMTP_URL=f"smtp://127.0.0.1:{mail.port}",
        WEBHOOK_URL=f"{merchant.url}/hook",
        WEBHOOK_SECRET=(SECRET,),
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
    driver.come_back(sandbox.callback(str(driver.begin(order_id).redirect_url)))
    return order_id


def deliver(driver: ScenarioDriver) -> dict[str, int]:
    """What the worker's two jobs count together."""
    counts = Counter(jobs.run_job(driver.app, "send_emails"))
    counts.update(jobs.run_job(driver.app, "send_webhooks"))
    return dict(counts)


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
        link, _invoice = soup.select("p:not(.support) a")
        assert "/orders/" in str(link["href"])
        assert str(link["href"]) in text


EVIL = "Maryam\n\nWin a prize: https://evil.example/ \u202e"
EVIL_SHOWN = "Maryam  Win a prize: https://evil.example/ \ufffd"


def name_shopper(driver: ScenarioDriver, order_id: int, name: str) -> None:
    """Store a name as an earlier version of the form let it through."""
    with driver.in_the_shop(), transaction():
        db.session.get_one(Order, order_id).full_name = name


def test_a_letter_links_to_nothing_but_the_orders_page_and_its_invoice(
    driver: ScenarioDriver, sandbox: SandboxWorld, mail: MailServer
) -> None:
    name_shopper(driver, buy(driver, sandbox), EVIL)
    deliver(driver)
    (letter,) = mail.letters
    text, page = (part.get_content() for part in letter.iter_parts())
    assert text.splitlines()[0] == f"Hello \u2068{EVIL_SHOWN}\u2069,"
    links = [str(link["href"]) for link in BeautifulSoup(page, "html.parser").select("a")]
    links, support = links[:-2], links[-2:]
    assert support == ["tel:+982100000000", "mailto:support@shop.example"], "the shop's own"
    assert [link for link in links if link not in text] == []
    seen = [Shopper(driver.app, "en").open(link).text for link in links]
    assert [SHOPPER.address in each for each in seen] == [False, True]
    assert ["Order number" in seen[0], "Invoice" in seen[1]] == [True, True]


def test_before_a_payment_no_word_of_the_shopper_is_in_a_letter(
    driver: ScenarioDriver, sandbox: SandboxWorld, mail: MailServer, clock: MovingClock
) -> None:
    for language in ("fa", "en"):
        declined = place(driver, language)
        name_shopper(driver, declined, EVIL)
        driver.come_back(sandbox.callback(str(driver.begin(declined).redirect_url), "cancel"))
        late = place(driver, language, "late@example.com")
        name_shopper(driver, late, EVIL)
        sandbox.behave("inquiry_other_amount", times=None)
        driver.come_back(sandbox.callback(str(driver.begin(late).redirect_url)))
        sandbox.forget_behaviours()
    sandbox.clock.advance(901)
    clock.advance(61)
    driver.worker_passes()
    deliver(driver)
    assert len(mail.letters) == 4
    for letter in mail.letters:
        whole = " ".join(str(part.get_content()) for part in letter.iter_parts())
        for word in ("Maryam", "evil", SHOPPER.address, SHOPPER.mobile, "\u202e"):
            assert word not in whole


def test_an_order_that_fails_often_is_one_letter_and_a_call_for_each_payment(
    driver: ScenarioDriver, sandbox: SandboxWorld, mail: MailServer, merchant: ScriptedServer
) -> None:
    order_id = place(driver)
    for _ in range(3):
        driver.come_back(sandbox.callback(str(driver.begin(order_id).redirect_url), "cancel"))
        deliver(driver)
    assert len(mail.letters) == 1
    events = [call.body["event"] for call in merchant.asked(HOOK)]
    assert events == ["payment_failed"] * 3


@card_only  # the wallet has no word for "failed"
def test_two_payments_of_an_order_that_fail_at_once_are_one_letter(
    driver: ScenarioDriver, sandbox: SandboxWorld, mail: MailServer
) -> None:
    order_id = place(driver)
    urls = [
        str(driver.begin(order_id, gateway).redirect_url) for gateway in (driver.gateway, "wallet")
    ]
    callbacks = [sandbox.callback(url, "cancel") for url in urls]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(driver.come_back, callbacks))
    assert driver.states(order_id) == [PaymentState.FAILED] * 2
    deliver(driver)
    assert len(mail.letters) == 1


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
    driver.come_back(sandbox.callback(str(driver.begin(declined).redirect_url), "cancel"))
    late = place(driver, language="fa")
    sandbox.behave("inquiry_other_amount", times=None)
    driver.come_back(sandbox.callback(str(driver.begin(late).redirect_url)))
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
    for _ in range(38):
        outcomes.append(deliver(driver))
        clock.advance(2 * 3600)
    assert outcomes[:36] == [{"put_off": 1}] * 36
    assert outcomes[36:] == [{"given_up": 1}, {}]
    cli = driver.app.test_cli_runner()
    listed = cli.invoke(args=["outbox", "dead"]).output
    key = listed.split("\t")[0]
    assert "37 tries\twebhook: HTTP 500" in listed
    assert cli.invoke(args=["outbox", "retry", key]).exit_code == 0
    assert deliver(driver) == {"put_off": 1}
    merchant.on(HOOK, says({}))
    clock.advance(3600)
    assert deliver(driver) == {"delivered": 1}
    assert cli.invoke(args=["outbox", "retry", key]).exit_code == 1


def test_all_dead_letters_are_tried_again_or_those_of_a_channel(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    driver.app.extensions["channels"] = {}
    for language in ("fa", "en"):
        buy(driver, sandbox, language=language)
    clock.advance(72 * 3600)
    assert deliver(driver) == {"given_up": 4}
    cli = driver.app.test_cli_runner()
    for wrong in ([], ["--all", "some-key"], ["--all", ""], ["a-key", "--channel", "email"]):
        assert cli.invoke(args=["outbox", "retry", *wrong]).exit_code == 2
    assert "2 will be" in cli.invoke(args=["outbox", "retry", "--all", "--channel", "email"]).output
    assert deliver(driver) == {"put_off": 2}
    assert "2 will be" in cli.invoke(args=["outbox", "retry", "--all"]).output


class Poisoned:
    """A sender whose delivery of one message is a defect of a class that nobody expects."""

    def __init__(self, key: str) -> None:
        self.key, self.delivered = key, Counter[str]()

    def deliver(self, message: outbox.OutboxMessage) -> None:
        if message.key == self.key:
            raise ArithmeticError("a secret of the message")
        self.delivered[message.key] += 1


@pytest.mark.one_case_in(3)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_message_that_raises_is_a_dead_letter_and_every_other_one_is_delivered_once(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock, position: int
) -> None:
    order_ids = [buy(driver, sandbox, email=f"{number}@example.com") for number in range(3)]
    keys = [f"order_paid:{driver.payments(each)[0].reference}:email" for each in order_ids]
    sender = Poisoned(keys.pop(position))
    driver.app.extensions["channels"] = {Channel.EMAIL: sender}
    with ThreadPoolExecutor(2) as pool:
        works = [pool.submit(jobs.run_job, driver.app, "send_emails") for _ in range(2)]
        told = sum((Counter(work.result()) for work in works), Counter[str]())
    assert told == {"delivered": 2, "put_off": 1}
    clock.advance(72 * 3600)
    assert jobs.run_job(driver.app, "send_emails") == {"given_up": 1}
    assert sender.delivered == dict.fromkeys(keys, 1)
    listed = driver.app.test_cli_runner().invoke(args=["outbox", "dead"]).output
    assert listed == f"{sender.key}\t2 tries\tdefect: ArithmeticError\n"


def test_an_address_that_no_letter_can_bear_stops_nothing(
    driver: ScenarioDriver, sandbox: SandboxWorld, mail: MailServer, merchant: ScriptedServer
) -> None:
    buy(driver, sandbox, email="=?utf-8?q??=@example.com")
    buy(driver, sandbox)
    assert deliver(driver) == {"delivered": 3, "given_up": 1}
    assert [letter["To"] for letter in mail.letters] == ["maryam@example.com"]
    assert len(merchant.asked(HOOK)) == 2


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


@pytest.mark.both_databases
def test_two_workers_tell_each_thing_once(
    driver: ScenarioDriver, sandbox: SandboxWorld, merchant: ScriptedServer
) -> None:
    for number in range(4):
        buy(driver, sandbox, email=f"{number}@example.com")
    with ThreadPoolExecutor(2) as pool:
        works = [pool.submit(jobs.run_job, driver.app, "send_webhooks") for _ in range(2)]
        assert sum(work.result().get("delivered", 0) for work in works) == 4
    assert len(merchant.asked(HOOK)) == 4


def test_a_worker_that_died_while_it_delivered_is_followed_by_another_after_two_minutes(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    class Dying:
        def deliver(self, _message: outbox.OutboxMessage) -> None:
            raise SystemExit

    buy(driver, sandbox, email=None)
    usual = driver.app.extensions["channels"]
    driver.app.extensions["channels"] = {Channel.WEBHOOK: Dying()}
    with pytest.raises(SystemExit):
        deliver(driver)
    driver.app.extensions["channels"] = usual
    assert deliver(driver) == {}
    clock.advance(120)
    assert deliver(driver) == {"delivered": 1}


def test_a_database_that_goes_away_meanwhile_costs_a_line_and_the_message_is_tried_again(
    driver: ScenarioDriver,
    sandbox: SandboxWorld,
    clock: MovingClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Interrupted:
        def deliver(self, _message: outbox.OutboxMessage) -> None:
            raise OperationalError("UPDATE outbox", None, Exception("no connection"))

    buy(driver, sandbox, email=None)
    usual = driver.app.extensions["channels"]
    driver.app.extensions["channels"] = {Channel.WEBHOOK: Interrupted()}
    assert deliver(driver) == {"put_off": 1}
    (line,) = [each for each in caplog.records if "failed" in each.getMessage()]
    assert line.getMessage().endswith(
        "failed: OperationalError: (builtins.Exception) no connection"
    )
    assert not line.exc_info
    driver.app.extensions["channels"] = usual
    clock.advance(10)  # the pause after one failure, at most
    assert deliver(driver) == {"delivered": 1}


def test_without_a_mail_server_the_console_names_the_email_and_hides_the_address(
    app: Flask, gateway: str, sandbox: SandboxWorld, caplog: pytest.LogCaptureFixture
) -> None:
    driver = ScenarioDriver(app, gateway)
    buy(driver, sandbox)
    assert deliver(driver) == {"delivered": 1}
    assert "m…@example.com" in caplog.text
    assert "is paid" in caplog.text
    assert "maryam@" not in caplog.text
