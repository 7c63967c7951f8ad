"""A third gateway in less than 50 lines, and the whole shop works with it."""

# ruff: noqa: ARG002 - what the protocol asks of every gateway, this one does not always need

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from jibit_sandbox.testing import SandboxWorld
from payment_engine.gateway import (
    Callback,
    Gateway,
    Inquiry,
    InquiryStatus,
    OpenedPayment,
    PaymentRequest,
    Verification,
    VerificationStatus,
)
from payment_engine.gateways.jibit_ppg import JibitPpg
from payment_engine.states import PaymentState
from storefront import create_app
from storefront.core.clock import Clock
from storefront.core.database import db
from storefront.core.tables import TABLES
from storefront.orders.states import OrderState
from testkit.cases import naming
from testkit.clock import MovingClock
from testkit.processes import ROOT
from testkit.scenario import ScenarioDriver
from testkit.settings import quiet_settings
from testkit.shopper import Shopper

HOST = "shells.example"
LIMIT = 50  # lines


class ShellGateway(Gateway):
    """People pay it in cowrie shells; its book is a dictionary."""

    name = "shells"
    titles: Mapping[str, str] = {"fa": "صدف", "en": "Cowrie shells"}

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.orders: dict[str, Inquiry] = {}
        self._callback_urls: dict[str, str] = {}

    def open(self, request: PaymentRequest) -> OpenedPayment:
        number, reference = f"shell-{len(self.orders) + 1}", request.reference
        status, expires_at = InquiryStatus.UNPAID, self._clock() + self.closes_after
        self.orders[number] = Inquiry(
            number, reference, request.amount_rials, "RIALS", status, status, expires_at
        )
        self._callback_urls[number] = request.callback_url
        return OpenedPayment(number, reference, f"https://{HOST}/pay/{number}")

    def pay(self, switching_url: str) -> str:
        """What the shopper does on its page; gives the address that leads back to the shop."""
        number = switching_url.rpartition("/")[2]
        self._becomes(number, InquiryStatus.AWAITING_VERIFICATION)
        return f"{self._callback_urls[number]}?shell={number}"

    def inquire(self, gateway_payment_id: str, *, language: str = "fa") -> Inquiry:
        order = self.orders[gateway_payment_id]
        captured = order.status is InquiryStatus.CAPTURED
        if not captured and order.expires_at and self._clock() >= order.expires_at:
            self._becomes(gateway_payment_id, InquiryStatus.EXPIRED)
        return self.orders[gateway_payment_id]

    def verify(self, gateway_payment_id: str, *, language: str = "fa") -> Verification:
        if self.inquire(gateway_payment_id).status is not InquiryStatus.AWAITING_VERIFICATION:
            return Verification(VerificationStatus.FAILED, "no shells here")
        self._becomes(gateway_payment_id, InquiryStatus.CAPTURED)
        return Verification(VerificationStatus.SUCCESSFUL, "yours", tracking_number="cowrie-77")

    def _becomes(self, number: str, status: InquiryStatus) -> None:
        self.orders[number] = replace(self.orders[number], status=status, said=status)

    def read_callback(self, parameters: Mapping[str, str]) -> Callback:
        return Callback(parameters.get("shell"), said=None, amount_rials=None)


@pytest.fixture
def shells(clock: MovingClock) -> ShellGateway:
    return ShellGateway(clock.now)


@pytest.fixture
def app(
    stocked_database_url: str, sandbox: SandboxWorld, shells: ShellGateway, clock: MovingClock
) -> Iterator[Flask]:
    """A shop that takes cards, and shells."""
    settings = quiet_settings(
        DATABASE_URL=stocked_database_url,
        PPG_BASE_URL=sandbox.ppg_base_url,
        PPG_API_KEY=sandbox.api_key,
        PPG_SECRET_KEY=sandbox.secret_key,
        PSP_HOSTS=HOST,
    )
    app = create_app(settings, clock=clock.now, gateways=[shells])
    yield app
    with app.app_context():
        db.engine.dispose()


def test_it_is_written_in_less_than_fifty_lines() -> None:
    assert len(inspect.getsource(ShellGateway).splitlines()) < LIMIT


def test_who_pays_in_shells_reads_a_receipt_that_says_so(
    shopper: Shopper, shells: ShellGateway
) -> None:
    shopper.put_in_cart()
    assert "Cowrie shells" in shopper.open("/checkout").text
    receipt = shopper.open(shells.pay(shopper.check_out(gateway="shells")))
    assert receipt.heading == "Paid. Thank you!"
    assert "Cowrie shells" in receipt.text
    assert "cowrie-77" in receipt.text
    assert [order.status for order in shells.orders.values()] == [InquiryStatus.CAPTURED]


def test_a_callback_that_claims_shells_which_are_not_there_pays_nothing(app: Flask) -> None:
    driver = ScenarioDriver(app, "shells")
    order_id, _ = driver.send_shopper()
    (payment,) = driver.payments(order_id)
    driver.come_back(f"/payments/{payment.reference}/callback?shell=shell-1")
    assert driver.states(order_id) == [PaymentState.AWAITING_PAYER]


def test_the_worker_finds_shells_whose_callback_was_lost(
    app: Flask, shells: ShellGateway, clock: MovingClock
) -> None:
    driver = ScenarioDriver(app, "shells")
    order_id, switching_url = driver.send_shopper()
    shells.pay(switching_url)
    clock.advance(61)
    assert driver.worker_passes() == {"paid": 1}
    assert driver.order_state(order_id) is OrderState.PAID
    assert driver.payments(order_id)[0].tracking_number == "cowrie-77"


def test_an_order_that_nobody_pays_in_shells_expires(app: Flask, clock: MovingClock) -> None:
    driver = ScenarioDriver(app, "shells")
    order_id, _ = driver.send_shopper()
    clock.advance(901)
    assert driver.worker_passes() == {"expired": 1, "orders_expired": 1}
    assert driver.states(order_id) == [PaymentState.EXPIRED]


def test_reconciliation_asks_about_shells_one_by_one(app: Flask, shells: ShellGateway) -> None:
    driver = ScenarioDriver(app, "shells")
    order_id, switching_url = driver.send_shopper()
    driver.come_back(shells.pay(switching_url))
    assert app.test_cli_runner().invoke(args=["reconciliation", "run"]).exit_code == 0
    (number,) = shells.orders
    shells.orders[number] = replace(shells.orders[number], amount_rials=1)
    result = app.test_cli_runner().invoke(args=["reconciliation", "run"])
    assert result.exit_code == 1
    assert "amount_differs" in result.output
    assert driver.number(order_id) in result.output


@pytest.mark.parametrize("length", [8, 40, 64])
def test_a_third_gateway_stores_its_tokens_however_long_its_name_is(
    stocked_database_url: str, sandbox: SandboxWorld, clock: MovingClock, length: int
) -> None:
    third = JibitPpg(
        name="g" * length,
        base_url=sandbox.ppg_base_url,
        api_key=sandbox.api_key,
        secret_key=sandbox.secret_key,
    )
    settings = quiet_settings(
        DATABASE_URL=stocked_database_url, PSP_HOSTS=urlsplit(sandbox.base_url).netloc
    )
    app = create_app(settings, clock=clock.now, gateways=[third])
    driver = ScenarioDriver(app, third.name)
    order_id, switching_url = driver.send_shopper()
    driver.come_back(sandbox.pay(switching_url))
    assert driver.order_state(order_id) is OrderState.PAID
    with driver.in_the_shop():
        stored = db.session.execute(select(TABLES.tokens)).mappings().all()
    assert [row["account"].startswith(f"{third.name}-") for row in stored] == [True]
    assert stored[0]["access_token"]
    with app.app_context():
        db.engine.dispose()


WIRE_FIELDS = r"refnum|[a-z]+Number\b|[a-z]+Identifier\b|[a-z]+Date\b"
ENGINE = [*(ROOT / "storefront" / "payments").glob("*.py"), *(ROOT / "payment_engine").glob("*.py")]


def test_the_engine_names_no_gateway_and_no_field_of_its_wire() -> None:
    for module in ENGINE:
        with naming(module.name):
            source = module.read_text(encoding="utf-8")
            assert re.findall(r"ppg|wallet", source, re.IGNORECASE) == []
            assert re.findall(WIRE_FIELDS, source) == []
