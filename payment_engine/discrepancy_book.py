"""Save the discrepancies that a reconciliation finds, and close those that are gone."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from payment_engine.comparison import MENDABLE, Span
from payment_engine.discrepancies import Closing, Discrepancy, Mismatch, first_seen
from payment_engine.events import Actor
from payment_engine.services import Services
from payment_engine.store import Conflict, UnitOfWork, event_about

logger = logging.getLogger(__name__)


class DiscrepancyBook:
    """Save what one reconciliation of one gateway finds, each in a short transaction of its own.

    ``counts``: how many were ``found``, ``mended`` and ``closed``; ``touched``: their ids.
    """

    def __init__(self, services: Services, gateway: str, span: Span) -> None:
        self._services, self._gateway, self._span = services, gateway, span
        self._started = services.clock()
        self.counts: Counter[str] = Counter()
        self.touched: set[int] = set()

    def keep(self, *mismatches: Mismatch) -> None:
        """Save mismatches for a person, or for the next reconciliation to close."""
        for mismatch in mismatches:
            self.counts["found"] += 1
            self._save(mismatch, None)

    def keep_mended(self, before: Iterable[Mismatch], after: Iterable[Mismatch]) -> None:
        """Save as mended what differed before a payment was completed and differs no more."""
        left = {mismatch.kind for mismatch in after}
        for mismatch in before:
            if mismatch.kind in MENDABLE and mismatch.kind not in left:
                self.counts["mended"] += 1
                self._save(mismatch, Closing.MENDED)

    def unknown_and_unseen(self) -> Sequence[tuple[int, str]]:
        """Return open rows about payments that are not ours and that the list has not shown.

        Gives their ids and the gateway's. A list has gaps: its silence closes nothing.
        """
        with self._services.store.transaction() as work:
            rows = [row for row in self._unseen(work) if row.payment_id is None]
        return [(row.id, row.gateway_payment_id) for row in rows if row.gateway_payment_id]

    def close_unseen(self, not_asked: Collection[int], still_there: Collection[int]) -> None:
        """Close the open rows that lie in the span and were not found this time.

        Rows about the payments ``not_asked`` stay open, and so do the rows ``still_there``. Both
        are ids.
        """
        with self._services.store.transaction() as work:
            unseen = [(row.id, row.payment_id) for row in self._unseen(work)]
        for row_id, payment_id in unseen:
            if payment_id not in not_asked and row_id not in still_there:
                self._close(row_id)

    def _close(self, row_id: int) -> None:
        try:
            self._close_if_unseen(row_id)
        except Exception:  # of this row: it stays open, and the next reconciliation tries again
            logger.exception("discrepancy %s could not be closed", row_id)

    def _close_if_unseen(self, row_id: int) -> None:
        now = self._services.clock()
        with self._services.store.transaction() as work:
            row = work.discrepancy(row_id)
            if row is None or not row.is_open or row.last_seen_at > self._started:
                return  # another reconciliation, or a person, was faster
            row.close(now, Closing.AGREES_NOW)
            work.save_discrepancy(row)
            tell(work, row, now, Actor.RECONCILIATION)
        self.counts["closed"] += 1
        self.touched.add(row_id)

    def _unseen(self, work: UnitOfWork) -> Sequence[Discrepancy]:
        since, until = self._span.since, self._span.until
        rows = work.unseen_discrepancies(self._gateway, since, until, self._started)
        return [row for row in rows if row.id not in self.touched]

    def _save(self, mismatch: Mismatch, how: Closing | None) -> None:
        try:
            self._record(mismatch, how)
        except Conflict:  # another reconciliation found it at the same moment
            self._record(mismatch, how)

    def _record(self, mismatch: Mismatch, how: Closing | None) -> None:
        now = self._services.clock()
        with self._services.store.transaction() as work:
            row = work.known_discrepancy(mismatch.gateway, mismatch.kind, mismatch.key)
            is_new = row is None or row.see_again(mismatch, now)
            row = row or first_seen(mismatch, now)
            if how:
                row.close(now, how)
            work.save_discrepancy(row)
            if how or is_new:
                tell(work, row, now, Actor.RECONCILIATION)
        self.touched.add(row.id)


def tell(work: UnitOfWork, row: Discrepancy, now: datetime, actor: Actor, **facts: object) -> None:
    """Append to the history of its payment, if it has one, what became of a discrepancy."""
    if row.payment_id is None:
        return
    payment, event = work.by_id(row.payment_id), f"discrepancy_{row.how or 'found'}"
    said = {"discrepancy": row.id, "kind": row.kind, "theirs": row.theirs, **facts}
    work.append(event_about(payment, now, actor, event, **said))
