"""What the merchant does with an order: find it, pack it, send it, correct it, take goods back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from persiantools.digits import en_to_fa

from jibit_sandbox.testing import SandboxWorld
from payment_engine import Actor
from storefront.admin import days
from storefront.core.database import db, transaction
from storefront.core.services import current_services
from storefront.notifications.outbox import Kind, OutboxMessage
from storefront.orders import privacy
from storefront.orders.models import Order
from storefront.orders.payments import Discrepancy
from storefront.worker import jobs
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.mishaps import paid_by_decision, reconciled
from testkit.money import order_in_review
from testkit.scenario import ScenarioDriver
from testkit.shopper import DETAILS, Shopper
from testkit.staff import PASSWORD, Person, clerk, owner

DAY = 24 * 3600
Buy = Callable[..., str]


@pytest.fixture
def buy(app: Flask, sandbox: SandboxWorld) -> Buy:
    """Lets somebody buy and pay; gives the order's number."""

    def once(*, pays: bool = True, **details: Any) -> str:
        shopper = Shopper(app)
        switching_url = shopper.goes_to_pay(**details)
        if pays:
            shopper.open(sandbox.pay(switching_url))
        with app.app_context():
            newest = db.session.query(Order).order_by(Order.id.desc()).first()
            assert newest
            return newest.number

    return once


@pytest.fixture
def person(app: Flask) -> Person:
    """A clerk who is logged in."""
    return clerk(app)


def letters(app: Flask) -> list[Kind]:
    """What was, or will be, sent."""
    with app.app_context():
        return [message.kind for message in db.session.query(OutboxMessage)]


def listed(person: Person, query: str = "") -> list[str]:
    """The numbers on a page of the list."""
    page = person.open(f"/admin/orders?{query}")
    return [link.text.strip() for link in page.soup.select("table.rows th a")]


def test_a_paid_order_waits_to_be_packed_and_shows_what_was_bought_and_where_it_goes(
    person: Person, buy: Buy
) -> None:
    number = buy(note="زنگ نزنید")
    assert "1 paid orders to pack" in person.open("/admin").text
    assert listed(person, "stage=to_pack") == [number]
    page = person.open(f"/admin/orders/{number}")
    for shown in (DETAILS["full_name"], DETAILS["mobile"], DETAILS["postal_code"], "زنگ نزنید"):
        assert shown in page.text
    assert "Meybod turquoise bowl 1 × 680,000 Toman" in page.text
    assert "So the payment is confirmed" in page.text


def test_an_order_is_packed_sent_with_a_code_and_delivered_and_the_shopper_is_told(
    app: Flask, person: Person, buy: Buy
) -> None:
    number = buy(email="maryam@example.com")
    person.open(f"/admin/orders/{number}")
    person.press("Mark as packed")
    assert listed(person, "stage=packed") == [number]
    person.open(f"/admin/orders/{number}")
    page = person.press("Mark as sent", carrier="پست پیشتاز", tracking_code="۱۲۳۴۵۶۷۸")
    assert "The order is marked as sent." in page.text
    assert f"( {person.name} ) The items were sent." in page.text
    with app.app_context():
        order = db.session.query(Order).filter_by(number=number).one()
        token = order.token
    shown = Shopper(app).open(f"/orders/{token}").text
    assert "12345678" in shown
    assert "پست پیشتاز" in shown
    assert letters(app).count(Kind.ORDER_SENT) == 1
    person.press("Mark as delivered")
    assert listed(person, "stage=delivered") == [number]


def test_marking_as_sent_twice_tells_the_shopper_once_and_a_code_can_be_corrected(
    app: Flask, person: Person, buy: Buy
) -> None:
    number = buy(email="maryam@example.com")
    person.open(f"/admin/orders/{number}")
    person.press("Mark as sent", tracking_code="111")
    page = person.press("Correct it", tracking_code="222")
    assert "What is known of the parcel was corrected." in page.text
    assert letters(app).count(Kind.ORDER_SENT) == 1


def test_a_page_that_was_open_before_somebody_else_sent_the_order_overwrites_nothing(
    app: Flask, person: Person, buy: Buy
) -> None:
    number, other = buy(), clerk(app)
    for each in (person, other):
        each.open(f"/admin/orders/{number}")
    other.press("Mark as sent", carrier="Tipax", tracking_code="111")
    page = person.press("Mark as sent", carrier="Post", tracking_code="222")
    assert page.status == 409
    assert "That is not possible for this order now." in page.text
    assert page.soup.select_one("#tracking_code[value='111']")


def test_an_order_whose_payment_is_not_settled_says_that_it_must_not_be_sent(
    app: Flask, person: Person, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    driver = ScenarioDriver(app)
    number = driver.number(order_in_review(driver, sandbox, clock))
    person = clerk(app)
    assert "Do not send it yet" in person.open(f"/admin/orders/{number}").text


def test_a_paid_order_about_which_the_ledgers_differ_is_sent_only_when_somebody_has_decided(
    driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock
) -> None:
    number = driver.number(paid_by_decision(driver, sandbox, clock))
    boss = owner(driver.app)
    boss.open(f"/admin/orders/{number}")
    reconciled(driver)
    page = boss.press("Mark as sent")  # on the page from before
    assert (page.status, "Do not send it yet" in page.text) == (409, True)
    assert not page.soup.find("button", string="Mark as sent")
    assert Kind.ORDER_SENT not in letters(driver.app)
    boss.open("/admin/orders")
    page = boss.press("Mark as sent", number=[number])  # not packed either; that is not why
    assert "Not packed yet" not in page.text
    assert f"the payment must be settled first (see the order): {number}" in page.text
    (badge,) = boss.page.soup.select("table.rows .badge.none")
    assert badge.text == "do not send yet"
    page = boss.open(f"/admin/orders/{number}")
    assert page.soup.find("a", string="settle it")
    assert "must be settled first. To decide" in page.text
    assert "An owner of the shop does that." in clerk(driver.app).open(boss.page.path).text
    with driver.in_the_shop() as services:
        (discrepancy,) = db.session.scalars(db.select(Discrepancy)).all()
        services.engine.decide_discrepancy(discrepancy.id, "the bank confirmed it")
    boss.open(f"/admin/orders/{number}")
    assert "The order is marked as sent." in boss.press("Mark as sent").text


def test_an_unpaid_order_cannot_be_sent(person: Person, buy: Buy) -> None:
    paid, unpaid = buy(), buy(pays=False)
    person.open(f"/admin/orders/{paid}")
    fields = person.page.fields("Mark as sent")
    answer = person.client.post(f"/admin/orders/{unpaid}/send", data=fields)
    assert answer.status_code == 409
    assert listed(person, "stage=unpaid") == [unpaid]


def test_many_orders_are_packed_and_sent_at_once_and_those_that_cannot_be_are_named(
    person: Person, buy: Buy
) -> None:
    paid, unpaid = [buy(), buy()], buy(pays=False)
    person.open("/admin/orders")
    page = person.press("Mark as packed", number=[*paid, unpaid])
    assert "2 orders were changed." in page.text
    assert f"Not possible now for: {unpaid}" in page.text
    late = buy()
    page = person.press("Mark as sent", number=[*paid, late])
    assert f"Not packed yet: {late}" in page.text
    assert sorted(listed(person, "stage=sent")) == sorted(paid)
    page = person.press("Mark as sent")
    assert "Choose one order or more first." in page.text


QUESTIONS = [
    "{number}",
    "سفارش {persian}",
    "09121234567",
    "+98 912 123 4567",
    "حسيني",
    "مریم حس",
    "حسینی مریم",
]


def test_an_order_is_found_by_whatever_somebody_says_on_the_phone(person: Person, buy: Buy) -> None:
    number = buy()
    buy(full_name="Reza Karimi", mobile="09351112233")
    for question in QUESTIONS:
        with naming(question):
            asked = question.format(number=number, persian=en_to_fa(number))
            assert listed(person, f"q={quote(asked)}") == [number]


def test_a_number_that_could_be_a_mobile_one_is_the_orders_if_there_is_one(
    app: Flask, person: Person, buy: Buy
) -> None:
    buy()
    number = buy(mobile="09351112233")
    with app.app_context(), transaction():
        order = db.session.query(Order).filter_by(number=number).one()
        order.number = "9121234567"
    assert listed(person, "q=9121234567") == ["9121234567"]


@pytest.mark.long
def test_an_order_is_found_by_the_gateways_numbers_and_the_parcels(
    app: Flask, person: Person, buy: Buy
) -> None:
    number, _other = buy(), buy()
    person.open(f"/admin/orders/{number}")
    person.press("Mark as sent", tracking_code="RA123456785IR")
    with app.app_context():
        (payment,) = current_services().engine.payments_of(number)
    for code in (payment.reference, payment.gateway_payment_id, "RA123456785IR"):
        assert listed(person, f"q={code}") == [number]
    assert listed(person, "q=000000") == []


@pytest.mark.long
def test_filters_narrow_the_list_and_a_wrong_one_is_said_beside_it(
    person: Person, buy: Buy, clock: MovingClock
) -> None:
    first = buy()
    clock.advance(3 * DAY)
    second = buy(pieces=2)
    today = days.today(clock.now()).isoformat()
    person.open("/admin")
    person.press("Log in", name=person.name, password=PASSWORD)
    assert listed(person, f"since={today}") == [second]
    assert listed(person, f"until={today}") == [second, first]
    amount = 765_000
    assert listed(person, f"amount={amount:,}") == [first]
    assert listed(person, "gateway=wallet") == []
    page = person.open("/admin/orders?since=yesterday&amount=many&q=x")
    assert page.status == 422
    assert "Write a day as 1405/09/09" in page.text
    assert not page.soup.select("table.rows")
    assert page.soup.select_one("#filter-since")["value"] == "yesterday"  # type: ignore[index]


def test_a_jalali_day_and_a_gregorian_one_are_the_same_day(
    app: Flask, person: Person, buy: Buy
) -> None:
    number = buy()
    with app.app_context(), transaction():
        order = db.session.query(Order).filter_by(number=number).one()
        order.created_at = order.created_at.replace(year=2026, month=11, day=30, hour=8)
    for day in ("1405/9/9", "۱۴۰۵/۰۹/۰۹", "2026-11-30"):
        assert listed(person, f"since={day}&until={day}") == [number]
    assert listed(person, "until=1405/9/8") == []


@pytest.mark.long
def test_the_list_goes_on_page_by_page_and_back(app: Flask, person: Person) -> None:
    driver = ScenarioDriver(app)
    for number in range(27):
        driver.place({number % 9 + 3: 1})
    first = listed(person)
    after = person.page.soup.select_one("a[rel=next]")
    assert len(first) == 25
    assert after
    second = listed(person, str(after["href"]).split("?")[1])
    assert len(second) == 2
    before = person.page.soup.select_one("a[rel=prev]")
    assert before
    assert listed(person, str(before["href"]).split("?")[1]) == first
    assert not set(first) & set(second)


def test_the_address_is_corrected_and_the_former_one_kept_until_it_is_erased(
    app: Flask, person: Person, buy: Buy
) -> None:
    number = buy()
    person.open(f"/admin/orders/{number}/address")
    wrong = person.press("Save the correction", postal_code="12")
    assert wrong.status == 422
    page = person.press(
        "Save the correction",
        province="isfahan",
        city="کاشان",
        postal_code="8134567891",
        address="خیابان چهارباغ، پلاک ۷",
    )
    assert "Isfahan, کاشان, خیابان چهارباغ، پلاک ۷" in page.text
    assert "Tehran, تهران, خیابان ولیعصر" in page.text
    assert "Former addresses" in page.text
    person.press("Save the note", text="با مشتری صحبت شد")
    person.press("Mark as sent")
    with app.app_context():
        privacy.erase(current_services(), number, actor=Actor.OPERATOR)
    page = person.open(f"/admin/orders/{number}")
    for gone in ("ولیعصر", "چهارباغ", "کاشان", "Isfahan", "با مشتری", DETAILS["full_name"]):
        assert gone not in page.html
    assert listed(person, "q=مریم") == []


@pytest.mark.long
def test_goods_that_came_back_are_on_sale_again_once(person: Person, buy: Buy) -> None:
    number = buy(pieces=2)
    person.open(f"/admin/orders/{number}")
    page = person.press("Put them on sale again", **{"pieces-turquoise-bowl": "۱"})
    assert "Items were put back into stock: 1 pieces." in page.text
    page = person.press("Put them on sale again", **{"pieces-turquoise-bowl": "2"})
    assert page.status == 422
    assert "does not have that many pieces any more" in page.text
    page = person.press("Put them on sale again", **{"pieces-turquoise-bowl": ""})
    assert "Write how many pieces came back." in page.text


def test_an_unpaid_order_is_cancelled_after_the_gateway_was_asked(person: Person, buy: Buy) -> None:
    number = buy(pays=False)
    person.open(f"/admin/orders/{number}")
    page = person.confirm("Cancel the order")
    assert listed(person, "stage=cancelled") == [number]
    assert f"( {person.name} )" in page.text


def test_an_order_that_was_paid_and_not_yet_known_is_not_cancelled(
    app: Flask, person: Person, sandbox: SandboxWorld
) -> None:
    switching_url = Shopper(app).goes_to_pay()
    sandbox.pay(switching_url)
    (number,) = listed(person)
    person.open(f"/admin/orders/{number}")
    page = person.confirm("Cancel the order")
    assert page.status == 409
    assert listed(person, "stage=to_pack") == [number]


def test_the_gateway_is_asked_once_on_request_and_its_answer_shown(
    person: Person, sandbox: SandboxWorld, buy: Buy
) -> None:
    number = buy()
    person.open(f"/admin/orders/{number}")
    page = person.press("Ask the gateway now")
    notice = page.soup.select_one("#payments ~ * .notice")
    assert notice
    assert "The gateway says now: “SUCCESS”, 765,000 Toman." in notice.get_text(" ")
    sandbox.behave("reset", operation="inquiry")
    page = person.press("Ask the gateway now")
    assert "The gateway gave no good answer." in page.text


def test_an_order_that_is_not_there_is_not_found(person: Person) -> None:
    assert person.open("/admin/orders/1234567890").status == 404


def test_a_worker_sends_the_letter_about_the_parcel(app: Flask, person: Person, buy: Buy) -> None:
    number = buy(email="maryam@example.com")
    person.open(f"/admin/orders/{number}")
    person.press("Mark as sent", tracking_code="42")
    assert jobs.run_job(app, "send_emails")["delivered"] == 2
