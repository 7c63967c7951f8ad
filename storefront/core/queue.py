"""Claim the next due row of a queue, for the loops that :mod:`payment_engine.row_queue` runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from storefront.core.clock import SKEW
from storefront.core.database import db

LEASE = timedelta(minutes=2)  # longer than any step takes; a worker that dies delays by this
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)

Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


def first_due(
    query: Select[int],
    due_at: Moment,
    tries: InstrumentedAttribute[int],
    begun: datetime,
    *,
    farthest_first: datetime,
) -> int | None:
    """Lock the first row that was due when this pass had begun; return its id, None if none was.

    The query is for ids alone: a row with a value that cannot be read is claimed like any other,
    so that it fails as that row, and not as the queue.

    Rows that another worker has locked are skipped. A row whose moment is later than it was ever
    put off to is due as well, since the clock was set back: ``farthest_first`` is the latest moment
    of a row that was not tried yet, by the clock as it is.
    """
    farthest = max(begun + max(LONGEST_PAUSE, LEASE) + SKEW, farthest_first)
    out_of_reach = and_(due_at > farthest_first, or_(tries == 0, due_at > farthest))
    for wanted in (due_at <= begun, out_of_reach):  # each is a range of an index
        first = query.where(wanted).limit(1).with_for_update(skip_locked=True, key_share=True)
        row_id = db.session.scalar(first)
        if row_id is not None:
            return row_id
    return None
