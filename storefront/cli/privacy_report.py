"""Put what is held about a person into JSON; say what an erasure kept, why and until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from persiantools.jdatetime import JalaliDate, JalaliDateTime
from sqlalchemy import select

from storefront.core.database import db
from storefront.core.formats import TEHRAN
from storefront.notifications.outbox import OutboxMessage
from storefront.orders import history, notes, payments
from storefront.orders.history import HistoryEntry
from storefront.orders.models import Order, OrderLine
from storefront.orders.notes import FormerAddress, OrderNote
from storefront.orders.payments import Payment
from storefront.orders.privacy import PERSONAL, Outcome, RetentionPolicy

ACCOUNTING_YEARS = 10  # after the year's end: Commercial Code of Iran, article 13
ASKED_AGAIN = "run this again then"


def exported(order: Order, policy: RetentionPolicy) -> dict[str, Any]:
    """Return an order with all that belongs to it. Money is integer Rials, times are UTC."""
    return {
        "order_number": order.number,
        "state": order.state.value,
        "personal_data": {column: getattr(order, column) for column in PERSONAL},
        "language": order.language,
        "amount_rials": order.amount_rials,
        "created_at": order.created_at.isoformat(),
        "paid_at": _moment(order.paid_at),
        "fulfilled_at": _moment(order.fulfilled_at),
        "personal_data_erased_after": policy.ends_at(order).isoformat(),
        "former_addresses": [_former(address) for address in notes.former_addresses_of(order)],
        "notes": [_note(note) for note in notes.notes_of(order)],
        "lines": [_line(line) for line in order.lines],
        "payments": [_payment(payment) for payment in payments.of_order(order)],
        "notifications": [_notification(message) for message in _messages(order)],
        "history": [_event(entry) for entry in history.of_order(order)],
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _former(address: FormerAddress) -> dict[str, Any]:
    columns = ("full_name", "mobile", "province", "city", "address", "postal_code")
    return {"until": address.at.isoformat()} | {name: getattr(address, name) for name in columns}


def _note(note: OrderNote) -> dict[str, Any]:
    return {"at": note.at.isoformat(), "text": note.text}


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "kind": line.kind.value,
        "name_fa": line.name_fa,
        "name_en": line.name_en,
        "quantity": line.quantity,
        "unit_price_rials": line.unit_price_rials,
    }


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "reference_number": payment.reference,
        "gateway": payment.gateway,
        "gateway_payment_id": payment.gateway_payment_id,
        "tracking_number": payment.tracking_number,
        "state": payment.state.value,
        "amount_rials": payment.amount_rials,
        "payer_card": payment.payer_card,
        "created_at": payment.created_at.isoformat(),
        "paid_at": _moment(payment.paid_at),
    }


def _messages(order: Order) -> list[OutboxMessage]:
    query = select(OutboxMessage).join(Payment).where(Payment.order_key == order.number)
    return list(db.session.scalars(query.order_by(OutboxMessage.id)))


def _notification(message: OutboxMessage) -> dict[str, Any]:
    return {
        "kind": message.kind.value,
        "channel": message.channel.value,
        "created_at": message.created_at.isoformat(),
        "delivered_at": _moment(message.delivered_at),
    }


def _event(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "at": entry.at.isoformat(),
        "actor": entry.actor.value,
        "event": entry.event,
        "details": entry.details,
    }


def told(order: Order, outcome: Outcome, policy: RetentionPolicy) -> str:
    """Return in a sentence what was erased and what is kept, why, and until when."""
    number, by_itself = order.number, f"{policy.ends_at(order):%Y-%m-%d}"
    sentences = {
        Outcome.ERASED: f"erased. Kept: {_kept(order)}",
        Outcome.ERASED_BEFORE: "was erased before",
        Outcome.NOT_ENDED: "kept, because it or a payment of it is still open: "
        f"wait until it is paid, cancelled or expired, and {ASKED_AGAIN}",
        Outcome.NOT_SENT: "kept, because it is paid and its parcel needs the address: "
        f"after `orders fulfil {number}` {ASKED_AGAIN}; it is erased by itself after {by_itself}",
        Outcome.DISCREPANCY: "kept, because the gateway's ledger differs from ours about a payment "
        f"of it: close the discrepancy (`reconciliation run` shows it), and {ASKED_AGAIN}",
    }
    return f"order {number} ({order.state}): {sentences[outcome]}"


def _kept(order: Order) -> str:
    facts = "number, items, amounts, dates and the gateway's numbers of its payments"
    if order.paid_at is None:
        return f"{facts}, which name nobody"
    return f"{facts}, for accounting, at least until {_end_of_accounting(order.paid_at)}"


def _end_of_accounting(paid_at: datetime) -> str:
    """Return the last day of the Iranian year that lies ten years after that of the payment."""
    year = JalaliDateTime.to_jalali(paid_at.astimezone(TEHRAN)).year  # type: ignore[no-untyped-call]
    next_year = JalaliDate(year + ACCOUNTING_YEARS + 1, 1, 1).to_gregorian()  # type: ignore[no-untyped-call]
    return str((next_year - timedelta(days=1)).isoformat())
