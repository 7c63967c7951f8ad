"""Define discrepancies between the gateway's ledger and ours: rows that wait for a person.

The same discrepancy is one row, however often it is found. It never moves the payment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from payment_engine.redaction import redact, redact_identifier, redact_text

LONGEST_NAME = 64


class Kind(StrEnum):
    """List what can differ: "there" is the gateway's ledger, "here" is ours."""

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
    CONTRADICTED_THERE = "contradicted_there"  #: the gateway says that its records contradict


class Closing(StrEnum):
    """List how a discrepancy can be closed."""

    MENDED = "mended"  #: reconciliation completed the payment
    AGREES_NOW = "agrees_now"  #: a later reconciliation of the same span no longer found it
    DECIDED = "decided"  #: a person said so, and why


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Hold a discrepancy as one reconciliation sees it.

    Attributes:
        subject: tells it from others of its kind.
        ours: what our ledger says, by name.
        theirs: what the gateway's says, by name.
        lies_from: when the payment was created if that is known, else the begin of the span that
            was reconciled; aware UTC.
        lies_to: the same moment, or the end of the span.
    """

    kind: Kind
    gateway: str
    subject: str
    gateway_payment_id: str | None
    reference: str | None
    payment_id: int | None
    ours: Mapping[str, object]
    theirs: Mapping[str, object]
    lies_from: datetime
    lies_to: datetime

    @property
    def key(self) -> str:
        """Return the subject's SHA-256, as the text may be of any length and content."""
        return hashlib.sha256(self.subject.encode(errors="backslashreplace")).hexdigest()


@dataclass(slots=True, kw_only=True)
class Discrepancy:
    """Hold a discrepancy as it is stored: open until ``closed_at``; ``theirs`` is redacted.

    ``how`` and ``reason`` say how it was closed. Times are aware UTC.
    """

    id: int = 0
    gateway: str
    kind: Kind
    key: str
    gateway_payment_id: str | None = None
    reference: str | None = None
    payment_id: int | None = None
    ours: dict[str, Any] = field(default_factory=dict)
    theirs: dict[str, Any] = field(default_factory=dict)
    lies_from: datetime
    lies_to: datetime
    found_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None = None
    how: Closing | None = None
    reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Return whether it still waits for a person."""
        return self.closed_at is None

    def close(self, now: datetime, how: Closing, reason: str | None = None) -> None:
        """Close it."""
        self.closed_at, self.how, self.reason = now, how, reason

    def see_again(self, mismatch: Mismatch, now: datetime) -> bool:
        """Update the row from what was found; return whether that reopens it.

        What a person has decided stays decided while both sides say the same as then.
        """
        ours, theirs = dict(mismatch.ours), _storable(mismatch.theirs)
        decided = self.how is Closing.DECIDED and (self.ours, self.theirs) == (ours, theirs)
        reopens = not self.is_open and not decided
        if reopens:
            self.found_at, self.closed_at, self.how, self.reason = now, None, None, None
        self.gateway_payment_id = _name(mismatch.gateway_payment_id, redact_identifier)
        self.reference = _name(mismatch.reference, redact_text)
        self.payment_id = mismatch.payment_id
        self.ours, self.theirs, self.last_seen_at = ours, theirs, now
        self.lies_from = max(
            self.lies_from, mismatch.lies_from
        )  # seen in two spans: it lies in both
        self.lies_to = min(self.lies_to, mismatch.lies_to)
        return reopens


def first_seen(mismatch: Mismatch, now: datetime) -> Discrepancy:
    """Return a new row for what was found."""
    row = Discrepancy(
        gateway=mismatch.gateway,
        kind=mismatch.kind,
        key=mismatch.key,
        lies_from=mismatch.lies_from,
        lies_to=mismatch.lies_to,
        found_at=now,
        last_seen_at=now,
    )
    row.see_again(mismatch, now)
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationRun:
    """Hold the record of one reconciliation of the span from ``since`` to ``until``.

    ``follows_on`` says that it began where the last complete one had ended: only such runs set
    where the next one begins. ``error`` says why it is not ``complete``.
    """

    since: datetime
    until: datetime
    follows_on: bool
    started_at: datetime
    finished_at: datetime
    complete: bool
    counts: dict[str, int]
    error: str | None


def _storable(said: Mapping[str, object]) -> dict[str, Any]:
    masked = redact(said)
    return masked if isinstance(masked, dict) else {}


def _name(text: str | None, masked: Callable[[str], str]) -> str | None:
    return masked(text)[:LONGEST_NAME] if text else None
