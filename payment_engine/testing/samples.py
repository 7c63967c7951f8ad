"""Make payments and moments for the contracts."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from payment_engine.payment import Payment
from payment_engine.refund import Refund, RefundMethod
from payment_engine.states import PaymentState
from payment_engine.store import Store

NOW = datetime(2026, 11, 21, 12, 30, 15, 250_000, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
GATEWAY = "a-gateway-with-a-name-of-more-than-forty-characters"
PATIENCE = 10  #: seconds; only a deadlock takes so long

ResultT = TypeVar("ResultT")


def sample(**changed: Any) -> Payment:
    """Return a payment that waits for its payer, and is due, at NOW; ids are unique."""
    state = changed.get("state", PaymentState.AWAITING_PAYER)
    paid = state is PaymentState.PAID
    usual: dict[str, Any] = {
        "order_key": secrets.token_hex(8),
        "gateway": GATEWAY,
        "reference": secrets.token_hex(16),
        "gateway_payment_id": secrets.token_hex(8),
        "state": PaymentState.AWAITING_PAYER,
        "amount_rials": 200_000,
        "created_at": NOW - MINUTE,
        "expires_at": NOW + 14 * MINUTE,
        "closes_at": NOW + 19 * MINUTE,
        "next_check_at": NOW,
        "claimed": paid,
        "paid_at": NOW if paid else None,
    }
    return Payment(**{**usual, **changed})


def sample_refund(payment: Payment, **changed: Any) -> Refund:
    """Return a refund of a payment that is requested, and due, at NOW."""
    usual: dict[str, Any] = {
        "payment_id": payment.id,
        "order_key": payment.order_key,
        "gateway": payment.gateway,
        "amount_rials": 50_000,
        "method": RefundMethod.REFUND,
        "reason": "the cup was broken",
        "requested_by": "Sara",
        "requested_at": NOW - MINUTE,
        "next_check_at": NOW,
    }
    return Refund(**{**usual, **changed})


def stored(store: Store, **changed: Any) -> Payment:
    """Add a payment in a transaction of its own, and return it."""
    payment = sample(**changed)
    with store.transaction() as work:
        work.lock_group(payment.order_key)
        work.add(payment)
    return payment


def read(store: Store, payment: Payment) -> Payment:
    """Return a payment as it is stored now."""
    with store.reading() as work:
        return work.by_id(payment.id)


def at_once(threads: int, function: Callable[[], ResultT]) -> list[ResultT]:
    """Call a function on several threads at the same moment; return what each returned."""
    start = threading.Barrier(threads)

    def step(_number: int) -> ResultT:
        start.wait(PATIENCE)
        return function()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(step, range(threads)))


def names(value: object) -> str | None:
    """Return an id for a parameter of a test that says which fields are changed."""
    return ("+".join(value) or "as usual") if isinstance(value, dict) else None
