"""Let an operator decide about a discrepancy: the one way in which what was over moves on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from payment_engine.discrepancies import Closing, Discrepancy, Kind
from payment_engine.discrepancy_book import tell
from payment_engine.errors import GatewayError
from payment_engine.events import Actor, Event
from payment_engine.gateway import CAPTURED, InquiryStatus
from payment_engine.payment import Payment, apply_transition
from payment_engine.refund_moves import open_refund
from payment_engine.refund_requests import record_by_hand, rest_of
from payment_engine.refunding import begin
from payment_engine.services import Services
from payment_engine.states import PaymentState
from payment_engine.store import UnitOfWork, event_about

OVER = (PaymentState.FAILED, PaymentState.EXPIRED)


class Outcome(StrEnum):
    """List what a person can decide about a discrepancy."""

    NOTED = "noted"
    PAID = "paid"
    RETURNED = "returned"


class Unfit(StrEnum):
    """List why a discrepancy cannot be decided so."""

    ONLY_NOTED = "only_noted"
    NOT_ASKED = "not_asked"
    SAYS_OTHERWISE = "says_otherwise"
    ANOTHER_AMOUNT = "another_amount"
    NOT_OVER = "not_over"
    NO_REFUNDS = "no_refunds"
    ANOTHER_PAYMENT = "another_payment"
    NOT_DELIVERABLE = "not_deliverable"
    REFUND_UNDER_WAY = "refund_under_way"


class NotDecidable(Exception):
    """Raised when a discrepancy cannot be decided so; the sentence says why.

    Attributes:
        why: one of :class:`Unfit`.
    """

    def __init__(self, why: Unfit, sentence: str) -> None:
        self.why = why
        super().__init__(sentence)


def decide(
    services: Services, discrepancy_id: int, reason: str, *, outcome: Outcome, by: str
) -> Discrepancy:
    """Close a discrepancy by a person's decision.

    See :meth:`PaymentEngine.decide_discrepancy
    <payment_engine.engine.PaymentEngine.decide_discrepancy>`, which documents what is raised.
    """
    services.store.check_idle()
    with services.store.reading() as work:
        row = work.discrepancy(discrepancy_id)
        if row is None or not row.is_open:
            raise LookupError(discrepancy_id)
        payment = work.by_id(row.payment_id) if row.payment_id else None
    if outcome is not Outcome.NOTED:
        _confirm(services, row, payment, outcome)
    with services.store.transaction() as work:
        if payment is not None:
            work.lock_group(payment.order_key)
        row = work.discrepancy(discrepancy_id)
        if row is None or not row.is_open:
            raise LookupError(discrepancy_id)
        now = services.clock()
        refund_id = _carry_out(services, work, row, outcome, reason, by)
        row.close(now, Closing.DECIDED, reason)
        work.save_discrepancy(row)
        tell(work, row, now, Actor.OPERATOR, reason=reason, outcome=outcome, by=by)
    if refund_id is not None:
        begin(services, refund_id, Actor.OPERATOR)
    return row


def _confirm(
    services: Services, row: Discrepancy, payment: Payment | None, outcome: Outcome
) -> None:
    """Ask the gateway once more. Raises NotDecidable unless it still says what the row does."""
    if payment is None or payment.gateway_payment_id is None:
        raise NotDecidable(
            Unfit.ONLY_NOTED, "this discrepancy is about no payment of ours: it can only be noted"
        )
    expected = {
        Kind.PAID_THERE_NOT_HERE: CAPTURED,
        Kind.PAID_HERE_NOT_THERE: (InquiryStatus.REVERSED,),
    }.get(row.kind, ())
    if not expected or (row.kind is Kind.PAID_HERE_NOT_THERE and outcome is Outcome.PAID):
        raise NotDecidable(
            Unfit.ONLY_NOTED, f"a discrepancy {row.kind} cannot be decided as {outcome}"
        )
    try:
        seen = services.gateways[payment.gateway].inquire(payment.gateway_payment_id)
    except (GatewayError, KeyError) as error:
        raise NotDecidable(Unfit.NOT_ASKED, f"the gateway could not be asked: {error}") from error
    if seen.reference != payment.reference or seen.status not in expected:
        raise NotDecidable(
            Unfit.SAYS_OTHERWISE, f"the gateway says {seen.said} now: reconcile again"
        )
    if outcome is Outcome.PAID and seen.amount_rials != payment.amount_rials:
        raise NotDecidable(
            Unfit.ANOTHER_AMOUNT, "the gateway names another amount: it can only be returned"
        )


def _carry_out(
    services: Services,
    work: UnitOfWork,
    row: Discrepancy,
    outcome: Outcome,
    reason: str,
    by: str,
) -> int | None:
    """Do what was decided, in the same commit; return the id of a refund that is to be sent."""
    if outcome is Outcome.NOTED or row.payment_id is None:
        return None
    now, payment = services.clock(), work.by_id(row.payment_id)
    if row.kind is Kind.PAID_HERE_NOT_THERE:
        if any(not each.is_final for each in work.refunds_of(payment.id)):
            raise NotDecidable(Unfit.REFUND_UNDER_WAY, "a refund of this payment is under way")
        if rest := rest_of(work, payment):
            record_by_hand(services, work, payment, rest, reason=reason, by=by)
        return None
    if payment.state not in OVER:
        raise NotDecidable(Unfit.NOT_OVER, f"payment {payment.reference} is {payment.state} here")
    if outcome is Outcome.PAID:
        _make_paid(services, work, payment, now)
        return None
    gateway = services.gateways[payment.gateway]
    if not gateway.can_refund:
        raise NotDecidable(
            Unfit.NO_REFUNDS,
            f"{payment.gateway} has no refunds: return the money there, then note it",
        )
    apply_transition(payment, PaymentState.RETURNED, now, decided=True)
    work.save(payment)
    work.append(event_about(payment, now, Actor.OPERATOR, Event.RETURNED))
    services.hooks.on_returned(work.session, payment)
    theirs = row.theirs.get("amount_rials")
    amount = theirs if isinstance(theirs, int) and theirs > 0 else payment.amount_rials
    refund = open_refund(
        services, work, payment, amount, reason=reason, by=by, actor=Actor.OPERATOR
    )
    return refund.id


def _make_paid(services: Services, work: UnitOfWork, payment: Payment, now: datetime) -> None:
    """Move a payment that was over to paid, unless the order is paid or cannot be had again."""
    if any(each.claimed for each in work.of_order(payment.order_key)):
        raise NotDecidable(
            Unfit.ANOTHER_PAYMENT, "another payment of this order is paid or being captured"
        )
    if not services.hooks.may_reopen(work.session, payment):
        raise NotDecidable(
            Unfit.NOT_DELIVERABLE,
            "the application cannot deliver this order any more: return the money",
        )
    payment.claimed = True
    apply_transition(payment, PaymentState.PAID, now, decided=True)
    work.save(payment)
    work.append(event_about(payment, now, Actor.OPERATOR, Event.PAID))
    services.hooks.on_paid(work.session, payment)
