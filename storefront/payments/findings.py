"""What an audit keeps: findings become rows, on the same row as before, and rows come to an end.

Each is one short transaction, in which the journal of the order is told as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from storefront.core.clock import Clock
from storefront.core.database import end_reading, transaction
from storefront.orders import history
from storefront.orders.history import Actor
from storefront.payments import differences
from storefront.payments import models as payments
from storefront.payments.comparison import MENDABLE, Span
from storefront.payments.differences import Closing, Difference, Finding


class Findings:
    """The differences of one audit of one gateway.

    ``counts``: how many were ``found``, ``mended`` and ``closed``; ``touched``: their ids.
    """

    def __init__(self, gateway: str, span: Span, clock: Clock) -> None:
        self._gateway, self._span, self._clock = gateway, span, clock
        self._started = clock()
        self.counts: Counter[str] = Counter()
        self.touched: set[int] = set()

    def keep(self, *findings: Finding) -> None:
        """Leave these to a person, or to the next audit."""
        for finding in findings:
            self.counts["found"] += 1
            self._write(finding, None)

    def keep_mended(self, before: Iterable[Finding], after: Iterable[Finding]) -> None:
        """Note what was there before a payment was completed, and is there no more."""
        left = {finding.kind for finding in after}
        for finding in before:
            if finding.kind in MENDABLE and finding.kind not in left:
                self.counts["mended"] += 1
                self._write(finding, Closing.MENDED)

    def strangers_not_found(self) -> Sequence[tuple[int, str]]:
        """Return open findings about payments that are not ours and that the list has not shown.

        Gives their ids and the gateway's identifiers. A list has gaps: its silence closes nothing.
        """
        rows = [row for row in self._gone() if row.payment_id is None and row.order_identifier]
        found = [(row.id, str(row.order_identifier)) for row in rows]
        end_reading()
        return found

    def close_gone(self, not_asked: Collection[int], still_there: Collection[int]) -> None:
        """Close what lies in the span and was not found.

        Nothing is known of the payments ``not_asked``; the findings ``still_there`` stay. Both are
        ids.
        """
        now = self._clock()
        with transaction():
            for row in self._gone():
                if row.payment_id in not_asked or row.id in still_there:
                    continue
                row.close(now, Closing.AGREES_NOW)
                tell(row, now, Actor.AUDIT)
                self.counts["closed"] += 1
                self.touched.add(row.id)

    def _gone(self) -> Sequence[Difference]:
        span = (self._span.since, self._span.until)
        return differences.gone(self._gateway, *span, self._started, self.touched)

    def _write(self, finding: Finding, how: Closing | None) -> None:
        try:
            self._record(finding, how)
        except IntegrityError:  # another audit found it at the same moment
            self._record(finding, how)

    def _record(self, finding: Finding, how: Closing | None) -> None:
        now = self._clock()
        with transaction():
            row, news = differences.record(finding, now)
            if how:
                row.close(now, how)
            if how or news:
                tell(row, now, Actor.AUDIT)
        self.touched.add(row.id)


def tell(row: Difference, now: datetime, actor: Actor, **facts: object) -> None:
    """Say in the journal of its order, if it has one, what became of a difference."""
    if row.payment_id is None:
        return
    payment, event = payments.by_id(row.payment_id), f"difference_{row.how or 'found'}"
    said = {"difference": row.id, "kind": row.kind, "theirs": row.theirs, **facts}
    history.about(payment, now, actor, event, **said)
