"""Refunds of PPG v3 as bank transfers, whose states follow from the world's clock.

    initialized ► fee computed ► core submitted ► destination identified ► in progress ► transferred

A transfer is under way from ``begins_at`` on. A cancellable one begins an hour after it was asked
for; until then it is on hold. One that is halted stays so until somebody verifies, retries or
cancels it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from jibit_sandbox.core.models import Transfer

HOLD = timedelta(hours=1)  # a cancellable transfer can be cancelled for so long
CANCELLING = timedelta(seconds=10)


class TransferState(StrEnum):
    INITIALIZED = "INITIALIZED"
    FEE_COMPUTED = "FEE_COMPUTED"
    CORE_SUBMITTED = "CORE_SUBMITTED"
    DESTINATION_IDENTIFIED = "DESTINATION_IDENTIFIED"
    IN_PROGRESS = "IN_PROGRESS"
    RETRYING = "RETRYING"
    ON_HOLD = "ON_HOLD"
    ON_HOLD_BALANCES_NOT_ENOUGH = "ON_HOLD_BALANCES_NOT_ENOUGH"
    ON_HOLD_WAIT_FOR_MANUAL_SUBMISSION = "ON_HOLD_WAIT_FOR_MANUAL_SUBMISSION"
    ON_HOLD_WAIT_FOR_VERIFY = "ON_HOLD_WAIT_FOR_VERIFY"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    TRANSFERRED = "TRANSFERRED"
    FAILED = "FAILED"
    MANUALLY_FAILED = "MANUALLY_FAILED"


PROGRESS = (  # from how many seconds after its begin a transfer is in which state
    (0, TransferState.INITIALIZED),
    (5, TransferState.FEE_COMPUTED),
    (10, TransferState.CORE_SUBMITTED),
    (15, TransferState.DESTINATION_IDENTIFIED),
    (20, TransferState.IN_PROGRESS),
    (3600, TransferState.TRANSFERRED),
)
NOT_PAID = {  # the amount can be refunded again
    TransferState.CANCELLING,
    TransferState.CANCELLED,
    TransferState.FAILED,
    TransferState.MANUALLY_FAILED,
}
HALTED = {  # where the control API can halt a transfer
    TransferState.ON_HOLD_BALANCES_NOT_ENOUGH,
    TransferState.ON_HOLD_WAIT_FOR_MANUAL_SUBMISSION,
    TransferState.ON_HOLD_WAIT_FOR_VERIFY,
    TransferState.FAILED,
    TransferState.MANUALLY_FAILED,
}
RETRIABLE = {TransferState.FAILED, TransferState.ON_HOLD_BALANCES_NOT_ENOUGH}


def state_of(transfer: Transfer, now: datetime) -> TransferState:
    """Return the transfer's state at this moment of the world's clock."""
    if transfer.cancelled_at is not None:
        is_new = now < transfer.cancelled_at + CANCELLING
        return TransferState.CANCELLING if is_new else TransferState.CANCELLED
    if transfer.halted is not None:
        return TransferState(transfer.halted)
    if now < transfer.begins_at:
        return TransferState.ON_HOLD
    age = (now - transfer.begins_at).total_seconds()
    reached = [state for seconds, state in PROGRESS if age >= seconds]
    is_retrying = transfer.retried and reached[-1] == TransferState.INITIALIZED
    return TransferState.RETRYING if is_retrying else reached[-1]


def is_identified(state: TransferState) -> bool:
    """Return whether the bank knows by now whose account gets the money."""
    reached = [each for _, each in PROGRESS]
    identified = reached[reached.index(TransferState.DESTINATION_IDENTIFIED) :]
    return state in identified


def transfers_of(session: Session, identifier: str) -> list[Transfer]:
    """Return the transfers of a purchase, the oldest first."""
    mine = select(Transfer).where(Transfer.order_identifier == identifier)
    return list(session.scalars(mine.order_by(Transfer.number)))


def refunded_amount(transfers: Iterable[Transfer], now: datetime) -> int:
    """Return the Rials that were or will be returned to the payer."""
    return sum(each.amount for each in transfers if state_of(each, now) not in NOT_PAID)


def begin(transfer: Transfer, at: datetime, now: datetime) -> None:
    """Let a transfer that waited begin at that moment."""
    transfer.halted = transfer.fail_reason = None
    transfer.begins_at, transfer.modified_at = at, now


def cancel(transfer: Transfer, now: datetime) -> None:
    """Stop a transfer that waits."""
    transfer.cancelled_at = transfer.modified_at = now


def halt(transfer: Transfer, state: TransferState, reason: str | None, now: datetime) -> None:
    """Keep a transfer in a state of HALTED until somebody acts."""
    transfer.halted, transfer.fail_reason, transfer.modified_at = str(state), reason, now
