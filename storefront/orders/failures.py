"""Know why a payment failed, as its gateway said when it was asked, and put it into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from payment_engine import Event, PaymentState
from payment_engine import Payment as EnginePayment
from payment_engine.gateway import FailReason
from storefront.core.database import db
from storefront.orders.history import HistoryEntry
from storefront.orders.payments import Payment

IN_SHORT = {
    FailReason.CANCELLED_BY_PAYER: _("cancelled by the payer"),
    FailReason.TIMED_OUT: _("the time to pay ran out"),
    FailReason.OTHER_CARD: _("another card than the one that had to be used"),
    FailReason.INSUFFICIENT_FUNDS: _("not enough money on the card"),
    FailReason.EXPIRED_CARD: _("the card has expired"),
    FailReason.WRONG_PIN: _("wrong password of the card"),
}
# Of the others the page has more to say; these the bank itself explains in Persian.
DECLINED = {
    FailReason.INSUFFICIENT_FUNDS: _("There was not enough money on the card."),
    FailReason.EXPIRED_CARD: _("The card has expired."),
    FailReason.WRONG_PIN: _("The card's password was wrong."),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a payment failed; ``words`` are the bank's own. Both may be unknown.

    ``out_of_time``: nobody paid within the payment's window, so its gateway closed it.
    """

    reason: FailReason | None = None
    words: str | None = None
    out_of_time: bool = False

    @property
    def cancelled(self) -> bool:
        """Whether the gateway says that the payer cancelled."""
        return self.reason is FailReason.CANCELLED_BY_PAYER

    def quoted(self, language: str) -> str | None:
        """Return the bank's words; banks speak Persian, so a reason of ours is better in English.

        In the other language our own sentence stands only where the bank said nothing.
        """
        return self.words if language == "fa" or self.reason not in DECLINED else None

    def sentence(self, language: str) -> str | None:
        """Return our own sentence about a decline, unless the bank's words are quoted."""
        known = self.reason in DECLINED and not self.quoted(language)
        return str(DECLINED[self.reason]) if known and self.reason else None


def failure_of(payment: EnginePayment | Payment | None) -> Failure:
    """Return what the gateway answered about a payment that failed.

    What the browser claimed when it came back is not looked at.
    """
    if payment is None:
        return Failure()
    if payment.state is not PaymentState.FAILED:
        return Failure(out_of_time=_ran_out(payment))
    told = _told(payment)
    known = told.get("fail_reason")
    reason = FailReason(known) if known in set(FailReason) else None
    return Failure(reason, told.get("fail_words"))


def _ran_out(payment: EnginePayment | Payment) -> bool:
    """Return whether it expired by the clock; a wallet's refusal is "expired" within seconds."""
    ended = payment.ended_at if payment.state is PaymentState.EXPIRED else None
    return ended is not None and ended >= payment.expires_at


def _told(payment: EnginePayment | Payment) -> Mapping[str, Any]:
    query = select(HistoryEntry.details).where(
        HistoryEntry.order_key == payment.order_key,
        HistoryEntry.payment_id == payment.id,
        HistoryEntry.event == Event.FAILED,
    )
    return db.session.scalar(query.order_by(HistoryEntry.id.desc()).limit(1)) or {}
