"""One gateway's book and ours, walked both ways; whatever differs is written down as it is met.

No row of the list is held against us before an inquiry, asked after we read our own book, says
the same: lists have gaps, and payments go on while they are read.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from sqlalchemy import ColumnElement, or_, select

from jibit_client.errors import GatewayError, NotFound, Unintelligible
from jibit_client.gateway import Inquiry, UnreadableRow
from jibit_client.redaction import redact_text
from storefront.core.database import db, end_reading
from storefront.core.states import ASKABLE, CAPTURABLE
from storefront.orders.history import Actor
from storefront.payments import comparison
from storefront.payments.comparison import Span, differences_between, has_time
from storefront.payments.completion import complete_payment
from storefront.payments.differences import Finding
from storefront.payments.findings import Findings
from storefront.payments.models import Payment
from storefront.payments.services import Till

logger = logging.getLogger(__name__)

EDGE = timedelta(minutes=5)  # two clocks are never the same
CHUNK = 100  # payments compared at a time
SILENCES = 5  # so many questions in a row without an answer, and the gateway is down

T = TypeVar("T")


class TwoBooks:
    """The audit of one gateway in a span.

    ``counts`` tells how many payments were met ``there`` and ``here``, and how many were ``asked``
    about, beside what became of differences; ``touched`` holds the ids of those.
    """

    def __init__(self, till: Till, gateway: str, span: Span) -> None:
        self._till, self._name, self._span = till, gateway, span
        self._gateway = till.gateways[gateway]
        self._findings = Findings(gateway, span, till.clock)
        self._listed: set[str] = set()  # identifiers that their list has shown
        self._paired: dict[str, str] = {}  # their identifier by our reference, where we had none
        self._not_asked: dict[int, str] = {}  # reference numbers by payment id
        self._silences = 0
        self.counts = self._findings.counts
        self.touched = self._findings.touched

    def compare(self) -> str | None:
        """Walk both books. Gives what kept the audit from being complete, if anything did."""
        try:
            self._read_their_book()
            self._read_our_book()
            still_there = self._strangers_still_there()
        except GatewayError as error:
            return redact_text(f"{self._name}: {error}")
        self._findings.close_gone(self._not_asked.keys(), still_there)
        if self._not_asked:
            references = ", ".join(self._not_asked.values())
            return f"{self._name}: could not be asked about: {references}"
        return None

    def _read_their_book(self) -> None:
        rows = self._gateway.payments_between(self._span.since - EDGE, self._span.until + EDGE)
        for chunk in _chunks(rows):
            read = [row for row in chunk if isinstance(row, Inquiry)]
            self.counts["there"] += len(chunk)
            self._listed.update(row.order_identifier for row in read)
            by_identifier, by_reference = self._ours_named_in(read)
            for row in chunk:
                if isinstance(row, UnreadableRow):
                    self._findings.keep(
                        comparison.of_an_unreadable_row(self._name, row, self._span)
                    )
                elif ours := by_identifier.get(row.order_identifier):
                    self._look_at(ours, row)
                else:
                    self._look_at_stranger(row, by_reference.get(row.reference_number))

    def _read_our_book(self) -> None:
        """Whatever of ours the list has not shown is asked about, one by one."""
        last = 0
        while found := self._ours(
            Payment.id > last,
            Payment.created_at.between(self._span.since, self._span.until),
            Payment.order_identifier.is_not(None),
            limit=CHUNK,
        ):
            last = found[-1].id
            for payment in found:
                if payment.order_identifier not in self._listed:
                    self._look_at(payment, None)

    def _strangers_still_there(self) -> set[int]:
        """Ask about payments that are not ours and that the list has not shown this time."""
        found = self._findings.strangers_not_found()
        return {row_id for row_id, identifier in found if self._is_known_there(identifier)}

    def _is_known_there(self, order_identifier: str) -> bool:
        try:
            self._gateway.inquire(order_identifier, language="en")
        except NotFound:
            return False
        except Unintelligible:
            pass  # and yet it answers to this name
        return True

    def _ours_named_in(
        self, rows: Sequence[Inquiry]
    ) -> tuple[Mapping[str, Payment], Mapping[str, Payment]]:
        identifiers = [row.order_identifier for row in rows if _may_be_ours(row.order_identifier)]
        references = [row.reference_number for row in rows if _may_be_ours(row.reference_number)]
        found = self._ours(
            or_(Payment.order_identifier.in_(identifiers), Payment.reference_number.in_(references))
        )
        by_identifier = {ours.order_identifier: ours for ours in found if ours.order_identifier}
        return by_identifier, {ours.reference_number: ours for ours in found}

    def _ours(self, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Payment]:
        query = select(Payment).where(Payment.gateway == self._name, *conditions)
        query = query.order_by(Payment.id).limit(limit).execution_options(populate_existing=True)
        found = list(db.session.scalars(query))
        end_reading()
        return found

    def _look_at(self, payment: Payment, listed: Inquiry | None) -> None:
        """Compare one of ours; ``listed`` None: the list has not shown it."""
        self.counts["here"] += 1
        try:
            self._settle(payment, listed)
        except GatewayError as error:
            self._silences += 1
            if self._silences == SILENCES:
                raise
            if isinstance(error, Unintelligible):
                self._findings.keep(comparison.of_an_unreadable_answer(payment, error))
            else:
                self._not_asked[payment.id] = payment.reference_number
        except Exception:
            logger.exception("payment %s could not be audited", payment.reference_number)
            self._not_asked[payment.id] = payment.reference_number

    def _settle(self, payment: Payment, listed: Inquiry | None) -> None:
        """Mend what is not final, ask what is true now, and keep what differs even so."""
        theirs = listed or self._inquire(payment)
        before = self._differences(payment, theirs)
        if not before:
            return
        was_open = payment.state in ASKABLE
        if was_open:
            complete_payment(self._till, payment.id, actor=Actor.AUDIT)
            payment = self._ours(Payment.id == payment.id)[0]
        if was_open or listed:
            theirs = self._inquire(payment)
        after = self._differences(payment, theirs)
        if was_open and payment.is_final:
            self._findings.keep_mended(before, after)
        settle_after = self._till.terms.settle_after
        may_change = has_time(payment, theirs, self._now, settle_after)
        if payment.state not in CAPTURABLE or not may_change:
            self._findings.keep(*after)

    def _differences(self, payment: Payment, theirs: Inquiry | None) -> list[Finding]:
        return differences_between(payment, theirs, self._now, self._till.terms.settle_after)

    def _look_at_stranger(self, row: Inquiry, claimed: Payment | None) -> None:
        """A row with an identifier that we do not have, perhaps with a reference that we do."""
        if claimed and self._identifier_of(claimed, row) == row.order_identifier:
            self.counts["here"] += 1
            self._findings.keep(*self._differences(claimed, row))
        else:
            self._findings.keep(comparison.of_a_stranger(self._name, row, claimed, self._span))

    def _identifier_of(self, payment: Payment, row: Inquiry) -> str:
        """A payment whose create was never answered is the first row that bears its reference."""
        known = payment.order_identifier
        return known or self._paired.setdefault(payment.reference_number, row.order_identifier)

    @property
    def _now(self) -> datetime:
        return self._till.clock()

    def _inquire(self, payment: Payment) -> Inquiry | None:
        """Ask about one of ours; None if the gateway knows no such payment."""
        self.counts["asked"] += 1
        try:
            answer = self._gateway.inquire(str(payment.order_identifier), language="en")
        except NotFound:
            answer = None
        self._silences = 0
        return answer


def _may_be_ours(text: str) -> bool:
    """What we never gave and never took need not be looked for, nor could every database."""
    return text.isascii() and text.isprintable()


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(rows)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
