"""When the PSP settles a purchase, and in which settlement."""

from __future__ import annotations

from datetime import datetime, timedelta

from jibit_sandbox.bank.orders import State
from jibit_sandbox.core.models import Purchase


def settled_at(purchase: Purchase) -> datetime | None:
    """Return when the PSP settles a purchase: at the midnight after its capture, in UTC."""
    if purchase.verified_at is None or purchase.order.state == State.REVERSED:
        return None
    midnight = purchase.verified_at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def is_settled(purchase: Purchase, now: datetime) -> bool:
    at = settled_at(purchase)
    return at is not None and at <= now


def settlement_id(purchase: Purchase) -> str:
    """Return the number of the settlement: the day of its captures, and the terminal."""
    day = f"{purchase.verified_at:%Y%m%d}" if purchase.verified_at else ""
    return day + (purchase.psp_terminal_id or "")
