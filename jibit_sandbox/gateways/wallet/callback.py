"""The wallet's callback URL and its query.

The document does not describe it; public clients read ``orderId`` and ``status``.
"""

from __future__ import annotations

from jibit_sandbox.core.callback import Callback
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import Order
from jibit_sandbox.gateways.callback_urls import with_query
from jibit_sandbox.gateways.wallet.responses import status_of

STATUS_OF_PPG_STATUS = {  # behaviours name a status in PPG's terms
    "SUCCESSFUL": "PURCHASE_BY_USER",
    "SUCCESS": "PURCHASE_CONFIRM_BY_MERCHANT",
    "FAILED": "CANCEL_BY_USER",
    "EXPIRED": "CANCEL_BY_SYSTEM",
    "IN_PROGRESS": "PGENTRY",
}


def callback(
    _: Work,
    order: Order,
    *,
    state: str | None = None,
    amount: str | None = None,  # noqa: ARG001 - this callback has no amount
    identifier: str | None = None,
) -> Callback:
    """Return the merchant's URL with ``orderId`` and ``status``.

    Given values replace the true ones.
    """
    said = STATUS_OF_PPG_STATUS.get(state, state) if state else status_of(order)
    claims = {"orderId": identifier or order.identifier, "status": said}
    return Callback(with_query(order.callback_url, claims))
