"""An order's life at the bank: created, perhaps paid, captured by a verification, or over.

    awaiting ──► paid ──► captured
       │  │        │ │
       │  └────────│─┴──► failed   (declined or cancelled)
       └───────────┴────► expired  (not captured in time)

Money that was taken goes home when an order fails or expires.

Expiry needs no timer: whoever looks at a world first settles what its clock has made due. It can
run later than ``expires_at`` (the switch ``expiry_late``), and an order keeps its state until then.
"""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from jibit_sandbox.bank.wallets import give_back
from jibit_sandbox.core.models import Move, Order

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


ALLOWED = {
    State.AWAITING: {State.PAID, State.FAILED, State.EXPIRED},
    State.PAID: {State.CAPTURED, State.FAILED, State.EXPIRED},
    State.CAPTURED: set[State](),
    State.FAILED: set[State](),
    State.EXPIRED: set[State](),
}


class ImpossibleMove(Exception):
    """The order's state does not allow this step."""


def new_identifier(alphabet: str = ALPHABET) -> str:
    """8 letters and digits, like PPG's ``1ObK7QrL`` or the wallet's ``7wvkgrn0``."""
    return "".join(secrets.choice(alphabet) for _ in range(IDENTIFIER_LENGTH))


def open_order(session: Session, order: Order) -> None:
    """Keep a new order, awaiting its payer from ``created_at`` on."""
    order.state = State.AWAITING
    order.modified_at = order.created_at
    session.add(order)
    session.flush()
    note(session, order, order.created_at, "created by the merchant")


def move(session: Session, order: Order, state: State, at: datetime, reason: str) -> None:
    """Take one allowed step; ImpossibleMove if there is none from here to ``state``."""
    if state not in ALLOWED[State(order.state)]:
        raise ImpossibleMove(f"{order.state} cannot become {state}")
    if order.state == State.PAID and state != State.CAPTURED:
        give_back(session, order)
    order.state = state
    order.modified_at = at
    note(session, order, at, reason)


def cancel(session: Session, order: Order, at: datetime) -> None:
    """The payer does not want it any more; what was paid goes home."""
    paid = order.state == State.PAID
    reason = "cancelled by the payer: the money goes home" if paid else "cancelled by the payer"
    order.cancelled_by_payer = True
    move(session, order, State.FAILED, at, reason)


def note(session: Session, order: Order, at: datetime, reason: str) -> None:
    session.add(
        Move(order_identifier=order.identifier, at=at, state=str(order.state), reason=reason)
    )


DUE = select(Order).where(  # made once: it is asked on every call
    Order.world == bindparam("world"),
    Order.state.in_([State.AWAITING, State.PAID]),
    Order.expires_at <= bindparam("ended"),
)


def settle_due(session: Session, world: str, now: datetime, delay: timedelta) -> None:
    """Expire every order of the world that was not captured in time, ``delay`` after its end.

    The move bears the moment at which the expiry was due, not that of this call. It is never older
    than the order's last move: an order may have been paid late, before the delay was shortened.
    """
    ended = now - min(delay, now - EARLIEST)  # a world's clock can stand at the first day of all
    for order in session.scalars(DUE, {"world": world, "ended": ended}):
        paid = order.state == State.PAID
        reason = "not verified in time: the money goes home" if paid else "nobody paid in time"
        ran_at = max(order.expires_at + delay, order.modified_at)
        move(session, order, State.EXPIRED, ran_at, reason)


def find_order(session: Session, world: str, identifier: str) -> Order | None:
    """The world's own order; another world's order does not exist here."""
    order = session.get(Order, identifier)
    return order if order is not None and order.world == world else None
