"""A shop that tells its shoppers by SMS alone, in front of whom one chooses."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from storefront.core.clock import Clock
from storefront.core.database import db, transaction
from storefront.notifications.channels import channels
from storefront.notifications.outbox import Channel
from storefront.orders.models import Order
from storefront.worker import jobs
from testkit.scenario import SHOPPER, ScenarioDriver, unpaid_order

PUBLIC_URL = "https://shop.eyvan-handmade.example"
_GSM = re.compile(r"[A-Za-z0-9 \n@!\"#%&'()*+,./:;<=>?_-]*")  # as far as our texts use it


def texting_shop(app: Flask, clock: Clock, gateway: str | None = None, **named: object) -> Texting:
    """Let a shop send text messages by these settings, and nothing else."""
    app.config.update(PUBLIC_URL=PUBLIC_URL, **named)
    app.extensions["channels"] = channels(app, clock)
    return Texting(app, gateway)


class Texting(ScenarioDriver):
    """Orders, pays or declines for some number; its worker sends text messages."""

    def __init__(self, app: Flask, gateway: str | None) -> None:
        super().__init__(app, gateway)
        self.set_channels((Channel.SMS,))

    def order_for(self, mobile: str = SHOPPER.mobile, language: str = "fa") -> int:
        """Place an order with this number."""
        with self.in_the_shop() as services:
            shopper = replace(SHOPPER, mobile=mobile, language=language)
            return unpaid_order(services, {1: 1}, shopper, f"key-{len(self.orders())}").id

    def pay_for(self, sandbox: SandboxWorld, order_id: int, action: str = "pay") -> int:
        """Go to the bank with it, press a button and come back."""
        url = str(self.begin(order_id).redirect_url)
        self.come_back(sandbox.callback(url, action))
        return order_id

    def sends(self) -> dict[str, int]:
        """Let the worker send what is due; what it counts."""
        return jobs.run_job(self.app, "send_sms")

    def correct(self, order_id: int, **changed: object) -> None:
        """Write other values into an order, as nobody could type them."""
        with self.in_the_shop(), transaction():
            order = db.session.get_one(Order, order_id)
            for name, value in changed.items():
                setattr(order, name, value)


def parts_of(text: str) -> int:
    """Return in how many messages a telephone gets a text, and the merchant pays for it."""
    alone, each = (160, 153) if _GSM.fullmatch(text) else (70, 67)
    length = len(text.encode("utf-16-be")) // 2 if alone == 70 else len(text)
    return 1 if length <= alone else -(-length // each)
