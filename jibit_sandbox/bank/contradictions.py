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

DUE = (  # made once: it runs on every call
    select(Purchase)
    .join(Order)
    .where(Purchase.contradicted_at <= bindparam("now"), Order.world == bindparam("world"))
)


def settle_due_contradictions(session: Session, world: str, now: datetime) -> None:
    """Settle the contradictions of the world whose moment has come."""
    for purchase in session.scalars(DUE, {"world": world, "now": now}):
        if purchase.contradicted_at and purchase.contradicted_by:  # the query asked for both
            state = State(purchase.contradicted_by)
            contradict(session, purchase, state, purchase.contradicted_at)


def contradict(session: Session, purchase: Purchase, state: State, at: datetime) -> None:
    """Settle a contradiction by hand; raise ForbiddenTransition where the state does not allow it.

    An unpaid or paid purchase can also become unknown: then nothing is settled yet.
    """
    if state in CONTRADICTIONS and purchase.order.state not in CONTRADICTED:
        raise ForbiddenTransition(f"{purchase.order.state} cannot turn out to be {state}")
    apply_transition(session, purchase.order, state, at, _("settled by hand at the gateway"))
    purchase.has_contradiction = True
    purchase.contradicted_at = None
    if state == State.MANUALLY_CAPTURED:
        purchase.verified_at = at
