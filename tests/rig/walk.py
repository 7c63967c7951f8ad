"""The two walks without pages: a shop in process, the sandbox as the gateway, a clock in hand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from sqlalchemy import select

from jibit_client.gateway import Gateway
from storefront.catalogue import files
from storefront.catalogue.models import Product
from storefront.core.database import db, end_reading, transaction
from storefront.core.states import OrderState, PaymentState
from storefront.notifications.outbox import Kind, Notice
from storefront.orders import cancellation, checkout, history
from storefront.orders.checkout import Basket
from storefront.orders.history import JournalEntry
from storefront.orders.models import Order, Shopper
from storefront.payments import completion, recovery
from storefront.payments import models as payments
from storefront.payments.models import Payment
from storefront.payments.services import Till

SHOPPER = Shopper(
    full_name="مریم حسینی",
    mobile="09121234567",
    address="تهران، خیابان ولیعصر، پلاک ۱۲",
    postal_code="1591634311",
)
PIECES = {1: 2, 2: 1}
_keys = itertools.count(1)


def basket_of(till: Till, pieces: dict[int, int], shopper: Shopper, key: str) -> Basket:
    """What is ordered at the prices of this moment."""
    basket = Basket(pieces, shopper, key, checkout.priced(till.terms, pieces).total_rials)
    end_reading()
    return basket


def order_that_waits(till: Till, pieces: dict[int, int], shopper: Shopper, key: str) -> Order:
    """An order that nobody has begun to pay."""
    basket = basket_of(till, pieces, shopper, key)
    with transaction():
        return checkout.place(till, basket, till.clock())


class Walk:
    """One shopper and one worker in one shop. Every method is a step of a payment's two walks.

    ``gateway`` is where the shopper pays unless told otherwise: the shop's first if not named.
    """

    def __init__(self, app: Flask, gateway: str | None = None) -> None:
        self.app = app
        self.till: Till = app.extensions["till"]
        self.gateway = gateway or next(iter(self.till.gateways))
        with app.app_context():
            files.seed()

    def set_terms(self, **changed: Any) -> None:
        """Give the shop other terms, as other settings would."""
        terms = replace(self.till.terms, **changed)
        self.till = self.app.extensions["till"] = replace(self.till, terms=terms)

    def set_gateway(self, gateway: Gateway) -> None:
        """Put another gateway where the walk's own was."""
        gateways = {**self.till.gateways, self.gateway: gateway}
        self.till = self.app.extensions["till"] = replace(self.till, gateways=gateways)

    @contextmanager
    def at_the_till(self) -> Iterator[Till]:
        """Work inside the application, as a request or a job does."""
        with self.app.app_context():
            yield self.till

    def place(self, pieces: dict[int, int] = PIECES) -> int:
        """Put goods into a cart and order them. Gives the order's id."""
        with self.at_the_till() as till:
            return order_that_waits(till, pieces, SHOPPER, f"key-{next(_keys)}").id

    def check_out(self, key: str, pieces: dict[int, int] = PIECES) -> Payment:
        """Order and go to pay in one step, as the form does; raises what it makes it raise."""
        with self.at_the_till() as till:
            basket = basket_of(till, pieces, SHOPPER, key)
            return checkout.check_out(till, basket, self.gateway, language="en")

    def begin(self, order_id: int, gateway: str | None = None) -> Payment:
        """Open a payment at this gateway or the usual one; raises what it makes it raise."""
        with self.at_the_till() as till:
            order = db.session.get_one(Order, order_id)
            end_reading()
            return checkout.begin_payment(till, order, gateway or self.gateway, language="en")

    def send_shopper(self) -> tuple[int, str]:
        """Place and begin. Gives the order's id and the switching URL."""
        order_id = self.place()
        return order_id, str(self.begin(order_id).switching_url)

    def come_back(self, callback_url: str) -> Order | None:
        """Open the callback's address as the shopper's browser would."""
        parts = urlsplit(callback_url)
        reference = parts.path.split("/")[2]
        with self.at_the_till() as till:
            said = dict(parse_qsl(parts.query))
            return completion.receive_callback(till, reference, said, language="en")

    def cancel(self, order_id: int) -> None:
        """Give the order up, as its shopper does."""
        with self.at_the_till() as till:
            cancellation.cancel_order(till, order_id, language="en")

    def worker_passes(self) -> recovery.Tally:
        """One pass of the worker over lost callbacks, then over stale orders."""
        with self.at_the_till() as till:
            asked = recovery.run_once(till)
            return {**asked, **recovery.expire_once(till)}

    def orders(self) -> list[int]:
        """The ids of all orders."""
        with self.at_the_till():
            return list(db.session.scalars(select(Order.id).order_by(Order.id)))

    def number(self, order_id: int) -> str:
        """What people call the order."""
        with self.at_the_till():
            return db.session.get_one(Order, order_id).number

    def token(self, order_id: int) -> str:
        """What opens the order's page."""
        with self.at_the_till():
            return db.session.get_one(Order, order_id).token

    def order_state(self, order_id: int) -> OrderState:
        """How the order stands in the database now."""
        with self.at_the_till():
            return db.session.get_one(Order, order_id).state

    def states(self, order_id: int) -> list[PaymentState]:
        """How its payments stand, oldest first."""
        return [payment.state for payment in self.payments(order_id)]

    def payments(self, order_id: int) -> list[Payment]:
        """Its payments, oldest first."""
        with self.at_the_till():
            return list(payments.of_order(order_id))

    def stock(self, product_id: int = 1) -> tuple[int, int]:
        """Pieces (reserved, sold) of a product."""
        with self.at_the_till():
            product = db.session.get_one(Product, product_id)
            return product.stock_reserved, product.stock_sold

    def news(self, order_id: int) -> list[Kind]:
        """What is told outside about it, in the order in which it came about."""
        with self.at_the_till():
            query = select(Notice.kind).join(Payment).where(Payment.order_id == order_id)
            return list(db.session.scalars(query.order_by(Notice.id)))

    def journal(self, order_id: int) -> list[str]:
        """The events of an order, as they were written."""
        return [entry.event for entry in self.journal_entries(order_id)]

    def journal_entries(self, order_id: int) -> list[JournalEntry]:
        """The same with everything that they say."""
        with self.at_the_till():
            return list(history.of_order(order_id))
