"""An order that its buyer collects is called ready and collected, and nobody sends it anywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront.core.database import db, transaction
from storefront.core.services import current_services
from storefront.notifications.email import email_about
from storefront.notifications.outbox import Channel, Kind, OutboxMessage
from storefront.worker import jobs
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.letters import PUBLIC_URL, SENDER, parts
from testkit.scenario import ScenarioDriver
from testkit.shopper import DETAILS, Shopper
from testkit.staff import clerk
from tests.conftest import open_shop

PLACE, HOURS = "1 Azadi St., Tehran", "Every day, 9 to 21"
PLACE_FA = "تهران، خیابان آزادی، پلاک ۱"
NO_ADDRESS = dict.fromkeys(("province", "city", "address", "postal_code"), "")
OF_A_PARCEL = ("Mark as sent", "Address label", "Carrier", "Tracking code", "Mark as delivered")


@pytest.fixture
def shop(stocked_database_url: str, sandbox: SandboxWorld, clock: MovingClock) -> Iterator[Flask]:
    """A shop that says where it is, and when somebody is there."""
    where = {"SHOP_ADDRESS_EN": PLACE, "SHOP_ADDRESS_FA": PLACE_FA}
    known = {**where, "SHOP_HOURS_EN": HOURS, "SHOP_PHONE": "021-12345678"}
    named = known | {"SMS_URL": sandbox.sms_url}
    with open_shop(stocked_database_url, sandbox, clock, **named) as app:
        yield app


def bought(app: Flask, sandbox: SandboxWorld, delivery: str = "pickup") -> tuple[Shopper, str, str]:
    """Somebody who has paid, the path of the order's page, and its number."""
    shopper = Shopper(app)
    shopper.put_in_cart()
    asked = DETAILS | (NO_ADDRESS if delivery == "pickup" else {})
    url = shopper.check_out(**asked, delivery=delivery, email="maryam@example.com")
    page = shopper.open(sandbox.pay(url))
    driver = ScenarioDriver(app)
    return shopper, page.path, driver.number(driver.orders()[-1])


def letter(app: Flask, kind: Kind, language: str) -> str:
    """What the letter of this kind says to somebody who reads this language."""
    with app.app_context():
        query = select(OutboxMessage).where(OutboxMessage.channel == Channel.EMAIL)
        message = db.session.scalars(query.where(OutboxMessage.kind == kind)).one()
        with transaction():
            message.payment.order.language = language
        written = email_about(message, SENDER, PUBLIC_URL, current_services().clock())
        return f"{written['Subject']}\n{parts(written)[0]}"


def test_the_back_office_hands_it_over_and_asks_for_no_parcel(
    shop: Flask, sandbox: SandboxWorld
) -> None:
    shopper, path, number = bought(shop, sandbox)
    person = clerk(shop)
    page = person.open(f"/admin/orders/{number}")
    assert [each for each in OF_A_PARCEL if each in page.text] == []
    person.press("Mark as packed")
    assert "Packed, to hand over" in person.page.text
    page = person.press("Mark as ready to collect")
    assert [each for each in OF_A_PARCEL if each in page.text] == []
    for said in ("marked as ready to collect", "The items are ready to be collected."):
        assert said in page.text
    assert "Ready to collect" in person.open("/admin/orders").text
    mine = shopper.open(path)
    assert mine.heading == "Paid, and ready for you"
    for said in (PLACE, HOURS):
        assert said in mine.text
    assert "paid, and ready to collect" in shopper.open("/orders").text
    person.open(f"/admin/orders/{number}")
    page = person.press("Mark as collected")
    assert "The items were collected." in page.text
    assert shopper.open(path).heading == "Paid, and collected"


def test_letters_and_sms_say_where_and_when(shop: Flask, sandbox: SandboxWorld) -> None:
    _, _, number = bought(shop, sandbox)
    person = clerk(shop)
    person.open(f"/admin/orders/{number}")
    person.press("Mark as ready to collect")
    for kind in (Kind.ORDER_PAID, Kind.ORDER_SENT):
        with naming(kind):
            english, persian = (letter(shop, kind, each) for each in ("en", "fa"))
            for said in (PLACE, HOURS):
                assert said in english
            assert PLACE_FA in persian
            assert "with your name (" in english
            assert "با نام شما (" in persian
    assert "Collect in person\u2069: free" in letter(shop, Kind.ORDER_PAID, "en")
    assert "رایگان" in (persian := letter(shop, Kind.ORDER_PAID, "fa"))
    assert ": ۰ تومان" not in persian
    letter(shop, Kind.ORDER_SENT, "en")  # who reads English again
    jobs.run_job(shop, "send_sms")
    text = sandbox.text_messages()[0]["text"]
    for said in ("is ready: come and collect it.", PLACE, HOURS):
        assert said in text


@pytest.mark.long
def test_labels_leave_it_out_and_the_contact_page_names_the_place(
    shop: Flask, sandbox: SandboxWorld
) -> None:
    collected = bought(shop, sandbox)[2]
    sent = bought(shop, sandbox, "post")[2]
    labels = clerk(shop).open(f"/admin/packing/labels?number={collected}&number={sent}")
    assert f"Collected by the customer, so without a label: {collected}" in labels.text
    assert len(labels.soup.select("article.label")) == 1
    contact = Shopper(shop).open("/contact").text
    assert f"{PLACE} Orders that you collect in person are handed over here." in contact
