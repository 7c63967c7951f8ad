"""How a letter is addressed, and what mail servers and programs read of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from storefront.notifications.channels import channels
from storefront.notifications.outbox import Channel
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.mail_server import MailServer, running_mail_server
from testkit.scenario import SHOPPER, ScenarioDriver, unpaid_order
from testkit.scenes import card_only

pytestmark = card_only  # how it was paid makes no difference to the address


@pytest.fixture
def driver(app: Flask, gateway: str) -> ScenarioDriver:
    driver = ScenarioDriver(app, gateway)
    driver.set_channels((Channel.EMAIL,))
    return driver


@pytest.fixture
def mail(app: Flask, clock: MovingClock) -> Iterator[MailServer]:
    """A mail server that this shop sends to."""
    with running_mail_server() as server:
        app.config.update(
            SMTP_URL=f"smtp://127.0.0.1:{server.port}", MAIL_FROM="Shop <shop@shop.example>"
        )
        app.extensions["channels"] = channels(app, clock.now)
        yield server


def buy(driver: ScenarioDriver, sandbox: SandboxWorld, email: str) -> str:
    """Buy something; gives the payment's reference."""
    with driver.in_the_shop() as services:
        shopper = replace(SHOPPER, email=email, language="fa")
        order_id = unpaid_order(services, {1: 1}, shopper, email).id
    driver.come_back(sandbox.callback(str(driver.begin(order_id).redirect_url)))
    return driver.payments(order_id)[0].reference


def test_a_letter_bears_what_mail_programs_go_by(
    driver: ScenarioDriver, sandbox: SandboxWorld, mail: MailServer, clock: MovingClock
) -> None:
    reference = buy(driver, sandbox, "maryam@example.com")
    clock.advance(3600)
    assert jobs.run_job(driver.app, "send_emails") == {"delivered": 1}
    (letter,) = mail.letters
    assert letter["Date"].datetime == clock.now(), "when it is sent, not when it was thought of"
    assert letter["Message-ID"] == f"<order_paid.{reference}.email@shop.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Language"] == "fa"
    assert letter["List-Unsubscribe"] is None, "there is no list: it is about one purchase"
    assert letter["MIME-Version"] == "1.0"
    assert letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    for part in letter.iter_parts():
        assert part.get_content_charset() == "utf-8"
        assert part["Content-Transfer-Encoding"] in ("base64", "quoted-printable")
    assert letter.as_bytes().isascii()
    assert all(not part.defects for part in letter.walk())


def test_a_domain_in_persian_is_written_to_by_its_ascii_name(
    driver: ScenarioDriver, sandbox: SandboxWorld, mail: MailServer
) -> None:
    buy(driver, sandbox, "ali@مثال.ایران")
    assert jobs.run_job(driver.app, "send_emails") == {"delivered": 1}
    assert mail.receivers == ["ali@xn--mgbh0fb.xn--mgba3a4f16a"]
    assert mail.letters[0]["To"] == "ali@xn--mgbh0fb.xn--mgba3a4f16a"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("علی@example.com", "SMTP: the server takes no address beyond ASCII (no SMTPUTF8)"),
        ("ali@a..b", "no letter can be addressed to this e-mail address"),
        ("ali@مثال..ایران", "no letter can be addressed to this e-mail address"),
    ],
)
def test_an_address_that_cannot_be_written_to_is_a_dead_letter_at_once(
    driver: ScenarioDriver, sandbox: SandboxWorld, mail: MailServer, address: str, why: str
) -> None:
    buy(driver, sandbox, address)
    assert jobs.run_job(driver.app, "send_emails") == {"given_up": 1}
    assert mail.letters == []
    listed = driver.app.test_cli_runner().invoke(args=["outbox", "dead"]).output
    assert listed.endswith(f"\t1 tries\t{why}\n")


def test_a_server_that_knows_all_alphabets_takes_an_address_in_any(
    driver: ScenarioDriver, sandbox: SandboxWorld, mail: MailServer
) -> None:
    mail.abilities.append("SMTPUTF8")
    buy(driver, sandbox, "علی@مثال.ایران")
    assert jobs.run_job(driver.app, "send_emails") == {"delivered": 1}
    assert mail.receivers == ["علی@xn--mgbh0fb.xn--mgba3a4f16a"]
