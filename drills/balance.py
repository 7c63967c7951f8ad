"""Counts, over whole ledgers, what must never happen to money: the last lines of the drill."""

from __future__ import annotations

import os
from collections import Counter

from sqlalchemy import create_engine

from drills import comparison as payments
from drills import refund_comparison as refunds
from drills.ledgers import Ledgers, read_ledgers, their_ledger
from testkit.live import LiveShop

PROMISES = {
    "lost": payments.LOST,
    "unpaid": payments.UNPAID,
    "double": payments.DOUBLE,
    "refunded twice": refunds.TWICE,
    "refunds lost": refunds.LOST,
    "not returned": refunds.NOT_BACK,
    "refunded here alone": refunds.NOT_THERE,
}


def balance(shop: LiveShop) -> Counter[str]:
    """Return how often each promise is broken in the ledgers of this shop and its gateways."""
    broken = payments.money_compared(_ledgers_of(shop))
    return Counter({what: len(broken[name]) for what, name in PROMISES.items()})


def _ledgers_of(shop: LiveShop) -> Ledgers:
    engine = create_engine(shop.database_url)
    try:
        environment = {**os.environ, **shop.environment}
        return read_ledgers(engine, environment, their_ledger(shop.sandbox))
    finally:
        engine.dispose()
