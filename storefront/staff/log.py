"""Keep a log of logins and of what the staff did, for the owner to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from payment_engine.redaction import redact
from storefront.core.database import db
from storefront.staff.models import LONGEST_NAME, StaffEvent

KEPT = timedelta(days=90)
MOST_SHOWN = 200


def note(what: str, name: str, now: datetime, *, client: str | None = None, **details: Any) -> None:
    """Append an entry; the caller's commit makes it true. Entries older than KEPT are forgotten."""
    entry = {
        "at": now,
        "name": name[:LONGEST_NAME],
        "what": what,
        "client": client,
        "details": redact(details),
    }
    db.session.execute(insert(StaffEvent), entry)
    db.session.execute(delete(StaffEvent).where(StaffEvent.at < now - KEPT))


def since(moment: datetime) -> Sequence[StaffEvent]:
    """Return what was done since, the youngest first; not more than a page shows."""
    query = select(StaffEvent).where(StaffEvent.at >= moment).order_by(StaffEvent.id.desc())
    return db.session.scalars(query.limit(MOST_SHOWN)).all()
