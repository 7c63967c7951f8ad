"""Where our book and the gateway's book differ: rows that wait for a person, and the audits' runs.

A difference is one row for as long as it is the same difference, however often it is found. It
stands beside the payment and never moves it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jibit_client.redaction import redact, redact_text
from storefront.core.columns import one_of
from storefront.core.database import Model, db
from storefront.payments.models import Payment

LONGEST_NAME = 64


class Kind(StrEnum):
    """What differs; docs/audit.md says what to do about each."""

    PAID_THERE_NOT_HERE = "paid_there_not_here"
    PAID_HERE_NOT_THERE = "paid_here_not_there"
    OVER_THERE_OPEN_HERE = "over_there_open_here"
    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    REFERENCE_DIFFERS = "reference_differs"
    UNKNOWN_HERE = "unknown_here"
    MISSING_THERE = "missing_there"
    DUPLICATED_REFERENCE = "duplicated_reference"
    UNREADABLE_ROW = "unreadable_row"


class Closing(StrEnum):
    """How a difference came to its end."""

    MENDED = "mended"  # the audit completed the payment
    AGREES_NOW = "agrees_now"  # a later audit of the same span no longer found it
    DECIDED = "decided"  # a person said so, and why


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference as one audit sees it. ``subject`` tells it from others of its kind.

    It lies at ``lies_from`` to ``lies_to`` in time: one moment if that is known, else the span
    that was audited. ``ours`` and ``theirs`` are what either side says.
    """

    kind: Kind
    gateway: str
    subject: str
    order_identifier: str | None
    reference_number: str | None
    payment_id: int | None
    ours: Mapping[str, object]
    theirs: Mapping[str, object]
    lies_from: datetime
    lies_to: datetime

    @property
    def key(self) -> str:
        """The subject at a fixed length: a gateway's text may be of any length and content."""
        return hashlib.sha256(self.subject.encode(errors="backslashreplace")).hexdigest()


class Difference(Model):
    """A difference that was found; open until ``closed_at``. ``theirs`` has been redacted."""

    __tablename__ = "differences"
    __table_args__ = (
        Index("uq_differences_gateway_kind_key", "gateway", "kind", "key", unique=True),
        CheckConstraint("(closed_at IS NULL) = (how IS NULL)", name="closed_somehow"),
        CheckConstraint("(how = 'decided') = (reason IS NOT NULL)", name="decided_for_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20))
    kind: Mapped[Kind] = mapped_column(one_of(Kind, "kind_known"))
    key: Mapped[str] = mapped_column(String(64))
    order_identifier: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    reference_number: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), index=True)
    ours: Mapped[dict[str, Any]] = mapped_column(JSON)
    theirs: Mapped[dict[str, Any]] = mapped_column(JSON)
    lies_from: Mapped[datetime]
    lies_to: Mapped[datetime]
    found_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    how: Mapped[Closing | None] = mapped_column(one_of(Closing, "how_known"))
    reason: Mapped[str | None] = mapped_column(Text)

    payment: Mapped[Payment | None] = relationship()

    @property
    def is_open(self) -> bool:
        """Whether it still waits."""
        return self.closed_at is None

    def close(self, now: datetime, how: Closing, reason: str | None = None) -> None:
        """Put it away."""
        self.closed_at, self.how, self.reason = now, how, reason

    def reopen(self, now: datetime) -> None:
        """Found again after it had been put away."""
        self.found_at, self.closed_at, self.how, self.reason = now, None, None, None


class AuditRun(Model):
    """One audit of the span from ``since`` to ``until``.

    ``follows_on``: it began where the last complete one had ended, as the next one shall.
    """

    __tablename__ = "audit_runs"
    __table_args__ = (Index("ix_audit_runs_follows_on_started_at", "follows_on", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    follows_on: Mapped[bool]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    complete: Mapped[bool]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    error: Mapped[str | None] = mapped_column(String(200))


def record(finding: Finding, now: datetime) -> tuple[Difference, bool]:
    """Write a finding down, on its own row if it has one; True if that was news.

    What a person has decided stays decided while both sides say the same as then.
    """
    row = _known(finding)
    ours, theirs = dict(finding.ours), _storable(finding.theirs)
    if row is None:
        row, news = _new(finding, now), True
    else:
        news = not row.is_open and not (
            row.how is Closing.DECIDED and (row.ours, row.theirs) == (ours, theirs)
        )
        if news:
            row.reopen(now)
    row.order_identifier = _name(finding.order_identifier)
    row.reference_number = _name(finding.reference_number)
    row.payment_id = finding.payment_id
    row.ours, row.theirs, row.last_seen_at = ours, theirs, now
    row.lies_from = max(row.lies_from, finding.lies_from)  # seen in two spans: it lies in both
    row.lies_to = min(row.lies_to, finding.lies_to)
    db.session.flush()
    return row, news


def _new(finding: Finding, now: datetime) -> Difference:
    row = Difference(
        gateway=finding.gateway,
        kind=finding.kind,
        key=finding.key,
        lies_from=finding.lies_from,
        lies_to=finding.lies_to,
        found_at=now,
    )
    db.session.add(row)
    return row


def _known(finding: Finding) -> Difference | None:
    query = select(Difference).where(
        Difference.gateway == finding.gateway,
        Difference.kind == finding.kind,
        Difference.key == finding.key,
    )
    query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def _storable(said: Mapping[str, object]) -> dict[str, Any]:
    masked = redact(said)
    return masked if isinstance(masked, dict) else {}


def _name(text: str | None) -> str | None:
    return redact_text(text)[:LONGEST_NAME] if text else None


def gone(
    gateway: str, since: datetime, until: datetime, started: datetime, found: Collection[int]
) -> Sequence[Difference]:
    """Open differences that lie within a span and were not found in it by this audit, nor since
    it ``started`` by another one."""
    query = select(Difference).where(
        Difference.gateway == gateway,
        Difference.closed_at.is_(None),
        Difference.lies_from >= since,
        Difference.lies_to <= until,
        Difference.last_seen_at <= started,
    )
    query = query.order_by(Difference.id).with_for_update()
    rows = db.session.scalars(query.execution_options(populate_existing=True))
    return [row for row in rows if row.id not in found]


def shown(found: Collection[int] = ()) -> Sequence[Difference]:
    """Everything open, and what is named besides, oldest first."""
    query = select(Difference).where(or_(Difference.closed_at.is_(None), Difference.id.in_(found)))
    query = query.order_by(Difference.id).execution_options(populate_existing=True)
    return db.session.scalars(query).all()


def last_run(*, complete: bool | None = None) -> AuditRun | None:
    """Return the latest audit that followed on; the latest complete one if so asked.

    That is the one written last: by its time, one from before the clock was set back would stay
    the latest until that time comes again.
    """
    query = select(AuditRun).where(AuditRun.follows_on)
    if complete:
        query = query.where(AuditRun.complete)
    return db.session.scalar(query.order_by(AuditRun.id.desc()).limit(1))
