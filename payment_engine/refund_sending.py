"""Send refunds, each after its intent was committed.

A reversal can be sent again until it is answered; a transfer never is blindly. What certainly did
not arrive is given back, and sent another time.
"""

from __future__ import annotations

from dataclasses import replace

from payment_engine.errors import GatewayError, NotExecuted, NotSent, Refused, TooManyRequests
from payment_engine.events import Actor, Event
from payment_engine.gateway import CAPTURED, Inquiry, InquiryStatus, RefundRequest, ReversalStatus
from payment_engine.payment import Payment
from payment_engine.refund import Refund, RefundMethod, RefundState
from payment_engine.refund_answers import (
    close_refund,
    end_refund,
    is_old,
    locked_refund,
    not_captured,
    postpone,
    reason_of,
    record_answer,
)
from payment_engine.refund_moves import move_refund, next_check, tell_refund
from payment_engine.services import Services
from payment_engine.store import UnitOfWork

ANOTHER_PAYMENT = "the gateway names another payment"
REVERSED_BY_OTHERS = "the gateway has reversed it already"


def send(services: Services, payment: Payment, refund: Refund, actor: Actor) -> None:
    """Ask whether there is still something to return, commit that it is sent, and send it."""
    seen = inquire(services, payment, refund, actor)
    if seen is None:
        return
    if seen.status is InquiryStatus.REVERSED:
        _found_reversed(services, refund.id, actor)
    elif seen.status not in CAPTURED:
        not_captured(services, refund.id, seen.said)
    else:
        order(services, payment, refund.id, actor)


def inquire(services: Services, payment: Payment, refund: Refund, actor: Actor) -> Inquiry | None:
    """Ask about the payment; put the refund off after an answer about another one.

    The next answer may be right again. A refund that was never sent fails when that lasts.
    """
    gateway_id = str(payment.gateway_payment_id)
    seen = services.gateways[refund.gateway].inquire(gateway_id)
    if (seen.gateway_payment_id, seen.reference) == (gateway_id, payment.reference):
        return seen
    if refund.state is RefundState.REQUESTED and is_old(services, refund):
        failed, unsent = RefundState.FAILED, RefundState.REQUESTED
        end_refund(services, refund.id, failed, actor, ANOTHER_PAYMENT, only_from=unsent)
    else:
        postpone(services, refund.id, ANOTHER_PAYMENT)
    return None


def _found_reversed(services: Services, refund_id: int, actor: Actor) -> None:
    """Our reversal arrived, or somebody else was faster: then there is nothing left to return.

    Whether it was sent says the locked row: another process may have sent it while this one asked.
    """
    with services.store.transaction() as work:
        refund = locked_refund(work, refund_id)
        is_ours = refund.method is RefundMethod.REVERSE and refund.times_sent > 0
        if is_ours or refund.automatic:
            close_refund(services, work, refund, RefundState.DONE, actor)
        else:
            close_refund(services, work, refund, RefundState.FAILED, actor, REVERSED_BY_OTHERS)


def order(services: Services, payment: Payment, refund_id: int, actor: Actor) -> None:
    """Order the reversal or the transfer, unless another process has done so.

    Raises NotSent, NotExecuted and TooManyRequests, once the refund can be sent again, and
    GatewayError for an answer that did not come: then the refund stays in doubt.
    """
    before = take_to_send(services, refund_id, actor)
    if before is None:
        return
    gateway, gateway_id = services.gateways[before.gateway], str(payment.gateway_payment_id)
    try:
        if before.method is RefundMethod.REVERSE:
            reversal = gateway.reverse(gateway_id)
            if reversal.status is ReversalStatus.DONE:
                end_refund(services, refund_id, RefundState.DONE, actor, None, said=reversal.said)
            elif reversal.status is ReversalStatus.NOT_POSSIBLE:
                _refund_instead(services, before, actor, reversal.said)
            return
        wanted = RefundRequest(gateway_id, before.amount_rials, cancellable=before.cancellable)
        record_answer(services, refund_id, gateway.refund(wanted), actor)
    except (NotSent, NotExecuted, TooManyRequests) as error:
        _not_sent(services, before, actor, error)
        raise
    except Refused as error:
        _refused(services, before, actor, error)


def take_to_send(services: Services, refund_id: int, actor: Actor) -> Refund | None:
    """Commit that the gateway will be asked; return the refund as it was, or None.

    None if another process has done so. How long the gateway has had none is counted anew: what is
    sent now may arrive late. Only if it certainly does not, the old count goes on.
    """
    with services.store.transaction() as work:
        refund = locked_refund(work, refund_id)
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
        refund = locked_refund(work, before.id)
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
        _refund_instead(services, before, actor, reason_of(error))
    elif before.automatic and not is_old(services, before):
        _not_sent(services, before, actor, error)
        postpone(services, before.id, reason_of(error))
    else:
        end_refund(services, before.id, RefundState.FAILED, actor, reason_of(error))


def _not_sent(services: Services, before: Refund, actor: Actor, error: GatewayError) -> None:
    """Nothing has happened at the gateway, so that it may be sent again."""
    with services.store.transaction() as work:
        refund = locked_refund(work, before.id)
        refund.absent_since = before.absent_since
        _give_back(services, work, refund, actor, **error.facts())


def _give_back(
    services: Services, work: UnitOfWork, refund: Refund, actor: Actor, **facts: object
) -> None:
    if refund.state is RefundState.IN_DOUBT:
        move_refund(services, work, refund, RefundState.REQUESTED, actor)
        tell_refund(work, refund, services.clock(), actor, Event.REFUND_NOT_SENT, **facts)
