"""The two walks without pages: a shop in process, the sandbox as the gateway, a clock in hand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from sqlalchemy import select

from jibit_sandbox.core.callback import Callback
from jibit_sandbox.testing import SandboxWorld
from payment_engine import Hooks, Refund, recovery, refunding
from payment_engine import Payment as EnginePayment
from payment_engine.gateway import Gateway
from payment_engine.row_queue import Tally
from payment_engine.states import PaymentState
from storefront.catalogue import files
from storefront.catalogue.models import Product
from storefront.core.database import db, end_reading, transaction
from storefront.core.services import Services
from storefront.notifications.outbox import Channel, Kind, OutboxMessage
from storefront.orders import cancellation, checkout, expiry, history, payments
from storefront.orders import models as orders
from storefront.orders.checkout import CheckoutRequest
from storefront.orders.history import HistoryEntry
from storefront.orders.models import Customer, Order
from storefront.orders.payments import Payment
from storefront.orders.states import OrderState
from storefront.payments.hooks import ShopHooks

SHOPPER = Customer(
    full_name="مریم حسینی",
    mobile="09121234567",
    address="خیابان ولیعصر، پلاک ۱۲",
    postal_code="1591634311",
    province="tehran",
    city="تهران",
)
PIECES = {1: 2, 2: 1}
_keys = itertools.count(1)


def checkout_request(
    services: Services, pieces: dict[int, int], customer: Customer, key: str
) -> CheckoutRequest:
    """What is ordered at the prices of this moment."""
    request = CheckoutRequest(
        pieces, customer, key, checkout.priced(services.prices, pieces).total_rials
    )
    end_reading()
    return request


def unpaid_order(services: Services, pieces: dict[int, int], customer: Customer, key: str) -> Order:
    """An order that nobody has begun to pay."""
    request = checkout_request(services, pieces, customer, key)
    with transaction():
        return checkout.place(services, request, services.clock())


def expire(services: Services) -> Tally:
    """What the worker's job of this name does: look up lost creates, then expire orders."""
    looked_up = recovery.look_up_due(services.engine.services)
    return {**looked_up, **expiry.expire_once(services)}


class ScenarioDriver:
    """One shopper and one worker in one shop. Every method is a step of a payment's two walks.

    ``gateway`` is where the shopper pays unless told otherwise: the shop's first if not named.
    """

    def __init__(self, app: Flask, gateway: str | None = None) -> None:
        self.app = app
        self.services: Services = app.extensions["services"]
        self.gateway = gateway or next(iter(self.services.engine.gateways))
        with app.app_context():
            files.seed()

    def set_policy(self, **changed: Any) -> None:
        """Give the shop another policy, as other settings would."""
        policy = replace(self.services.engine.services.policy, **changed)
        self._set(policy=policy)

    def set_channels(self, channels: Sequence[Channel]) -> None:
        """Send notifications on these channels."""
        hooks = self.services.engine.services.hooks
        assert isinstance(hooks, ShopHooks)
        hooks.channels = channels

    def set_gateway(self, gateway: Gateway) -> None:
        """Put another gateway where the driver's own was."""
        self._set(gateways={**self.services.engine.gateways, self.gateway: gateway})

    def set_hooks(self, hooks: Hooks) -> None:
        """Let the engine call these hooks."""
        self._set(hooks=hooks)

    def add_gateway(self, name: str, gateway: Gateway) -> None:
        """Offer one more gateway."""
        engine = self.services.engine.services
        bulkheads = {**engine.bulkheads, name: engine.bulkheads[self.gateway]}
        self._set(gateways={**engine.gateways, name: gateway}, bulkheads=bulkheads)

    def turn_gateways_off(self) -> None:
        """Leave the shop without any gateway."""
        self._set(gateways={})

    def _set(self, **changed: Any) -> None:
        engine = self.services.engine
        engine.services = replace(engine.services, **changed)

    @contextmanager
    def in_the_shop(self) -> Iterator[Services]:
        """Work inside the application, as a request or a job does."""
        with self.app.app_context():
            yield self.services

    def place(self, pieces: dict[int, int] = PIECES) -> int:
        """Put products into a cart and order them. Return the order's id."""
        with self.in_the_shop() as services:
            return unpaid_order(services, pieces, SHOPPER, f"key-{next(_keys)}").id

    def check_out(self, key: str, pieces: dict[int, int] = PIECES) -> EnginePayment:
        """Order and go to pay in one step, as the form does; raises what it makes it raise."""
        with self.in_the_shop() as services:
            request = checkout_request(services, pieces, SHOPPER, key)
            return checkout.check_out(services, request, self.gateway, language="en")

    def begin(self, order_id: int, gateway: str | None = None) -> EnginePayment:
        """Open a payment at this gateway or the usual one; raises what it makes it raise."""
        with self.in_the_shop() as services:
            order = db.session.get_one(Order, order_id)
            end_reading()
            return checkout.begin_payment(services, order, gateway or self.gateway, language="en")

    def send_shopper(self) -> tuple[int, str]:
        """Place and begin. Gives the order's id and the switching URL."""
        order_id = self.place()
        return order_id, str(self.begin(order_id).redirect_url)

    def come_back(self, callback: Callback | str) -> Order | None:
        """Open the callback's address, or post its form, as the shopper's browser would."""
        callback = Callback(callback) if isinstance(callback, str) else callback
        parts = urlsplit(callback.url)
        reference = parts.path.split("/")[2]
        with self.in_the_shop() as services:
            said = dict(parse_qsl(parts.query)) | dict(callback.form or {})
            returned = services.engine.handle_callback(reference, said, language="en")
            known = returned.knows_payment
            return orders.by_number(returned.payment.order_key) if known else None

    def cancel(self, order_id: int, by: str | None = None) -> None:
        """Give the order up, as its shopper does, or this person of the shop."""
        with self.in_the_shop() as services:
            order = db.session.get_one(Order, order_id)
            cancellation.cancel_order(services, order, language="en", by=by)

    def worker_passes(self) -> Tally:
        """One pass of the worker over lost callbacks and refunds, then over stale orders."""
        with self.in_the_shop() as services:
            asked = recovery.ask_due(services.engine.services)
            refunds = refunding.advance_due(services.engine.services)
            return {**asked, **refunds, **expire(services)}

    def refunds(self, order_id: int) -> list[Refund]:
        """Its refunds, oldest first."""
        with self.in_the_shop() as services:
            return list(services.engine.refunds_of(self._order(order_id).number))

    def orders(self) -> list[int]:
        """The ids of all orders."""
        with self.in_the_shop():
            return list(db.session.scalars(select(Order.id).order_by(Order.id)))

    def number(self, order_id: int) -> str:
        """What people call the order."""
        with self.in_the_shop():
            return db.session.get_one(Order, order_id).number

    def token(self, order_id: int) -> str:
        """What opens the order's page."""
        with self.in_the_shop():
            return db.session.get_one(Order, order_id).token

    def _order(self, order_id: int) -> Order:
        return db.session.get_one(Order, order_id)

    def order_state(self, order_id: int) -> OrderState:
        """How the order stands in the database now."""
        with self.in_the_shop():
            return db.session.get_one(Order, order_id).state

    def states(self, order_id: int) -> list[PaymentState]:
        """How its payments stand, oldest first."""
        return [payment.state for payment in self.payments(order_id)]

    def payments(self, order_id: int) -> list[Payment]:
        """Its payments, oldest first."""
        with self.in_the_shop():
            return list(payments.of_order(self._order(order_id)))

    def stock(self, product_id: int = 1) -> tuple[int, int]:
        """Pieces (reserved, sold) of a product."""
        with self.in_the_shop():
            product = db.session.get_one(Product, product_id)
            return product.stock_reserved, product.stock_sold

    def notifications(self, order_id: int) -> list[Kind]:
        """Return the kinds of its notifications, oldest first."""
        with self.in_the_shop():
            query = select(OutboxMessage.kind).join(Payment)
            query = query.where(Payment.order_key == self._order(order_id).number)
            return list(db.session.scalars(query.order_by(OutboxMessage.id)))

    def history(self, order_id: int) -> list[str]:
        """The events of an order, as they were written."""
        return [entry.event for entry in self.history_entries(order_id)]

    def history_entries(self, order_id: int) -> list[HistoryEntry]:
        """The same with everything that they say."""
        with self.in_the_shop():
            return list(history.of_order(self._order(order_id)))


def check_that_one_is_paid(driver: ScenarioDriver, world: SandboxWorld) -> None:
    """One order, paid; one capture, for the same payment and the same money; stock conserved."""
    (order_id,) = driver.orders()
    assert driver.order_state(order_id) is OrderState.PAID
    assert driver.stock() == (0, 2)
    paid = [each for each in driver.payments(order_id) if each.state is PaymentState.PAID]
    captured = [order for order in world.orders() if order["state"] == "captured"]
    assert [(each.gateway_payment_id, each.amount_rials) for each in paid] == [
        (order["identifier"], order["amount_rials"]) for order in captured
    ]
