"""Define a refund: money that goes back to a payer, asked for once and never sent twice blindly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from payment_engine.states import ImpossibleTransition


class RefundMethod(StrEnum):
    """List how money can go back."""

    REVERSE = "reverse"  #: the gateway takes the whole capture back; may be asked again
    REFUND = "refund"  #: a transfer to the payer; never asked again blindly
    BY_HAND = "by_hand"  #: a person did it outside of the engine


class RefundState(StrEnum):
    """List how a refund can stand; ``done``, ``failed`` and ``cancelled`` are final."""

    REQUESTED = "requested"  #: it will be sent; what was sent before has certainly not arrived
    IN_DOUBT = "in_doubt"  #: it was sent and not answered
    IN_PROGRESS = "in_progress"  #: the gateway has accepted it
    WAITING = "waiting"  #: accepted; it waits for money, a confirmation, or the end of its hour
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({RefundState.DONE, RefundState.FAILED, RefundState.CANCELLED})
#: The states in which the payer has or may get the money.
COUNTS = frozenset(RefundState) - {RefundState.FAILED, RefundState.CANCELLED}
_ACCEPTED = ENDED | {RefundState.IN_PROGRESS, RefundState.WAITING}

#: The allowed next states, by state; the database refuses any other.
REFUND_TRANSITIONS: Mapping[RefundState, frozenset[RefundState]] = {
    RefundState.REQUESTED: ENDED | {RefundState.IN_DOUBT},
    RefundState.IN_DOUBT: _ACCEPTED | {RefundState.REQUESTED},
    RefundState.IN_PROGRESS: ENDED | {RefundState.WAITING},
    RefundState.WAITING: ENDED | {RefundState.IN_PROGRESS},
    RefundState.DONE: frozenset(),
    RefundState.FAILED: frozenset(),
    RefundState.CANCELLED: frozenset(),
}


@dataclass(slots=True, kw_only=True)
class Refund:
    """Hold one return of money, or of a part of it. Times are aware UTC.

    Attributes:
        payment_id: of the payment whose money goes back.
        amount_rials: integer Rials.
        automatic: the engine asked for it, because the money could not be kept.
        reason: why, in the words of whoever asked; of 1 to 1,000 characters.
        requested_by: who asked.
        cancellable: the gateway holds it back for a while, in which it can be cancelled.
        gateway_refund_id: the gateway's own, which tells it apart from others of the payment.
        said: the gateway's last word about it.
        times_sent: how often the gateway was asked for it.
        sent_at: when it was last asked.
        absent_since: since when the gateway has kept saying that it has none, or is not reversed;
            begins anew when it is sent again.
        next_check_at: when recovery goes on with it.
        failures: how often in a row that raised.
        last_failure: the name of the error's class, or the gateway's code.
        ended_at: when it became final.
        version: counts writes; a write with an old version is refused.
    """

    id: int = 0
    payment_id: int
    order_key: str
    gateway: str
    amount_rials: int
    method: RefundMethod
    state: RefundState = RefundState.REQUESTED
    automatic: bool = False
    reason: str
    requested_by: str
    requested_at: datetime
    cancellable: bool = False
    gateway_refund_id: str | None = None
    said: str | None = None
    times_sent: int = 0
    sent_at: datetime | None = None
    absent_since: datetime | None = None
    next_check_at: datetime
    failures: int = 0
    last_failure: str | None = None
    ended_at: datetime | None = None
    version: int = 1

    @property
    def is_final(self) -> bool:
        """Return whether nothing can move this refund any more."""
        return self.state in ENDED

    def move(self, state: RefundState, now: datetime) -> None:
        """Go to another state, or stay. The caller holds the group's lock and saves.

        Raises ImpossibleTransition for a pair that the table of transitions does not have.
        """
        if state is self.state:
            return
        if state not in REFUND_TRANSITIONS[self.state]:
            raise ImpossibleTransition(f"refund {self.id}: {self.state} → {state}")
        self.state = state
        if state in ENDED:
            self.ended_at = now
