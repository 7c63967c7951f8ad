"""Compare one gateway's ledger with ours, both ways; each mismatch is saved as it is met.

No row of the gateway's list is held against us before an inquiry, made after we read our own
ledger, says the same: lists have gaps, and payments go on while they are read.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import TypeVar

from payment_engine import comparison
from payment_engine.comparison import Span, may_still_change, mismatches_between
from payment_engine.completion import complete
from payment_engine.discrepancies import Mismatch
from payment_engine.discrepancy_book import DiscrepancyBook
from payment_engine.errors import GatewayError, NotFound, Unreadable
from payment_engine.events import Actor
from payment_engine.gateway import Inquiry, UnreadableRow
from payment_engine.payment import Payment
from payment_engine.redaction import redact_text
from payment_engine.services import Services
from payment_engine.states import ASKABLE, CAPTURABLE

logger = logging.getLogger(__name__)

EDGE = timedelta(minutes=5)  #: two clocks are never the same
CHUNK = 100  #: payments compared at a time
CHANGED_WITHIN = timedelta(days=30)  #: so far back what was over may still be moved on by hand
SILENCES = 5  #: so many inquiries in a row without an answer, and the gateway is down

T = TypeVar("T")


class LedgerComparison:
    """Compare the ledgers of one gateway in a span.

    ``counts`` tells how many payments were met ``there`` and ``here``, and how many were ``asked``
    about, beside what became of discrepancies, and how many payments ``there`` are ``foreign``: of
    another application with the same account. ``touched`` holds the ids of the discrepancies.
    """

    def __init__(self, services: Services, gateway: str, span: Span) -> None:
        self._services, self._name, self._span = services, gateway, span
        self._gateway = services.gateways[gateway]
        self._bulkhead = services.bulkheads[gateway]
        self._book = DiscrepancyBook(services, gateway, span)
        self._listed: set[str] = set()  # the gateway's ids that its list has shown
        self._paired: dict[str, str] = {}  # their id by our reference, where we had none
        self._not_asked: dict[int, str] = {}  # references by payment id
        self._silences = 0
        self.counts = self._book.counts
        self.touched = self._book.touched

    def compare(self) -> str | None:
        """Read both ledgers; return why the comparison is not complete, None if it is."""
        try:
            self._read_their_ledger()
            self._read_our_ledger()
            self._read_what_changed_by_hand()
            still_there = self._unknown_still_there()
        except GatewayError as error:
            return redact_text(f"{self._name}: {error}")
        except Exception as defect:  # of this gateway's binding; the others are compared
            logger.exception("the ledger of %s could not be compared", self._name)
            return f"{self._name}: defect: {type(defect).__name__}"
        self._book.close_unseen(self._not_asked.keys(), still_there)
        if self._not_asked:
            references = ", ".join(self._not_asked.values())
            return f"{self._name}: could not be asked about: {references}"
        return None

    def _read_their_ledger(self) -> None:
        for chunk in _chunks(map(_checked, self._their_rows())):
            readable = [row for row in chunk if isinstance(row, Inquiry)]
            self.counts["there"] += len(chunk)
            self._listed.update(row.gateway_payment_id for row in readable)
            by_id, by_reference = self._ours_named_in(readable)
            for row in chunk:
                if isinstance(row, UnreadableRow):
                    self._keep_unreadable(row)
                elif ours := by_id.get(row.gateway_payment_id):
                    self._look_at(ours, row)
                else:
                    self._look_at_unknown(row, by_reference.get(row.reference))

    def _read_what_changed_by_hand(self) -> None:
        """Look for payments that were over, and that the gateway's staff has moved on since."""
        if not self._gateway.changes_by_hand:
            return
        since = self._span.until - CHANGED_WITHIN
        rows = self._bulkhead.rows_of(
            lambda: self._gateway.changed_by_hand(since, self._span.until + EDGE)
        )
        for chunk in _chunks(map(_checked, rows)):
            unseen = [
                row
                for row in chunk
                if isinstance(row, Inquiry) and row.gateway_payment_id not in self._listed
            ]
            by_id, _ = self._ours_named_in(unseen)
            for row in unseen:
                if ours := by_id.get(row.gateway_payment_id):
                    self._look_at(ours, row)

    def _keep_unreadable(self, row: UnreadableRow) -> None:
        self._book.keep(comparison.unreadable_row(self._name, row, self._span))

    def _their_rows(self) -> Iterator[Inquiry | UnreadableRow]:
        """A gateway without a list is not called: nothing is learnt of it."""
        if not self._gateway.has_list:
            return iter(())
        span = (self._span.since - EDGE, self._span.until + EDGE)
        return self._bulkhead.rows_of(lambda: self._gateway.payments_between(*span))

    def _read_our_ledger(self) -> None:
        """Ask, one by one, about every payment of ours that the list has not shown."""
        last = 0
        while found := self._ours_after(last):
            last = found[-1].id
            for payment in found:
                if payment.gateway_payment_id not in self._listed:
                    self._look_at(payment, None)

    def _ours_after(self, last: int) -> Sequence[Payment]:
        span = (self._span.since, self._span.until)
        with self._services.store.reading() as work:
            return work.created_between(self._name, *span, after_id=last, limit=CHUNK)

    def _unknown_still_there(self) -> set[int]:
        """Ask about payments that are not ours and that the list has not shown this time."""
        found = self._book.unknown_and_unseen()
        return {row_id for row_id, gateway_id in found if self._is_known_there(gateway_id)}

    def _is_known_there(self, gateway_payment_id: str) -> bool:
        try:
            self._ask(gateway_payment_id)
        except NotFound:
            return False
        except Unreadable:
            pass  # and yet it answers to this name
        except GatewayError:
            raise
        except Exception:  # of this row: its id may be one that a binding does not send
            logger.exception("a payment that is not ours could not be asked about")
        return True

    def _ours_named_in(
        self, rows: Sequence[Inquiry]
    ) -> tuple[Mapping[str, Payment], Mapping[str, Payment]]:
        ids = [row.gateway_payment_id for row in rows]
        references = [row.reference for row in rows]
        with self._services.store.reading() as work:
            found = work.named(self._name, ids, references)
        by_id = {ours.gateway_payment_id: ours for ours in found if ours.gateway_payment_id}
        return by_id, {ours.reference: ours for ours in found}

    def _look_at(self, payment: Payment, listed: Inquiry | None) -> None:
        """Compare one of ours; ``listed`` None: the list has not shown it."""
        self.counts["here"] += 1
        with self._services.hooks.attending(payment):
            self._look_carefully_at(payment, listed)

    def _look_carefully_at(self, payment: Payment, listed: Inquiry | None) -> None:
        try:
            self._compare_one(payment, listed)
        except GatewayError as error:
            self._silences += 1
            if self._silences == SILENCES:
                raise
            if isinstance(error, Unreadable):
                self._book.keep(comparison.unreadable_answer(payment, error.reason))
            else:
                self._not_asked[payment.id] = payment.reference
        except Exception as error:  # of this payment; the others are compared
            logger.exception("payment %s could not be reconciled", payment.reference)
            self._set_aside(payment, error)

    def _set_aside(self, payment: Payment, error: Exception) -> None:
        """Keep a defect as a discrepancy, for a person; the run is complete nevertheless.

        If it were not, every later run would begin where this one did.
        """
        if self._services.store.is_temporary(error):
            self._not_asked[payment.id] = payment.reference
            return
        why = f"defect: {type(error).__name__}"
        self._book.keep(comparison.unreadable_answer(payment, why))

    def _compare_one(self, payment: Payment, listed: Inquiry | None) -> None:
        """Mend what is not final, ask what is true now, and keep what differs even so."""
        theirs = listed or self._inquire(payment)
        before = self._mismatches(payment, theirs)
        if not before:
            return
        was_open = payment.state in ASKABLE
        if was_open:
            complete(self._services, payment.id, actor=Actor.RECONCILIATION)
            with self._services.store.reading() as work:
                payment = work.by_id(payment.id)
        if was_open or listed:
            theirs = self._inquire(payment)
        after = self._mismatches(payment, theirs)
        if was_open and payment.is_final:
            self._book.keep_mended(before, after)
        settle_after = self._services.policy.settle_after
        changing = may_still_change(payment, theirs, self._services.clock(), settle_after)
        if payment.state not in CAPTURABLE or not changing:
            self._book.keep(*after)

    def _mismatches(self, payment: Payment, theirs: Inquiry | None) -> list[Mismatch]:
        settle_after = self._services.policy.settle_after
        return mismatches_between(payment, theirs, self._services.clock(), settle_after)

    def _look_at_unknown(self, row: Inquiry, claimed: Payment | None) -> None:
        """Look at a row with an id that we do not have, perhaps with a reference that we do."""
        try:
            self._compare_unknown(row, claimed)
        except Exception as error:  # of this row, which a person must see
            logger.exception("a row of %s could not be reconciled", self._name)
            if self._services.store.is_temporary(error):
                raise
            raw = {"defect": type(error).__name__}
            self._keep_unreadable(UnreadableRow(raw, row.gateway_payment_id, row.reference))

    def _compare_unknown(self, row: Inquiry, claimed: Payment | None) -> None:
        if claimed and self._id_of(claimed, row) == row.gateway_payment_id:
            self.counts["here"] += 1
            self._book.keep(*self._mismatches(claimed, row))
        elif claimed is None and self._services.policy.is_foreign(row.reference):
            self.counts["foreign"] += 1
        else:
            self._book.keep(comparison.unknown_payment(self._name, row, claimed, self._span))

    def _id_of(self, payment: Payment, row: Inquiry) -> str:
        """A payment whose create was never answered is the first row that bears its reference."""
        known = payment.gateway_payment_id
        return known or self._paired.setdefault(payment.reference, row.gateway_payment_id)

    def _inquire(self, payment: Payment) -> Inquiry | None:
        """Ask about one of ours; None if the gateway knows no such payment."""
        self.counts["asked"] += 1
        try:
            answer = self._ask(str(payment.gateway_payment_id))
        except NotFound:
            answer = None
        self._silences = 0
        return answer

    def _ask(self, gateway_payment_id: str) -> Inquiry:
        with self._bulkhead.listing():
            return self._gateway.inquire(gateway_payment_id, language="en")


def _checked(row: Inquiry | UnreadableRow) -> Inquiry | UnreadableRow:
    """Return a row whose id or reference is no name as unreadable: no payment of ours has it."""
    if isinstance(row, UnreadableRow) or row.is_named:
        return row
    raw = row.raw or {"gateway_payment_id": row.gateway_payment_id, "reference": row.reference}
    return UnreadableRow(raw, row.gateway_payment_id, row.reference)


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(rows)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
