"""A purchase's refund as the calls about refunds and the inquiry show it.

Mind the document's spellings: ``refundId`` beside ``transferID``, ``batchID`` and ``notifyURL``.
"""

from __future__ import annotations

from jibit_sandbox.bank.transfers import TransferState, is_identified, refunded_amount, state_of
from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.context import Fields, Work
from jibit_sandbox.core.models import Transfer
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways.ppg_v3.shapes import without_empty

PAYER: Fields = {  # who gets the transfers, as soon as the bank has found out
    "destination": "IR580540105180021273113007",
    "destinationFirstName": "مشتری",
    "destinationLastName": "آزمایشی",
}


def transfer_id(transfer: Transfer) -> str:
    return f"{transfer.order_identifier}-{transfer.number}"


def batch_id(transfer: Transfer) -> str:
    return f"REFUND-{transfer_id(transfer)}"


def refund_view(work: Work, transfers: list[Transfer]) -> Fields:
    """Return all transfers of a purchase's refund, the oldest first."""
    return {
        "batchID": batch_id(transfers[0]),
        "refundedAmount": refunded_amount(transfers, work.now),
        "transfers": [transfer_view(work, transfer) for transfer in transfers],
    }


def transfer_view(work: Work, transfer: Transfer) -> Fields:
    state = state_of(transfer, work.now)
    said = {
        "refundId": int(transfer.order_identifier),
        "partialRefundIndex": transfer.number,
        "transferID": transfer_id(transfer),
        "batchID": batch_id(transfer),
        "transferMode": "NORMAL",
        **(PAYER if is_identified(state) else dict.fromkeys(PAYER)),
        "amount": transfer.amount,
        "currency": "IRR",
        "description": None,
        "metadata": None,
        "notifyURL": None,
        "paymentID": None,
        "bankTransferID": bank_transfer_id(transfer, state),
        "cancellable": transfer.cancellable,
        "state": str(state),
        "failReason": transfer.fail_reason,
        "feeCurrency": "IRR",
        "feeAmount": 0,
        "createdAt": as_text(transfer.created_at),
        "modifiedAt": as_text(transfer.modified_at),
    }
    return without_empty(said, switches_of(work.world))


def bank_transfer_id(transfer: Transfer, state: TransferState) -> str | None:
    """Return the bank's number of a transfer that is done."""
    is_done = state == TransferState.TRANSFERRED
    return f"{transfer.order_identifier}{transfer.number:02}" if is_done else None
