"""Send refunds and find out what became of them.

The intent is committed before anything is sent. A reversal can be asked for again until it is
answered. A transfer is never ordered again blindly: an unanswered one is looked up, and ordered
again only when the gateway has kept saying for ``policy.refund_settles_after`` that it has none.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from payment_engine.bounds import LONGEST_CODE
from payment_engine.decision import DOUBT_LIMIT
from payment_engine.errors import GatewayError, NotExecuted, NotSent, Refused, TooManyRequests
from payment_engine.events import Actor, Event
from payment_engine.gateway import (
    Inquiry,
    InquiryStatus,
    RefundRequest,
    RefundSeen,
    RefundStatus,
    ReversalStatus,
)
from payment_engine.lanes import Lanes
from payment_engine.payment import Payment
from payment_engine.recording import BUSY, is_temporary
from payment_engine.refund import Refund, RefundMethod, RefundState
from payment_engine.refund_moves import move_refund, next_check, tell_refund
from payment_engine.row_queue import FAILED, Spread, Tally, process_due
from payment_engine.services import Services
from payment_engine.store import UnitOfWork

logger = logging.getLogger(__name__)

MOST_SENT = 5  #: an order for a transfer that never arrives so often needs a person
ANOTHER_PAYMENT = "the gateway names another payment"
REVERSED_BY_OTHERS = "the gateway has reversed it already"
CAPTURED = (InquiryStatus.CAPTURED, InquiryStatus.SUCCESS)
_STATES = {
    RefundStatus.IN_PROGRESS: RefundState.IN_PROGRESS,
    RefundStatus.WAITING: RefundState.WAITING,
    RefundStatus.DONE: RefundState.DONE,
    RefundStatus.FAILED: RefundState.FAILED,
    RefundStatus.CANCELLED: RefundState.CANCELLED,
}


def advance_due(services: Services, spread: Spread = map) -> Tally:
    """Go on with every refund that is due; count by state, as ``refund_done``."""
    return process_due(_Refunds(services), services.monotonic, spread)


class _Refunds:
    name = "refunds"

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lanes = Lanes(services.gateways, services.monotonic)

    def claim(self) -> int | None:
        return self._lanes.claim(self._take)

    def _take(self, gateways: Collection[str]) -> int | None:
        services, now = self._services, self._services.clock()
        until = now + services.policy.recover_after
        with services.store.transaction() as work:
            return work.claim_next_refund(gateways, now, until)

    def process(self, refund_id: int) -> str:
        with self._lanes.working_on(refund_id):
            refund = advance(self._services, refund_id, Actor.WORKER)
            return f"refund_{refund.state}"

    def set_aside(self, refund_id: int, error: Exception) -> str:
        if self.is_temporary(error):
            return BUSY
        _postpone(self._services, refund_id, type(error).__name__)
        return FAILED

    def is_temporary(self, error: Exception) -> bool:
        return is_temporary(self._services, error)


def advance(services: Services, refund_id: int, actor: Actor) -> Refund:
    """Send a refund, or ask what became of it; return it as it stands then.

    Never raises for what the gateway does. Raises what the hook ``on_refunded`` raises.
    """
    services.store.check_idle()
    before = _step(services, refund_id, actor)
    with services.store.reading() as work:
        refund = work.refund(refund_id)
    if refund.state is RefundState.REQUESTED and refund.method is not before:
        _step(services, refund_id, actor)  # a transfer instead of the reversal that was refused
        with services.store.reading() as work:
            refund = work.refund(refund_id)
    return refund


def begin(services: Services, refund_id: int, actor: Actor) -> Refund:
    """Send a refund whose intent has just been saved; return it as it stands then.

    What a hook raises is logged: recovery goes on with what could not be done now, and whoever has
    asked for the refund must not ask once more. Raises only what the database does.
    """
    try:
        return advance(services, refund_id, actor)
    except Exception as error:  # of a hook, or of the database
        logger.exception("refund %s could not be sent at once", refund_id)
        _Refunds(services).set_aside(refund_id, error)
    with services.store.reading() as work:
        return work.refund(refund_id)


def count_as_sent(services: Services, refund_id: int, actor: Actor) -> bool:
    """Commit that a refund may have been sent, and send nothing; return whether it had not been.

    For a database that was restored from a backup: what had not been sent then may have arrived
    since. Recovery looks for it, and sends it only if the gateway keeps saying that it has none.
    """
    return _take_to_send(services, refund_id, actor) is not None


def _step(services: Services, refund_id: int, actor: Actor) -> RefundMethod:
    with services.store.reading() as work:
        refund = work.refund(refund_id)
        payment = work.by_id(refund.payment_id)
    if refund.is_final or refund.gateway not in services.gateways:
        return refund.method
    with services.hooks.attending(payment):
        return _go_on(services, payment, refund, actor)


def _go_on(services: Services, payment: Payment, refund: Refund, actor: Actor) -> RefundMethod:
    method, refund_id = refund.method, refund.id
    try:
        with services.bulkheads[refund.gateway].listing():
            if refund.state is RefundState.REQUESTED:
                _send(services, payment, refund, actor)
            elif method is RefundMethod.REVERSE:
                _look_for_reversal(services, payment, refund, actor)
            else:
                _look_for_transfer(services, payment, refund, actor)
    except GatewayError as error:
        logger.warning("refund %s: %s", refund_id, error)
        _postpone(services, refund_id, _why(error))
    return method


def _send(services: Services, payment: Payment, refund: Refund, actor: Actor) -> None:
    """Ask whether there is still something to return, commit that it is sent, and send it."""
    seen = _inquire(services, payment, refund, actor)
    if seen is None:
        return
    if seen.status is InquiryStatus.REVERSED:
        _found_reversed(services, refund.id, actor)
    elif seen.status not in CAPTURED:
        _not_captured(services, refund.id, seen.said)
    else:
        _order(services, payment, refund.id, actor)


def _inquire(services: Services, payment: Payment, refund: Refund, actor: Actor) -> Inquiry | None:
    """Ask about the payment; put the refund off after an answer about another one.

    The next answer may be right again. A refund that was never sent fails when that lasts.
    """
    gateway_id = str(payment.gateway_payment_id)
    seen = services.gateways[refund.gateway].inquire(gateway_id)
    if (seen.gateway_payment_id, seen.reference) == (gateway_id, payment.reference):
        return seen
    if refund.state is RefundState.REQUESTED and _is_old(services, refund):
        failed, unsent = RefundState.FAILED, RefundState.REQUESTED
        _end(services, refund.id, failed, actor, ANOTHER_PAYMENT, only_from=unsent)
    else:
        _postpone(services, refund.id, ANOTHER_PAYMENT)
    return None


def _is_old(services: Services, refund: Refund) -> bool:
    """Return whether a person must look by now."""
    return services.clock() - refund.requested_at > DOUBT_LIMIT


def _found_reversed(services: Services, refund_id: int, actor: Actor) -> None:
    """Our reversal arrived, or somebody else was faster: then there is nothing left to return.

    Whether it was sent says the locked row: another process may have sent it while this one asked.
    """
    with services.store.transaction() as work:
        refund = _locked(work, refund_id)
        is_ours = refund.method is RefundMethod.REVERSE and refund.times_sent > 0
        if is_ours or refund.automatic:
            _close(services, work, refund, RefundState.DONE, actor)
        else:
            _close(services, work, refund, RefundState.FAILED, actor, REVERSED_BY_OTHERS)


def _order(services: Services, payment: Payment, refund_id: int, actor: Actor) -> None:
    before = _take_to_send(services, refund_id, actor)
    if before is None:
        return
    gateway, gateway_id = services.gateways[before.gateway], str(payment.gateway_payment_id)
    try:
        if before.method is RefundMethod.REVERSE:
            reversal = gateway.reverse(gateway_id)
            if reversal.status is ReversalStatus.DONE:
                _end(services, refund_id, RefundState.DONE, actor, None, said=reversal.said)
            elif reversal.status is ReversalStatus.NOT_POSSIBLE:
                _refund_instead(services, before, actor, reversal.said)
            return
        wanted = RefundRequest(gateway_id, before.amount_rials, cancellable=before.cancellable)
        _record(services, refund_id, gateway.refund(wanted), actor)
    except (NotSent, NotExecuted, TooManyRequests) as error:
        _not_sent(services, before, actor, error)
        raise
    except Refused as error:
        _refused(services, before, actor, error)


def _take_to_send(services: Services, refund_id: int, actor: Actor) -> Refund | None:
    """Commit that the gateway will be asked; return the refund as it was, or None.

    None if another process has done so. How long the gateway has had none is counted anew: what is
    sent now may arrive late. Only if it certainly does not, the old count goes on.
    """
    with services.store.transaction() as work:
        refund = _locked(work, refund_id)
        if refund.state is not RefundState.REQUESTED:
            return None
        before, now = replace(refund), services.clock()
        refund.absent_since, refund.sent_at = None, now
        refund.times_sent += 1
        move_refund(services, work, refund, RefundState.IN_DOUBT, actor)
        tell_refund(work, refund, now, actor, Event.REFUND_SENT)
    return before


def _refund_instead(services: Services, before: Refund, actor: Actor, said: str) -> None:
    """A reversal was refused: order a transfer, where there are any.

    If an earlier one was not answered, and perhaps has arrived, the money might go back twice: the
    gateway must say for a while that the payment is captured.
    """
    now, settles_after = services.clock(), services.policy.refund_settles_after
    with services.store.transaction() as work:
        refund = _locked(work, before.id)
        if refund.is_final:
            return
        refund.said, refund.absent_since = said, before.absent_since
        if refund.absent_since is not None and now - refund.absent_since < settles_after:
            refund.next_check_at = next_check(services, refund, now)
            work.save_refund(refund)
        elif services.gateways[refund.gateway].can_refund:
            refund.method = RefundMethod.REFUND
            _give_back(services, work, refund, actor, reversal=said)
            refund.next_check_at = now
            work.save_refund(refund)
        else:
            move_refund(services, work, refund, RefundState.FAILED, actor, why=said)


def _refused(services: Services, before: Refund, actor: Actor, error: Refused) -> None:
    """A clear no: the gateway has no such feature, or no money now.

    What an operator has asked for fails, and the operator sees why. What must go back by itself is
    tried again, as the merchant may have paid in meanwhile, until a person must look.
    """
    if before.method is RefundMethod.REVERSE:
        _refund_instead(services, before, actor, _why(error))
    elif before.automatic and not _is_old(services, before):
        _not_sent(services, before, actor, error)
        _postpone(services, before.id, _why(error))
    else:
        _end(services, before.id, RefundState.FAILED, actor, _why(error))


def _not_sent(services: Services, before: Refund, actor: Actor, error: GatewayError) -> None:
    """Nothing has happened at the gateway, so that it may be sent again."""
    with services.store.transaction() as work:
        refund = _locked(work, before.id)
        refund.absent_since = before.absent_since
        _give_back(services, work, refund, actor, **error.facts())


def _give_back(
    services: Services, work: UnitOfWork, refund: Refund, actor: Actor, **facts: object
) -> None:
    if refund.state is RefundState.IN_DOUBT:
        move_refund(services, work, refund, RefundState.REQUESTED, actor)
        tell_refund(work, refund, services.clock(), actor, Event.REFUND_NOT_SENT, **facts)


def _look_for_reversal(services: Services, payment: Payment, refund: Refund, actor: Actor) -> None:
    """Ask what became of an unanswered reversal, and send it again if nothing did."""
    asked_at = services.clock()
    seen = _inquire(services, payment, refund, actor)
    if seen is None:
        return
    if seen.status is InquiryStatus.REVERSED:
        _end(services, refund.id, RefundState.DONE, actor, None, said=seen.said)
        return
    if seen.status not in CAPTURED:
        _not_captured(services, refund.id, seen.said)
        return
    if refund.sent_at is None or services.clock() - refund.sent_at < services.policy.patience:
        return  # another process may be waiting for the answer
    with services.store.transaction() as work:
        locked = _locked(work, refund.id)
        if locked.state is not RefundState.IN_DOUBT:
            return
        locked.absent_since = locked.absent_since or asked_at
        move_refund(services, work, locked, RefundState.REQUESTED, actor)
    _order(services, payment, refund.id, actor)


def _look_for_transfer(services: Services, payment: Payment, refund: Refund, actor: Actor) -> None:
    asked_at = services.clock()
    seen = services.gateways[refund.gateway].refunds_of(str(payment.gateway_payment_id))
    with services.store.reading() as work:
        siblings = work.refunds_of(payment.id)
    mine = _mine(refund, siblings, seen)
    if mine is not None:
        _record(services, refund.id, mine, actor)
    elif refund.state is RefundState.IN_DOUBT:
        _note_absence(services, refund.id, asked_at, actor)


def _mine(
    refund: Refund, siblings: Sequence[Refund], seen: Sequence[RefundSeen]
) -> RefundSeen | None:
    """Return the refund of the gateway's that is ours: by its id, else the one nobody else is.

    There is one unfinished refund of a payment at a time, so that what no other row names and has
    the same amount is it.
    """
    if refund.gateway_refund_id is not None:
        return next(
            (each for each in seen if each.gateway_refund_id == refund.gateway_refund_id), None
        )
    named = {each.gateway_refund_id for each in siblings if each.gateway_refund_id}
    unnamed = [
        each
        for each in seen
        if each.gateway_refund_id not in named and each.amount_rials == refund.amount_rials
    ]
    return unnamed[-1] if unnamed else None


def _record(services: Services, refund_id: int, seen: RefundSeen, actor: Actor) -> None:
    with services.store.transaction() as work:
        refund = _locked(work, refund_id)
        if refund.is_final:
            return
        refund.gateway_refund_id = seen.gateway_refund_id or refund.gateway_refund_id
        refund.said, refund.absent_since = seen.said, None
        state = _STATES.get(seen.status, refund.state)
        why = {"why": seen.fail_reason} if seen.fail_reason else {}
        move_refund(services, work, refund, state, actor, **why)


def _note_absence(services: Services, refund_id: int, asked_at: datetime, actor: Actor) -> None:
    """Send an unanswered refund again once it has certainly not arrived."""
    policy = services.policy
    with services.store.transaction() as work:
        refund = _locked(work, refund_id)
        if refund.state is not RefundState.IN_DOUBT or refund.sent_at is None:
            return
        absent_since = refund.absent_since or asked_at
        refund.absent_since = max(absent_since, refund.sent_at + policy.patience)
        state: RefundState = RefundState.IN_DOUBT
        if asked_at - refund.absent_since >= policy.refund_settles_after:
            again = refund.times_sent < MOST_SENT
            state = RefundState.REQUESTED if again else RefundState.FAILED
            tell_refund(work, refund, services.clock(), actor, Event.REFUND_NEVER_ARRIVED)
        move_refund(services, work, refund, state, actor)


def _end(
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
        refund = _locked(work, refund_id)
        if only_from in (None, refund.state):
            refund.said = said or refund.said
            _close(services, work, refund, state, actor, why)


def _close(
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


def _not_captured(services: Services, refund_id: int, said: str) -> None:
    """Wait: a reversal may be on its way, so how long there was none is counted from now."""
    _postpone(services, refund_id, f"the gateway says {said}", counted_anew=True)


def _postpone(services: Services, refund_id: int, why: str, *, counted_anew: bool = False) -> None:
    now = services.clock()
    with services.store.transaction() as work:
        refund = _locked(work, refund_id)
        if refund.is_final:
            return
        if counted_anew and refund.absent_since is not None:  # None: nothing is in doubt
            refund.absent_since = now
        refund.failures += 1
        refund.last_failure = why[:LONGEST_CODE]
        refund.next_check_at = next_check(services, refund, now)
        work.save_refund(refund)


def _why(error: GatewayError) -> str:
    return error.codes[0] if error.codes else error.reason


def _locked(work: UnitOfWork, refund_id: int) -> Refund:
    work.lock_group(work.refund(refund_id).order_key)
    return work.refund(refund_id)
