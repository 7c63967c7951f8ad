"""What wants a person is told to the merchant once when it begins, and once when it is over."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from storefront.core.database import db, transaction
from storefront.core.services import current_services
from storefront.monitoring import incidents, status
from storefront.monitoring.alarm_words import ALARMS, in_both_languages
from storefront.monitoring.incidents import AlarmNotice, Incident
from storefront.monitoring.runs import JOB_NAMES
from storefront.notifications.channels import channels
from storefront.notifications.outbox import Channel, Kind, OutboxMessage
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.letters import parts
from testkit.mail_server import MailServer, running_mail_server
from testkit.scenario import ScenarioDriver
from testkit.shopper import Shopper
from testkit.staff import clerk, owner
from tests.client.scripted import ScriptedServer, says

HOOK = "POST /hook"
SECRET = "a secret shared with the merchant's systems"
TOLD = ("mina@shop.example", "reza@shop.example")


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
def shop(app: Flask, clock: MovingClock, mail: MailServer, merchant: ScriptedServer) -> Flask:
    """A shop whose worker has just run, and whose merchant wants to be told in both ways."""
    settings = {"SMTP_URL": f"smtp://127.0.0.1:{mail.port}", "ALARM_EMAILS": TOLD}
    told_by_call = {"WEBHOOK_URL": f"{merchant.url}/hook", "WEBHOOK_SECRET": (SECRET,)}
    app.config.update(settings | told_by_call)
    app.extensions["channels"] = channels(app, clock.now)
    worker_runs(app)
    return app


def worker_runs(app: Flask) -> dict[str, int]:
    """Every job of the worker once; returns what the one for alarms counted."""
    return {name: jobs.run_job(app, name) for name in JOB_NAMES}["raise_alarms"]


def minutes_pass(app: Flask, clock: MovingClock, minutes: int) -> list[str]:
    """A worker goes on for so long; returns what it counted about alarms."""
    counted: list[str] = []
    for _ in range(minutes):
        clock.advance(60)
        counted += worker_runs(app)
    return counted


def break_something(app: Flask) -> None:
    """Let a message become a dead letter."""
    driver = ScenarioDriver(app)
    order_id, _ = driver.send_shopper()
    with driver.in_the_shop() as services:
        (payment, *_) = services.engine.payments_of(driver.number(order_id))
        now = services.clock()
        with transaction():
            dead = OutboxMessage(
                key=f"dead {payment.reference}",
                kind=Kind.ORDER_PAID,
                channel=Channel.WEBHOOK,
                payment_id=payment.id,
                created_at=now,
                give_up_at=now,
                given_up_at=now,
            )
            db.session.add(dead)


def mend(app: Flask) -> None:
    with app.app_context(), transaction():
        now = current_services().clock()
        db.session.execute(update(OutboxMessage).values(given_up_at=None, delivered_at=now))


def events(merchant: ScriptedServer) -> list[str]:
    return [heard.body["event"] for heard in merchant.heard]


def subjects(mail: MailServer) -> list[str]:
    return [str(letter["Subject"]) for letter in mail.letters]


RAISED = "هشدار فروشگاه: "
ENDED = "پایان هشدار فروشگاه: "


@pytest.mark.long
def test_the_merchant_is_told_once_when_it_begins_and_once_when_it_is_over(
    shop: Flask, clock: MovingClock, mail: MailServer, merchant: ScriptedServer
) -> None:
    break_something(shop)
    assert worker_runs(shop) == {"raised": 1, "told": 2}
    assert mail.receivers == list(TOLD)
    minutes_pass(shop, clock, 3)
    assert (len(mail.letters), events(merchant)) == (1, ["alarm_raised"])
    mend(shop)
    minutes_pass(shop, clock, 4)
    assert len(mail.letters) == 1
    minutes_pass(shop, clock, 3)
    title = in_words(shop, "dead_letters", "fa")
    assert subjects(mail) == [RAISED + title, ENDED + title]
    assert events(merchant) == ["alarm_raised", "alarm_ended"]


def in_words(app: Flask, name: str, language: str) -> str:
    with app.app_context():
        return in_both_languages(name)[language].title


def test_a_letter_about_an_alarm_says_what_to_do_in_persian_and_in_english(
    shop: Flask, mail: MailServer
) -> None:
    break_something(shop)
    worker_runs(shop)
    (letter,) = mail.letters
    with shop.app_context():
        words = in_both_languages("dead_letters")
    for form in parts(letter):
        for said in words.values():
            assert said.title in form
            assert said.advice in form
        assert f"{shop.config['PUBLIC_URL']}/admin" in form


def test_a_call_about_an_alarm_says_which_and_since_when(
    shop: Flask, clock: MovingClock, merchant: ScriptedServer
) -> None:
    break_something(shop)
    worker_runs(shop)
    (heard,) = merchant.heard
    body = heard.body
    assert re.fullmatch(r"alarm_raised:[0-9]+-[0-9]+:webhook", body.pop("id"))
    assert body == {
        "event": "alarm_raised",
        "at": clock.now().isoformat(),
        "order_number": None,
        "alarm": "dead_letters",
        "title": "Messages could not be sent",
        "began_at": clock.now().isoformat(),
        "ended_at": None,
    }


@pytest.mark.long
def test_an_alarm_that_comes_and_goes_is_one_incident(
    shop: Flask, clock: MovingClock, mail: MailServer
) -> None:
    for _ in range(3):
        break_something(shop)
        minutes_pass(shop, clock, 1)
        mend(shop)
        minutes_pass(shop, clock, 3)
    assert len(mail.letters) == 1


@pytest.mark.long
def test_without_anybody_to_tell_the_pages_show_it_all_the_same(
    app: Flask, clock: MovingClock
) -> None:
    worker_runs(app)
    break_something(app)
    assert worker_runs(app) == {"raised": 1}
    page = owner(app).open("/admin")
    assert "This needs you now Messages could not be sent" in page.text
    assert page.soup.select("#incidents ~ ul a[href='/admin/messages']")
    assert "This needs you now" not in clerk(app).open("/admin").text, "they could do nothing"
    mend(app)
    assert "ended" in minutes_pass(app, clock, 7)
    boss = owner(app)
    assert "This needs you now" not in boss.open("/admin").text
    assert "What is over Messages could not be sent" in boss.open("/admin/system").text


@pytest.mark.long
def test_a_mail_server_that_is_away_delays_the_letter_and_nothing_else(
    shop: Flask, clock: MovingClock, mail: MailServer, merchant: ScriptedServer
) -> None:
    shop.config["SMTP_URL"] = "smtp://127.0.0.1:1"
    shop.extensions["channels"] = channels(shop, clock.now)
    break_something(shop)
    assert worker_runs(shop) == {"raised": 1, "told": 1, "put_off": 1}
    assert events(merchant) == ["alarm_raised"]
    assert "the e-mail to you was not sent" in owner(shop).open("/admin/system").text
    shop.config["SMTP_URL"] = f"smtp://127.0.0.1:{mail.port}"
    shop.extensions["channels"] = channels(shop, clock.now)
    assert "told" in minutes_pass(shop, clock, 2)
    assert len(mail.letters) == 1
    assert "you were told by e-mail" in owner(shop).open("/admin/system").text


@pytest.mark.long
def test_a_receiver_that_is_away_for_three_days_is_given_up(
    shop: Flask, clock: MovingClock, merchant: ScriptedServer
) -> None:
    merchant.on(HOOK, says({}, 500))
    break_something(shop)
    worker_runs(shop)
    clock.advance(timedelta(days=3).total_seconds())
    assert "given_up" in minutes_pass(shop, clock, 1)
    with shop.app_context():
        assert db.session.scalars(
            select(AlarmNotice.last_error).where(AlarmNotice.given_up_at.is_not(None))
        ).all() == ["webhook: HTTP 500"]


def told_by_the_pages(clock: MovingClock, shopper: Shopper, minutes: int) -> None:
    """Somebody looks at the shop every minute while no worker runs."""
    for _ in range(minutes):
        clock.advance(60)
        shopper.open("/healthz")
        for thread in threading.enumerate():
            if thread.name == "alarms":
                thread.join()


def test_the_pages_notice_that_no_worker_runs_and_tell_the_merchant(
    shop: Flask, clock: MovingClock, shopper: Shopper, mail: MailServer, merchant: ScriptedServer
) -> None:
    told_by_the_pages(clock, shopper, 5)
    assert mail.letters == []
    told_by_the_pages(clock, shopper, 5)
    assert subjects(mail) == [RAISED + in_words(shop, "jobs", "fa")]
    assert events(merchant) == ["alarm_raised"]
    assert "background worker does not work" in owner(shop).open("/admin").text
    minutes_pass(shop, clock, 7)
    assert subjects(mail)[1:] == [ENDED + in_words(shop, "jobs", "fa")]
    assert events(merchant) == ["alarm_raised", "alarm_ended"]


@pytest.mark.long
def test_the_pages_end_no_incident_that_only_a_worker_can_see(
    shop: Flask, clock: MovingClock, shopper: Shopper
) -> None:
    break_something(shop)
    worker_runs(shop)
    told_by_the_pages(clock, shopper, 20)
    with shop.app_context():
        names = {each.name for each in incidents.open_incidents()}
    assert names == {"dead_letters", "jobs"}


def test_a_worker_that_has_just_begun_is_no_alarm(app: Flask, clock: MovingClock) -> None:
    for _ in range(5):
        assert not {"raised", "told"} & set(worker_runs(app))
        clock.advance(60)


def test_a_gateway_is_an_alarm_only_if_it_does_not_answer_for_minutes(
    shop: Flask, clock: MovingClock
) -> None:
    def noted(*alarms: str) -> dict[str, int]:
        clock.advance(60)
        return incidents.note(alarms, (), clock.now())

    with shop.app_context():
        assert [noted("breakers"), noted("breakers"), *(noted() for _ in range(6))] == [{}] * 8
        assert db.session.scalar(select(func.count()).select_from(Incident)) == 0
        assert [noted(*(["breakers"] * (each % 2))) for each in range(1, 6)] == [{}] * 5
        assert noted("breakers") == {"raised": 1}


@pytest.mark.long
def test_an_incident_ends_also_after_the_clock_was_set_back(
    shop: Flask, clock: MovingClock
) -> None:
    break_something(shop)
    worker_runs(shop)
    mend(shop)
    clock.set_by(-7200)
    assert "ended" in minutes_pass(shop, clock, 7)


@pytest.mark.both_databases
def test_two_workers_raise_one_incident(shop: Flask) -> None:
    break_something(shop)
    with ThreadPoolExecutor(2) as pool:
        counted = list(pool.map(lambda _: jobs.run_job(shop, "raise_alarms"), range(2)))
    assert sum(each.get("raised", 0) for each in counted) == 1
    assert sum(each.get("told", 0) for each in counted) == 2


def test_what_is_long_over_is_forgotten(shop: Flask, clock: MovingClock) -> None:
    with shop.app_context():
        for _ in range(2):
            incidents.note(["refunds"], [Channel.EMAIL], clock.now())
            clock.advance(600)
            incidents.note([], [Channel.EMAIL], clock.now())
            clock.advance(timedelta(days=91).total_seconds())
        assert db.session.scalar(select(func.count()).select_from(Incident)) == 1
        assert db.session.scalar(select(func.count()).select_from(AlarmNotice)) == 2


def test_each_alarm_has_words_in_both_languages(app: Flask) -> None:
    late = ("oldest_doubt", "oldest_notification", "breakers", "failed_logins", "jobs")
    assert set(ALARMS) == {*status.WANT_A_PERSON, *late}
    with app.app_context():
        for name in ALARMS:
            persian, english = in_both_languages(name).values()
            assert persian.title != english.title
            assert persian.advice != english.advice
