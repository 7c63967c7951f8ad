"""Every letter of the shop in both languages, about payments that were really made."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage

from bs4 import BeautifulSoup
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from storefront import create_app
from storefront.core.database import db
from storefront.fulfilment import shipping
from storefront.notifications.email import email_about
from storefront.notifications.outbox import Channel, OutboxMessage
from testkit.clock import MovingClock
from testkit.scenario import SHOPPER, ScenarioDriver, unpaid_order
from testkit.settings import at_gateways, quiet_settings

SENDER, PUBLIC_URL = "Eyvan <shop@shop.example>", "https://shop.example"
NAMES = {"fa": "مریم حسینی", "en": "Maryam Hosseini"}


def play_every_letter(driver: ScenarioDriver, sandbox: SandboxWorld, clock: MovingClock) -> None:
    """Pay, send, refund, decline, and pay too late, in each language.

    The letters are in the outbox then.
    """
    for language in NAMES:
        driver.come_back(sandbox.pay(_begin(driver, language)))
        _send_the_parcel(driver)
        _refund_a_part(driver)
        driver.come_back(sandbox.cancel(_begin(driver, language)))
        sandbox.behave("inquiry_other_amount", times=None)
        driver.come_back(sandbox.pay(_begin(driver, language)))
        sandbox.forget_behaviours()
    sandbox.clock.advance(901)
    clock.advance(61)
    driver.worker_passes()


def _send_the_parcel(driver: ScenarioDriver) -> None:
    with driver.in_the_shop() as services:
        number = driver.number(driver.orders()[-1])
        shipping.send(services, number, carrier="Post", tracking_code="12345678", by="Sara")


def _refund_a_part(driver: ScenarioDriver) -> None:
    with driver.in_the_shop() as services:
        (payment, *_) = services.engine.payments_of(driver.number(driver.orders()[-1]))
        services.engine.note_refund(payment.reference, 1_000_000, reason="broken", by="Sara")


def _begin(driver: ScenarioDriver, language: str) -> str:
    shopper = replace(
        SHOPPER, full_name=NAMES[language], email="maryam@example.com", language=language
    )
    with driver.in_the_shop() as services:
        key = f"key-{len(driver.orders())}"
        order_id = unpaid_order(services, {1: 2, 2: 1}, shopper, key).id
    return str(driver.begin(order_id).redirect_url)


def written(driver: ScenarioDriver) -> dict[str, EmailMessage]:
    """Return the letters in the outbox, each by its kind and language: ``order-paid-fa``."""
    with driver.in_the_shop() as services:
        query = select(OutboxMessage).where(OutboxMessage.channel == Channel.EMAIL)
        return {
            f"{message.kind.replace('_', '-')}-{message.payment.order.language}": email_about(
                message, SENDER, PUBLIC_URL, services.clock()
            )
            for message in db.session.scalars(query)
        }


def every_letter(database_url: str, sandbox: SandboxWorld) -> dict[str, EmailMessage]:
    """Return all letters, from a shop of their own on this database."""
    clock = MovingClock()
    sandbox.clock.freeze(clock.now())
    clock.followed_by(sandbox.clock.advance)
    settings = quiet_settings(DATABASE_URL=database_url, **at_gateways(sandbox))
    app = create_app(settings, clock=clock.now, steady=clock.steady)
    driver = ScenarioDriver(app, "ppg")
    driver.set_channels((Channel.EMAIL,))
    play_every_letter(driver, sandbox, clock)
    letters = written(driver)
    with app.app_context():
        db.engine.dispose()
    return letters


def parts(letter: EmailMessage) -> tuple[str, str]:
    """Return what a letter says as plain text, and as HTML."""
    text, html = (str(part.get_content()).replace("\r\n", "\n") for part in letter.iter_parts())
    return text, html


def soup(letter: EmailMessage) -> BeautifulSoup:
    """Return its HTML, taken apart."""
    return BeautifulSoup(parts(letter)[1], "html.parser")
