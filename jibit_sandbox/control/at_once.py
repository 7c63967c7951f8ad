"""Bring an order to another state at once: paid, declined or expired, or back to its beginning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import delete

from jibit_sandbox.bank import orders as bank
from jibit_sandbox.bank.cards import PAYING_CARD
from jibit_sandbox.bank.orders import ForbiddenTransition, State
from jibit_sandbox.bank.wallets import debit, return_to_payer
from jibit_sandbox.core.chance import new_digits
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.errors import Conflict
from jibit_sandbox.core.models import Order, Purchase, Transfer
from jibit_sandbox.files.order_facts import lifetime
from jibit_sandbox.gateways.ppg_v3.payments import record_payment
from jibit_sandbox.gateways.ppg_v3.states import DECLINED
from jibit_sandbox.i18n.translations import gettext_noop as _
from jibit_sandbox.web.redaction import mask_card


def pay(work: Work, order: Order) -> None:
    """Pay an order that awaits its payer; nobody returns to the shop."""
    require(order, State.AWAITING)
    if order.gateway == "wallet":
        if not debit(work.session, order):
            raise Conflict(f"there is not enough money in the wallet of {order.user_identifier}")
        order.tracking_number = new_digits(work.world, "tracking", 9)
    else:
        order.payer_card = mask_card(PAYING_CARD.number)
    change(work, order, State.PAID, _("paid at once, by hand"))
    purchase = work.session.get(Purchase, order.identifier)
    if purchase is not None:
        record_payment(work, purchase, PAYING_CARD)


def decline(work: Work, order: Order) -> None:
    """Let the bank decline an order; money that was held is returned."""
    require(order, State.AWAITING, State.PAID)
    change(work, order, State.FAILED, _("declined at once, by hand"))
    purchase = work.session.get(Purchase, order.identifier)
    if purchase is not None:
        purchase.fail_reason = DECLINED


def expire(work: Work, order: Order) -> None:
    """End the order's time; money that was held is returned."""
    require(order, State.AWAITING, State.PAID)
    order.expires_at = min(order.expires_at, work.now)
    change(work, order, State.EXPIRED, _("expired at once, by hand"))


def reset(work: Work, order: Order) -> None:
    """Let the order await its payer again, with its whole time before it."""
    if order.state in (State.PAID, State.CAPTURED):
        return_to_payer(work.session, order)
    order.payer_card = order.payer_wallet = order.tracking_number = None
    order.init_payer_ip = order.redirect_payer_ip = None
    order.cancelled_by_payer = False
    order.state, order.modified_at = str(State.AWAITING), work.now
    order.expires_at = work.now + timedelta(seconds=lifetime(work, order.gateway))
    bank.record_transition(
        work.session, order, work.now, _("reset by hand: it awaits its payer again")
    )
    forget_payment(work, order)


def forget_payment(work: Work, order: Order) -> None:
    """Forget what PPG v3 knows of the payment of a purchase, and its refunds."""
    purchase = work.session.get(Purchase, order.identifier)
    if purchase is None:
        return
    purchase.psp_reference_number = purchase.psp_rrn = purchase.psp_trace_number = None
    purchase.psp_hashed_card = purchase.fail_reason = purchase.contradicted_by = None
    purchase.verified_at = purchase.contradicted_at = None
    purchase.has_contradiction = False
    mine = Transfer.order_identifier == order.identifier
    work.session.execute(delete(Transfer).where(mine))


def require(order: Order, *states: State) -> None:
    """Raise Conflict, which says what to do, unless the order is in one of the states."""
    if order.state not in states:
        expected = " or ".join(states)
        raise Conflict(f"the order is {order.state}, not {expected}: reset it first")


def change(work: Work, order: Order, state: State, reason: str) -> None:
    try:
        bank.apply_transition(work.session, order, state, work.now, reason)
    except ForbiddenTransition as error:
        raise Conflict(str(error)) from None


AT_ONCE: Mapping[str, Callable[[Work, Order], None]] = {
    "pay": pay,
    "decline": decline,
    "expire": expire,
    "reset": reset,
}


def possible_at_once(order: Order) -> list[str]:
    """Return what can be done with an order in its state."""
    if order.state == State.AWAITING:
        return ["pay", "decline", "expire"]
    return ["decline", "expire", "reset"] if order.state == State.PAID else ["reset"]
