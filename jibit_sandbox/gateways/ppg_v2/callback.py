"""PPG's callback: where the payer's browser is sent, and what it says on the way.

Source: PPG v2.4, "Callback Merchant".
"""

from __future__ import annotations

from jibit_sandbox.bank.orders import State
from jibit_sandbox.core.models import Order
from jibit_sandbox.gateways.callback_urls import with_claims

PAID, FAILED = "SUCCESSFUL", "FAILED"


def callback_url(
    order: Order,
    *,
    state: str | None = None,
    amount: str | None = None,
    identifier: str | None = None,
) -> str:
    """The merchant's URL, its query kept, with ``amount`` in Rials, ``refnum`` and ``state``.

    What is given is said instead of the truth.
    """
    truth = PAID if order.state in (State.PAID, State.CAPTURED) else FAILED
    claims = {
        "amount": amount or str(order.amount_rials),
        "refnum": identifier or order.identifier,
        "state": state or truth,
    }
    return with_claims(order.callback_url, claims)
