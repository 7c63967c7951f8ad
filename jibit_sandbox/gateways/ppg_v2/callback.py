"""PPG's callback URL and its query.

Source: PPG v2.4, "Callback Merchant".
"""

from __future__ import annotations

from jibit_sandbox.bank.orders import State
from jibit_sandbox.core.callback import Callback
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import Order
from jibit_sandbox.gateways.callback_urls import with_query

PAID, FAILED = "SUCCESSFUL", "FAILED"


def callback(
    _: Work,
    order: Order,
    *,
    state: str | None = None,
    amount: str | None = None,
    identifier: str | None = None,
) -> Callback:
    """Return the merchant's URL with ``amount`` in Rials, ``refnum`` and ``state``.

    Given values replace the true ones.
    """
    truth = PAID if order.state in (State.PAID, State.CAPTURED) else FAILED
    claims = {
        "amount": amount or str(order.amount_rials),
        "refnum": identifier or order.identifier,
        "state": state or truth,
    }
    return Callback(with_query(order.callback_url, claims))
