"""Operations on refunds: ask for one, verify, retry, cancel or start it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from jibit_sandbox.bank import transfers as bank
from jibit_sandbox.bank.orders import State
from jibit_sandbox.bank.transfers import (
    HOLD,
    RETRIABLE,
    TransferState,
    refunded_amount,
    state_of,
    transfers_of,
)
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import Purchase, Transfer
from jibit_sandbox.core.worlds import Switches, switches_of
from jibit_sandbox.gateways.ppg_v3.errors import Refusal
from jibit_sandbox.gateways.ppg_v3.refund_view import transfer_id
from jibit_sandbox.gateways.ppg_v3.states import SUCCESSFUL

TOO_LITTLE = "transfers.0.amount.not_enough_for_normal"
TOO_MUCH = "transfers.0.amount.exceeded_maximum_for_normal"
Action = Callable[[Work, Transfer], None]


def refund(work: Work, purchase: Purchase, amount: int | None, *, cancellable: bool) -> Transfer:
    """Order a transfer to the payer; without an amount, of all that is left."""
    switches = switches_of(work.world)
    if not switches.v3_refund:
        raise Refusal("refund.not_supported")
    by_hand = purchase.order.state == State.MANUALLY_CAPTURED
    refused = by_hand and switches.v3_manual_refund == "refused"
    if refused or purchase.order.state not in SUCCESSFUL:
        raise Refusal("purchase.invalid_state")
    earlier = transfers_of(work.session, purchase.identifier)
    left = purchase.order.amount_rials - refunded_amount(earlier, work.now)
    check_amount(left if amount is None else amount, left, switches)
    if switches.v3_refund_balance == "refused":
        raise Refusal("balances.not_enough")
    transfer = Transfer(
        order_identifier=purchase.identifier,
        number=len(earlier) + 1,
        amount=left if amount is None else amount,
        cancellable=cancellable,
        created_at=work.now,
        modified_at=work.now,
        begins_at=work.now + (HOLD if cancellable else timedelta()),
        halted=halted_by(switches),
    )
    work.session.add(transfer)
    work.session.flush()
    return transfer


def check_amount(amount: int, left: int, switches: Switches) -> None:
    if amount <= 0:
        raise Refusal(TOO_LITTLE)
    if amount > left:
        is_balance = switches.v3_refund_above_the_rest == "balances"
        raise Refusal("balances.not_enough" if is_balance else TOO_MUCH)


def halted_by(switches: Switches) -> TransferState | None:
    """Return what a new transfer waits for, besides the hour of a cancellable one."""
    if switches.v3_refund_verification:
        return TransferState.ON_HOLD_WAIT_FOR_VERIFY
    if switches.v3_refund_balance == "on_hold":
        return TransferState.ON_HOLD_BALANCES_NOT_ENOUGH
    return None


def find_transfer(work: Work, purchase: Purchase, named: str | None) -> Transfer:
    """Return the transfer of that id; without an id, the only one of the purchase."""
    mine = transfers_of(work.session, purchase.identifier)
    found = [each for each in mine if named in (None, transfer_id(each))]
    if len(found) != 1:
        raise Refusal("transfer.not_found")
    return found[0]


def verify(work: Work, transfer: Transfer) -> None:
    """Let a transfer begin that waits for this; a cancellable one still has its hour."""
    if state_of(transfer, work.now) != TransferState.ON_HOLD_WAIT_FOR_VERIFY:
        raise Refusal("verify.not_applicable")
    bank.begin(transfer, max(work.now, transfer.begins_at), work.now)


def retry(work: Work, transfer: Transfer) -> None:
    """Try a failed transfer again, as long as its amount was not refunded otherwise."""
    if state_of(transfer, work.now) not in RETRIABLE:
        raise Refusal("retry.not_applicable")
    purchase = work.session.get_one(Purchase, transfer.order_identifier)
    others = [each for each in transfers_of(work.session, purchase.identifier) if each != transfer]
    if transfer.amount + refunded_amount(others, work.now) > purchase.order.amount_rials:
        raise Refusal("retry.failed")
    transfer.retried = True
    bank.begin(transfer, work.now, work.now)


def cancel(work: Work, transfer: Transfer) -> None:
    if not is_waiting(work, transfer):
        raise Refusal("cancellation.not_applicable")
    bank.cancel(transfer, work.now)


def start(work: Work, transfer: Transfer) -> None:
    """Let a cancellable transfer begin before its hour is over."""
    if state_of(transfer, work.now) != TransferState.ON_HOLD:
        raise Refusal("cancellation.not_applicable")
    bank.begin(transfer, work.now, work.now)


def is_waiting(work: Work, transfer: Transfer) -> bool:
    return state_of(transfer, work.now).startswith(TransferState.ON_HOLD)
