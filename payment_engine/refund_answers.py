"""Record what a gateway has said about a refund, each time in one commit."""

from __future__ import annotations

from payment_engine.bounds import LONGEST_CODE
from payment_engine.decision import DOUBT_LIMIT
from payment_engine.errors import GatewayError
from payment_engine.events import Actor
from payment_engine.gateway import RefundSeen, RefundStatus
from payment_engine.refund import Refund, RefundState
from payment_engine.refund_moves import move_refund, next_check
from payment_engine.services import Services
from payment_engine.store import UnitOfWork

_STATES = {
    RefundStatus.IN_PROGRESS: RefundState.IN_PROGRESS,
    RefundStatus.WAITING: RefundState.WAITING,
    RefundStatus.DONE: RefundState.DONE,
    RefundStatus.FAILED: RefundState.FAILED,
    RefundStatus.CANCELLED: RefundState.CANCELLED,
}


def record_answer(services: Services, refund_id: int, seen: RefundSeen, actor: Actor) -> None:
    """Record the gateway's own refund, and move ours to where that one stands."""
    with services.store.transaction() as work:
        refund = locked_refund(work, refund_id)
        if refund.is_final:
            return
        refund.gateway_refund_id = seen.gateway_refund_id or refund.gateway_refund_id
        refund.said, refund.absent_since = seen.said, None
        state = _STATES.get(seen.status, refund.state)
        why = {"why": seen.fail_reason} if seen.fail_reason else {}
        move_refund(services, work, refund, state, actor, **why)


def end_refund(
    services: Services,
    refund_id: int,
    state: RefundState,
    actor: Actor,
    why: str | None,
    *,
    said: str | None = None,
    only_from: RefundState | None = None,
) -> None:
    """End a refund that is not over; with ``only_from``, only if it still stands there."""
    with services.store.transaction() as work:
        refund = locked_refund(work, refund_id)
        if only_from in (None, refund.state):
            refund.said = said or refund.said
            close_refund(services, work, refund, state, actor, why)


def close_refund(
    services: Services,
    work: UnitOfWork,
    refund: Refund,
    state: RefundState,
    actor: Actor,
    why: str | None = None,
) -> None:
    """End a locked refund, unless it is over."""
    if refund.is_final:
        return
    move_refund(services, work, refund, state, actor, **({"why": why} if why else {}))
    if why:
        refund.last_failure = why[:LONGEST_CODE]
        work.save_refund(refund)


def not_captured(services: Services, refund_id: int, said: str) -> None:
    """Wait: a reversal may be on its way, so how long there was none is counted from now."""
    postpone(services, refund_id, f"the gateway says {said}", counted_anew=True)


def postpone(services: Services, refund_id: int, why: str, *, counted_anew: bool = False) -> None:
    """Count a failure of a refund that is not over, and go on with it later."""
    now = services.clock()
    with services.store.transaction() as work:
        refund = locked_refund(work, refund_id)
        if refund.is_final:
            return
        if counted_anew and refund.absent_since is not None:  # None: nothing is in doubt
            refund.absent_since = now
        refund.failures += 1
        refund.last_failure = why[:LONGEST_CODE]
        refund.next_check_at = next_check(services, refund, now)
        work.save_refund(refund)


def is_old(services: Services, refund: Refund) -> bool:
    """Return whether a person must look by now."""
    return services.clock() - refund.requested_at > DOUBT_LIMIT


def reason_of(error: GatewayError) -> str:
    """Return the gateway's code, or a word of ours where it gave none."""
    return error.codes[0] if error.codes else error.reason


def locked_refund(work: UnitOfWork, refund_id: int) -> Refund:
    """Lock the order of a refund; return the refund as it is now."""
    work.lock_group(work.refund(refund_id).order_key)
    return work.refund(refund_id)
