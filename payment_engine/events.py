"""Define the history of a payment: what happened, who acted, what the gateway said.

A history is only appended to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Actor(StrEnum):
    """List who can have acted."""

    PAYER = "payer"
    WORKER = "worker"
    RECONCILIATION = "reconciliation"
    OPERATOR = "operator"


class Event(StrEnum):
    """List what the engine records; the application may append events of its own beside these."""

    INITIATED = "payment_initiated"
    OPENED = "payment_opened"
    NOT_OPENED = "payment_not_opened"
    REDIRECT_NOT_TRUSTED = "redirect_not_trusted"
    CALLBACK = "callback"  # the first that names the payment; further ones only count
    UNMATCHED_CALLBACK = "unmatched_callback"  # the first that does not
    CLAIMED = "verifying"
    # after an answer of the gateway: the state that follows from it
    STILL_AWAITING_PAYER = "payment_awaiting_payer"
    STILL_VERIFYING = "payment_verifying"
    IN_DOUBT = "payment_in_doubt"
    NEEDS_REVIEW = "payment_needs_review"
    PAID = "payment_paid"
    FAILED = "payment_failed"
    EXPIRED = "payment_expired"
    RETURNED = "payment_returned"
    ODD_ANSWER = "odd_answer"
    CONTRADICTION = "contradiction"
    HOOK_FAILED = "hook_failed"
    # about a create that was not answered
    LIST_NOT_READ = "list_not_read"
    NEVER_ARRIVED = "never_reached_the_gateway"
    NEVER_OPENED = "nobody_was_sent_there"
    FOUND_IN_LIST = "found_in_the_list"
    # an operator's decision
    RESOLVED_AS_PAID = "resolved_as_paid"
    RESOLVED_AS_FAILED = "resolved_as_failed"
    RESOLVED_AS_EXPIRED = "resolved_as_expired"
    RESOLVED_AS_RETURNED = "resolved_as_returned"
    # refunds: who asked for it, that it was sent, and the state that follows from an answer
    REFUND_REQUESTED = "refund_requested"
    REFUND_SENT = "refund_sent"
    REFUND_NOT_SENT = "refund_not_sent"
    REFUND_NEVER_ARRIVED = "refund_never_arrived"
    REFUND_IN_PROGRESS = "refund_in_progress"
    REFUND_WAITING = "refund_waiting"
    REFUND_DONE = "refund_done"
    REFUND_FAILED = "refund_failed"
    REFUND_CANCELLED = "refund_cancelled"
    REFUND_RESOLVED = "refund_resolved"
    # reconciliation
    DISCREPANCY_FOUND = "discrepancy_found"
    DISCREPANCY_MENDED = "discrepancy_mended"
    DISCREPANCY_AGREES_NOW = "discrepancy_agrees_now"
    DISCREPANCY_DECIDED = "discrepancy_decided"


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """Hold one entry of the history.

    Attributes:
        at: aware UTC.
        payment_id: None for what concerns the order alone.
        event: an :class:`Event`, or an application's own word.
        details: facts by name; redacted when it is stored.
    """

    at: datetime
    order_key: str
    payment_id: int | None
    actor: Actor
    event: str
    details: Mapping[str, Any] = field(default_factory=dict)
