"""The states of an order and the transitions between them.

    awaiting ──► paid ──► captured ──► reversed
       │  │        │ │
       │  └────────│─┴──► failed   (declined or cancelled)
       └───────────┴────► expired  (not captured in time)

Money that was taken is returned to the payer when an order fails or expires. Only purchases of
PPG v3 are reversed, or ``unknown`` while the PSP does not say what happened; there a failed,
expired or unknown one can also turn out to be ``manually_captured`` or reversed.

Expiry needs no timer: every transaction in a world first expires what is due by its clock. The
expiry can run later than ``expires_at`` (switch ``expiry_late``); until then the state stays.
"""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from jibit_sandbox.bank.wallets import return_to_payer
from jibit_sandbox.core.chance import chance
from jibit_sandbox.core.models import Order, Transition, World
from jibit_sandbox.i18n.translations import gettext_noop as _

IDENTIFIER_LENGTH = 8
ALPHABET = string.ascii_letters + string.digits
LOWER_CASE = string.ascii_lowercase + string.digits
EARLIEST = datetime.min.replace(tzinfo=UTC)


class State(StrEnum):
    AWAITING = "awaiting"  # nobody has paid yet
    PAID = "paid"  # the payer's money is held, the merchant has not verified
    CAPTURED = "captured"  # verified: the money is the merchant's
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # the PSP has not said whether the payer paid
    MANUALLY_CAPTURED = "manually_captured"  # found to be paid after all: the merchant's money
    REVERSED = "reversed"  # the whole amount was returned to the payer


CONTRADICTIONS = {State.MANUALLY_CAPTURED, State.REVERSED}  # PPG v3 settles them by hand
ALLOWED_TRANSITIONS = {
    State.AWAITING: {State.PAID, State.FAILED, State.EXPIRED, State.UNKNOWN},
    State.PAID: {State.CAPTURED, State.FAILED, State.EXPIRED, State.UNKNOWN, State.REVERSED},
    State.CAPTURED: {State.REVERSED},
    State.FAILED: CONTRADICTIONS,
    State.EXPIRED: CONTRADICTIONS,
    State.UNKNOWN: {State.CAPTURED, State.FAILED, State.EXPIRED} | CONTRADICTIONS,
    State.MANUALLY_CAPTURED: set[State](),
    State.REVERSED: set[State](),
}


class ForbiddenTransition(Exception):
    """The order's state does not allow this transition."""


def new_identifier(world: World, alphabet: str = ALPHABET) -> str:
    """Return 8 letters and digits, like PPG's ``1ObK7QrL`` or the wallet's ``7wvkgrn0``."""
    return "".join(chance(world, "order").choices(alphabet, k=IDENTIFIER_LENGTH))


def open_order(session: Session, order: Order) -> None:
    """Store a new order in state awaiting."""
    order.state = State.AWAITING
    order.modified_at = order.created_at
    session.add(order)
    session.flush()
    record_transition(session, order, order.created_at, _("created by the merchant"))


def apply_transition(
    session: Session, order: Order, state: State, at: datetime, reason: str
) -> None:
    """Change the state and record it; raise ForbiddenTransition if that is not allowed."""
    if state not in ALLOWED_TRANSITIONS[State(order.state)]:
        raise ForbiddenTransition(f"{order.state} cannot become {state}")
    if order.state == State.PAID and state != State.CAPTURED:
        return_to_payer(session, order)
    order.state = state
    order.modified_at = at
    record_transition(session, order, at, reason)


def cancel(session: Session, order: Order, at: datetime) -> None:
    """Let the payer cancel the order; money that was paid is returned."""
    paid = order.state == State.PAID
    reason = (
        _("cancelled by the payer: the money is returned to the payer")
        if paid
        else _("cancelled by the payer")
    )
    order.cancelled_by_payer = True
    apply_transition(session, order, State.FAILED, at, reason)


def record_transition(session: Session, order: Order, at: datetime, reason: str) -> None:
    session.add(
        Transition(order_identifier=order.identifier, at=at, state=str(order.state), reason=reason)
    )


DUE = select(Order).where(  # made once: it runs on every call
    Order.world == bindparam("world"),
    Order.state.in_([State.AWAITING, State.PAID]),
    Order.expires_at <= bindparam("ended"),
)


def expire_due_orders(session: Session, world: str, now: datetime, delay: timedelta) -> None:
    """Expire every order of the world that was not captured in time, ``delay`` after its end.

    The transition bears the moment at which the expiry was due, not the moment of this call. It is
    never older than the order's last transition: an order may have been paid late, before the delay
    was shortened.
    """
    ended = now - min(delay, now - EARLIEST)  # a world's clock can stand at the first day of all
    for order in session.scalars(DUE, {"world": world, "ended": ended}):
        paid = order.state == State.PAID
        reason = (
            _("not verified in time: the money is returned to the payer")
            if paid
            else _("nobody paid in time")
        )
        ran_at = max(order.expires_at + delay, order.modified_at)
        apply_transition(session, order, State.EXPIRED, ran_at, reason)


def find_order(session: Session, world: str, identifier: str) -> Order | None:
    """Return the world's order; None for an order of another world."""
    order = session.get(Order, identifier)
    return order if order is not None and order.world == world else None
