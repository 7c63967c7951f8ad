"""Know why a payment failed, as its gateway said when it was asked, and put it into words."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from payment_engine import Event, Payment, PaymentState
from payment_engine.gateway import FailReason
from storefront.core.database import db
from storefront.orders.history import HistoryEntry

IN_SHORT = {
    FailReason.CANCELLED_BY_PAYER: _("cancelled by the payer"),
    FailReason.TIMED_OUT: _("the time to pay ran out"),
    FailReason.OTHER_CARD: _("another card than the one that had to be used"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a payment failed; ``words`` are the bank's own. Both may be unknown."""

    reason: FailReason | None = None
    words: str | None = None


def failure_of(payment: Payment | None) -> Failure:
    """Return what the gateway answered about a payment that failed.

    What the browser claimed when it came back is not looked at.
    """
    if payment is None or payment.state is not PaymentState.FAILED:
        return Failure()
    query = select(HistoryEntry.details).where(
        HistoryEntry.order_key == payment.order_key,
        HistoryEntry.payment_id == payment.id,
        HistoryEntry.event == Event.FAILED,
    )
    told = db.session.scalar(query.order_by(HistoryEntry.id.desc()).limit(1)) or {}
    known = told.get("fail_reason")
    reason = FailReason(known) if known in set(FailReason) else None
    return Failure(reason, told.get("fail_words"))
