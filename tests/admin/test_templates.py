"""The merchant's own texts of letters: tried, kept, sent, refused in words, and taken back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db, transaction
from storefront.notifications import letter_samples, letter_texts
from storefront.notifications.channels import channels
from storefront.notifications.letter_language import WrongTemplate
from storefront.notifications.letter_texts import LetterText
from storefront.notifications.outbox import Channel, Kind
from storefront.worker import jobs
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.letters import parts
from testkit.mail_server import MailServer, running_mail_server
from testkit.scenario import SHOPPER, ScenarioDriver, unpaid_order
from testkit.staff import Person, owner

PAID = "/admin/messages/letters/order_paid/en"
OWN = "Thanks for {{ number(order.number) }}\nDear {{ name(order.full_name) }}, we pack it now."
LANGUAGES = ("fa", "en")


@pytest.fixture
def boss(app: Flask) -> Person:
    return owner(app)


@pytest.fixture
def mail(app: Flask, clock: MovingClock) -> Iterator[MailServer]:
    """The shop's mail server."""
    with running_mail_server() as server:
        app.config["SMTP_URL"] = f"smtp://127.0.0.1:{server.port}"
        app.extensions["channels"] = channels(app, clock.now)
        yield server


def buy(app: Flask, sandbox: SandboxWorld) -> None:
    """Somebody who reads English pays for an order."""
    driver = ScenarioDriver(app)
    driver.set_channels((Channel.EMAIL,))
    shopper = replace(SHOPPER, email="maryam@example.com", language="en")
    with driver.in_the_shop() as services:
        order_id = unpaid_order(services, {1: 2}, shopper, "key").id
    driver.come_back(sandbox.pay(str(driver.begin(order_id).redirect_url)))


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bundled_text_of_each_letter_fits_every_order(
    app: Flask, clock: MovingClock, kind: Kind, language: str
) -> None:
    with app.app_context():
        text = letter_texts.bundled(kind, language)
        letter = letter_samples.check(kind, language, text, clock.now(), "https://shop.example")
    assert "1405010001" in letter.subject or "۱۴۰۵۰۱۰۰۰۱" in letter.subject


@pytest.mark.long
def test_each_letter_has_a_page_with_its_bundled_text_and_an_example(boss: Person) -> None:
    listed = boss.open("/admin/messages/letters").soup.select("tbody a")
    assert len(listed) == len(Kind) * len(LANGUAGES)
    for link in listed:
        page = boss.open(str(link["href"]))
        assert "This is the text that came with the shop." in page.text
        assert page.soup.select_one(".letter-text")


def test_the_page_of_a_letter_is_in_the_language_of_who_reads_it(boss: Person) -> None:
    page = boss.open("/admin/messages/letters/order_paid/fa")
    assert page.heading == "The order is paid (Persian)"
    assert "پرداخت شد" in page.fields("Preview")["text"]


def test_a_text_of_ones_own_is_kept_sent_and_taken_back(
    app: Flask, boss: Person, mail: MailServer, sandbox: SandboxWorld
) -> None:
    boss.open(PAID)
    page = boss.press("Save the text", text=OWN)
    assert "The text is kept" in page.text
    buy(app, sandbox)
    jobs.run_job(app, "send_emails")
    (letter,) = mail.letters
    assert str(letter["Subject"]).startswith("Thanks for ")
    assert "we pack it now." in parts(letter)[0]
    assert "your own" in boss.open("/admin/messages/letters").text
    boss.open(PAID)
    page = boss.confirm("Back to the text that came with the shop")
    assert "is paid" in page.text
    log = boss.open("/admin/system").text
    assert f"{boss.name} : changed what an e-mail says" in log
    assert f"{boss.name} : took back the own text of an e-mail" in log


def test_a_preview_keeps_nothing_and_loses_nothing(boss: Person) -> None:
    boss.open(PAID)
    page = boss.press("Preview", text=OWN)
    shown = page.soup.select_one(".letter-text")
    assert shown
    assert "Maryam Hosseini" in shown.text
    assert page.fields("Preview")["text"] == OWN
    assert "is paid" in boss.open(PAID).text


def test_the_letter_itself_is_a_page_that_runs_nothing(boss: Person) -> None:
    boss.open(PAID)
    page = boss.press("As a mail program shows it", text=OWN + "\n\n<script>alert(1)</script>")
    assert page.heading == "Thanks for 1405010001"
    assert not page.soup.select("script")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'sha256-" in policy
    assert policy.endswith("sandbox")


def test_a_test_is_sent_to_an_address_as_it_was_typed(boss: Person, mail: MailServer) -> None:
    boss.open(PAID)
    page = boss.press("Send the test", text=OWN, address="mina@example.com")
    assert "The test was sent to mina@example.com." in page.text
    assert page.fields("Preview")["text"] == OWN
    (letter,) = mail.letters
    assert (letter["To"], letter["Subject"]) == ("mina@example.com", "Thanks for 1405010001")


def test_a_test_that_cannot_be_sent_says_why(app: Flask, boss: Person) -> None:
    app.config["SMTP_URL"] = "smtp://127.0.0.1:1"
    boss.open(PAID)
    page = boss.press("Send the test", text=OWN, address="mina@example.com")
    assert page.status == 502
    assert "The mail server did not answer" in page.text


@pytest.mark.parametrize("address", ["", "mina", "mina@example.com, sara@example.com"])
def test_a_test_wants_one_address(boss: Person, mail: MailServer, address: str) -> None:
    boss.open(PAID)
    page = boss.press("Send the test", address=address)
    assert page.status == 422
    assert "Write an e-mail address." in page.text
    assert mail.letters == []


@pytest.mark.long
def test_tests_are_limited(boss: Person, mail: MailServer) -> None:
    boss.open(PAID)
    for _ in range(20):
        assert boss.press("Send the test", address="mina@example.com").status == 200
    page = boss.press("Send the test", address="mina@example.com")
    assert page.status == 429
    assert len(mail.letters) == 20


WRONG = {
    "{{ order.mobile }}": "There is no “order.mobile” in this letter.",
    "{{ config.SECRET_KEY }}": "There is no “config” in this letter.",
    "{{ order.__class__ }}": "There is no “order.__class__” in this letter.",
    "{{ ''.__class__ }}": "There is no “” in this letter.",
    "{{ order }}": "Say what of “order”",
    "{{ order.lines }}": "Say what of “order”",
    "{% if order.number %}": "Something is not closed",
    "{{ number(order.number }}": "Something is not closed",
    "{{ number order.number }}": "It is not written right",
    "{{ shout(order.number) }}": "There is no function “shout”.",
    "{{ number(order.number, 2) }}": "takes one value",
    "{{ number(code(order.number)) }}": "takes one value",
    "{{ toman(order.number) }}": "This function does not fit this value",
    "{{ moment(order.number) }}": "This function does not fit this value",
    "{{ number(payment.payer_card) }}": "This is empty for some orders.",
    "{{ payment.payer_card }}": "This is empty for some orders.",
    "{{ link(order.full_name) }}": "A link is link(order_url)",
    "{{ link('javascript:alert(1)') }}": "A link is link(order_url)",
    "{% for n in range(9) %}{% endfor %}": "A loop may go through the lines",
    "{% for l in order.lines %}{% for m in order.lines %}{% endfor %}{% endfor %}": "A loop may",
    "{% for order in order.lines %}{% endfor %}": "Choose another name than “order”",
    "{{ order.number|upper }}": "Letters may not use “filter”.",
    "{{ 'x' * 1000000000 }}": "Letters may not use “mul”.",
    "{{ 9 ** 99999999 }}": "Letters may not use “pow”.",
    "{% set x = 1 %}": "Letters may not use “assign”.",
    "{% include 'base.html' %}": "Letters may not use “include”.",
    "{% macro f() %}{% endmacro %}": "Letters may not use “macro”.",
    "{{ " + "(" * 900 + "1" + ")" * 900 + " }}": "Too much stands inside one another.",
    "{{ " + "9" * 5000 + " }}": "Too much stands inside one another.",
    "{% if 1 %}" * 200 + "{% endif %}" * 200: "Too much stands inside one another.",
    "{% for line in order.lines %}" + "{{ order.number }}" * 200 + "{% endfor %}": "too long",
    "x" * 6001: "It is too long: at most 6000 characters.",
}


def test_a_wrong_text_is_refused_at_once_with_line_and_reason(boss: Person) -> None:
    for text, reason in WRONG.items():
        with naming(text):
            boss.open(PAID)
            whole = f"A subject\nThe first line\n{text}"
            begun = time.perf_counter()
            page = boss.press("Save the text", text=whole)
            assert time.perf_counter() - begun < 5
            assert page.status == 422
            (said,) = page.soup.select(".notice.error")
            assert reason in said.text
            is_about_all = "too long" in reason or "Too much" in reason
            assert is_about_all or "Line 3:" in said.text
            assert page.fields("Preview")["text"] == whole
    assert "This is the text that came with the shop." in boss.open(PAID).text


def test_what_is_wrong_is_said_in_persian_with_code_that_keeps_its_order(app: Flask) -> None:
    person = owner(app, "en")
    person.open("/language/fa")
    person.open(PAID)
    page = person.press("ذخیرهٔ متن", text="A\n{% if order.number %}")
    (said,) = page.soup.select(".notice.error")
    assert "سطر ۲:" in said.text
    assert "\u2066{% endif %}\u2069" in said.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The first line is the subject"),
        ("{% if not order.number %}Hello{% endif %}", "The first line is the subject"),
        ("Hello", "Write the letter below the subject."),
    ],
)
def test_a_letter_needs_a_subject_and_words(boss: Person, text: str, said: str) -> None:
    boss.open(PAID)
    assert said in boss.press("Save the text", text=text).text


def test_before_a_payment_a_letter_cannot_say_what_the_shopper_typed(
    app: Flask, clock: MovingClock
) -> None:
    for kind in (Kind.PAYMENT_FAILED, Kind.MONEY_RETURNED):
        with (
            app.app_context(),
            pytest.raises(WrongTemplate, match=r"unknown_field order\.full_name"),
        ):
            letter_samples.check(kind, "en", "A\n{{ order.full_name }}", clock.now(), "https://s")


def test_a_letter_whose_own_text_fails_says_the_bundled_one(
    app: Flask,
    mail: MailServer,
    sandbox: SandboxWorld,
    clock: MovingClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with app.app_context(), transaction():
        stale = "Hello\n{{ order.a_field_of_a_later_version }}"
        db.session.add(
            LetterText(
                kind="order_paid", language="en", text=stale, changed_at=clock.now(), changed_by="x"
            )
        )
    buy(app, sandbox)
    assert jobs.run_job(app, "send_emails") == {"delivered": 1}
    (letter,) = mail.letters
    assert "is paid" in letter["Subject"]
    assert "the shop's own letter order_paid.en failed" in caplog.text


@pytest.mark.long
@pytest.mark.parametrize("path", ["order_paid/de", "newsletter/fa", "alarm_raised/fa"])
def test_there_are_no_other_letters(boss: Person, path: str) -> None:
    assert boss.open(f"/admin/messages/letters/{path}").status == 404
