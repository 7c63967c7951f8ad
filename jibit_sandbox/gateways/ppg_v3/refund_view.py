"""A purchase's refund as the calls about refunds and the inquiry show it.

Mind the document's spellings: ``refundId`` beside ``transferID``, ``batchID`` and ``notifyURL``.
"""

from __future__ import annotations

from datetime import datetime

from jibit_sandbox.bank.transfers import refunded_amount, state_of
from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.context import Fields
from jibit_sandbox.core.models import Transfer


def transfer_id(transfer: Transfer) -> str:
    return f"{transfer.order_identifier}-{transfer.number}"


def batch_id(transfer: Transfer) -> str:
    return f"REFUND-{transfer_id(transfer)}"


def refund_view(transfers: list[Transfer], now: datetime) -> Fields:
    """Return all transfers of a purchase's refund, the oldest first."""
    return {
        "batchID": batch_id(transfers[0]),
        "refundedAmount": refunded_amount(transfers, now),
        "transfers": [transfer_view(transfer, now) for transfer in transfers],
    }


def transfer_view(transfer: Transfer, now: datetime) -> Fields:
    said = {
        "refundId": int(transfer.order_identifier),
        "partialRefundIndex": transfer.number,
        "transferID": transfer_id(transfer),
        "batchID": batch_id(transfer),
        "transferMode": "NORMAL",
        "amount": transfer.amount,
        "currency": "IRR",
        "cancellable": transfer.cancellable,
        "state": str(state_of(transfer, now)),
        "failReason": transfer.fail_reason,
        "feeCurrency": "IRR",
        "feeAmount": 0,
        "createdAt": as_text(transfer.created_at),
        "modifiedAt": as_text(transfer.modified_at),
    }
    return {name: value for name, value in said.items() if value is not None}
