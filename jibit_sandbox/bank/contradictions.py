"""Contradictions: a purchase that was over, and then turns out to be paid or returned after all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from jibit_sandbox.bank.orders import (
    CONTRADICTIONS,
    ForbiddenTransition,
    State,
    apply_transition,
)
from jibit_sandbox.core.models import Order, Purchase
from jibit_sandbox.i18n.translations import gettext_noop as _

CONTRADICTED = {State.FAILED, State.EXPIRED, State.UNKNOWN}  # what can turn out to be otherwise
NOT_OVER = {  # from which states the PSP can bring a purchase into this one
    State.UNKNOWN: {State.AWAITING, State.PAID},
    State.CAPTURED: {State.UNKNOWN},
    State.FAILED: {State.UNKNOWN},
    State.EXPIRED: {State.UNKNOWN},
}
DUE = (  # made once: it runs on every call
    select(Purchase)
    .join(Order)
    .where(
        Purchase.contradicted_at <= bindparam("now"),
        Order.world == bindparam("world"),
        Order.state.in_(CONTRADICTED),
    )
)


def settle_due_contradictions(session: Session, world: str, now: datetime) -> None:
    """Settle the contradictions of the world whose moment has come."""
    for purchase in session.scalars(DUE, {"world": world, "now": now}):
        if purchase.contradicted_at and purchase.contradicted_by:  # the query asked for both
            at = max(purchase.contradicted_at, purchase.order.modified_at)
            contradict(session, purchase, State(purchase.contradicted_by), at)


def contradict(session: Session, purchase: Purchase, state: State, at: datetime) -> None:
    """Settle a contradiction by hand; raise ForbiddenTransition where the state does not allow it.

    An unpaid or paid purchase can also become unknown, and an unknown one can end as the PSP says
    at last: nobody settles that by hand.
    """
    contradicts, before = state in CONTRADICTIONS, purchase.order.state
    if before not in (CONTRADICTED if contradicts else NOT_OVER[state]):
        raise ForbiddenTransition(f"{before} cannot turn out to be {state}")
    settled, said = _("settled by hand at the gateway"), _("the PSP has said so")
    apply_transition(session, purchase.order, state, at, settled if contradicts else said)
    purchase.has_contradiction = purchase.has_contradiction or contradicts
    purchase.contradicted_at = None
    if state in (State.MANUALLY_CAPTURED, State.CAPTURED):
        purchase.verified_at = at
