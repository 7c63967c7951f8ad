"""What waits to be sent and what could not be sent, and sending it again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from storefront.core.database import db, transaction
from storefront.core.services import current_services
from storefront.notifications.outbox import Channel, Kind, OutboxMessage
from storefront.worker import jobs
from testkit.clock import MovingClock
from testkit.scenario import SHOPPER, ScenarioDriver, unpaid_order
from testkit.shopper import Page
from testkit.staff import Person, owner

REFUSED = "SMTP: SMTPAuthenticationError"
ADDRESS = "/admin/messages"


@pytest.fixture
def driver(app: Flask) -> ScenarioDriver:
    return ScenarioDriver(app)


def put(driver: ScenarioDriver, count: int = 1, *, dead: bool = False) -> str:
    """Put messages about one order into the outbox, a second apart; return the order's number."""
    with driver.in_the_shop() as services:
        shopper = replace(SHOPPER, email="maryam@example.com")
        order_id = unpaid_order(services, {1: 1}, shopper, "key").id
    driver.begin(order_id)
    with driver.in_the_shop() as services:
        now = services.clock()
        (payment, *_) = services.engine.payments_of(driver.number(order_id))
        with transaction():
            for each in range(count):
                db.session.add(
                    OutboxMessage(
                        key=f"payment_failed:{payment.reference}-{each}:webhook",
                        kind=Kind.PAYMENT_FAILED,
                        channel=Channel.WEBHOOK if each % 2 else Channel.EMAIL,
                        payment_id=payment.id,
                        created_at=now,
                        next_try_at=None if dead else now,
                        give_up_at=now,
                        given_up_at=now if dead else None,
                        last_error=REFUSED if dead else None,
                        tries=7 if dead else 0,
                    )
                )
    return driver.number(order_id)


def rows(page: Page) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.soup.select("tbody tr")]


def waiting(app: Flask) -> list[str]:
    with app.app_context():
        query = select(OutboxMessage.key).where(OutboxMessage.next_try_at.is_not(None))
        return list(db.session.scalars(query.order_by(OutboxMessage.id)))


@pytest.fixture
def boss(app: Flask) -> Person:
    return owner(app)


def test_what_waits_is_listed_with_its_age_and_next_try(
    driver: ScenarioDriver, boss: Person, clock: MovingClock
) -> None:
    number = put(driver)
    clock.advance(600)
    boss.open(ADDRESS)
    (row,) = rows(boss.page)
    assert row.startswith(f"{number} The payment did not go through E-mail to the customer")
    assert "10 minutes ago" in row
    assert row.endswith("now")


def test_a_failed_try_says_why_and_when_the_next_is(
    app: Flask, driver: ScenarioDriver, boss: Person
) -> None:
    put(driver)
    with app.app_context(), transaction():
        late = current_services().clock().replace(year=2099)
        values = {"tries": 3, "last_error": "webhook: HTTP 500", "next_try_at": late}
        db.session.execute(update(OutboxMessage).values(values))
    boss.open(ADDRESS)
    (row,) = rows(boss.page)
    assert "tried 3 times: Your own system answered with an error." in row
    assert "2099" in row


def test_a_text_message_stands_beside_the_letters_with_what_to_do(
    app: Flask, driver: ScenarioDriver, boss: Person
) -> None:
    put(driver)
    values = {"channel": Channel.SMS, "tries": 3, "last_error": "SMS: Kavenegar 418"}
    with app.app_context(), transaction():
        db.session.execute(update(OutboxMessage).values(values))
    boss.open(ADDRESS)
    (row,) = rows(boss.page)
    assert "SMS to the customer" in row
    assert "Your credit at the SMS provider is used up. Top it up." in row


def test_a_dead_letter_is_sent_again_by_itself(
    app: Flask, driver: ScenarioDriver, boss: Person
) -> None:
    put(driver, 2, dead=True)
    page = boss.open(f"{ADDRESS}?list=dead")
    assert len(rows(page)) == 2
    assert "The mail server refused our name and password." in rows(page)[0]
    page = boss.press("Send again")
    assert "To be sent again within a minute: 1." in page.text
    assert len(waiting(app)) == len(rows(page)) == 1
    assert jobs.run_job(app, "send_emails") == {"delivered": 1}


def test_all_of_them_are_sent_again_and_the_log_names_who(
    app: Flask, driver: ScenarioDriver, boss: Person
) -> None:
    put(driver, 3, dead=True)
    boss.open(f"{ADDRESS}?list=dead")
    page = boss.press("Send all of them again")
    assert "To be sent again within a minute: 3." in page.text
    assert "Everything could be sent." in page.text
    assert len(waiting(app)) == 3
    assert f"{boss.name} : had messages sent again" in boss.open("/admin/system").text


def test_what_was_sent_meanwhile_is_not_sent_again(
    app: Flask, driver: ScenarioDriver, boss: Person
) -> None:
    put(driver, dead=True)
    boss.open(f"{ADDRESS}?list=dead")
    with app.app_context(), transaction():
        now = current_services().clock()
        values = {"given_up_at": None, "delivered_at": now}
        db.session.execute(update(OutboxMessage).values(values))
    assert "It was sent, or waits to be sent, by now." in boss.press("Send again").text
    assert waiting(app) == []


@pytest.mark.long
@pytest.mark.parametrize("which", ["waiting", "dead"])
def test_pages_lead_through_all_messages_and_back(
    driver: ScenarioDriver, boss: Person, which: str
) -> None:
    put(driver, 60, dead=which == "dead")
    page, seen = boss.open(f"{ADDRESS}?list={which}"), []
    assert "(60)" in page.text
    for expected in (25, 25, 10):
        seen.append(rows(page))
        assert len(seen[-1]) == expected
        further = page.soup.select_one("a[rel=next]")
        page = boss.open(str(further["href"])) if further else page
    for former in reversed(seen[:-1]):
        back = page.soup.select_one("a[rel=prev]")
        assert back
        page = boss.open(str(back["href"]))
        assert rows(page) == former
    assert not page.soup.select("a[rel=prev]")


@pytest.mark.parametrize("asked", ["after=0", "after=99999999999", "before=-1", "list=x"])
def test_a_strange_address_shows_a_list(boss: Person, asked: str) -> None:
    assert boss.open(f"{ADDRESS}?{asked}").status == 200


@pytest.mark.long
@pytest.mark.parametrize("sent", [{}, {"key": ""}, {"key": "a", "every": "1"}, {"key": "k" * 101}])
def test_a_strange_wish_is_refused(
    app: Flask, driver: ScenarioDriver, boss: Person, sent: dict[str, str]
) -> None:
    put(driver, dead=True)
    boss.open(f"{ADDRESS}?list=dead")
    token = boss.page.fields("Send again")["csrf_token"]
    answer = boss.client.post(f"{ADDRESS}/again", data=sent | {"csrf_token": token})
    assert answer.status_code == 400
    assert waiting(app) == []
