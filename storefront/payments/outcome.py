"""An outcome is written down: the payment moves, and in the same commit all that follows from it.

`completion.py` learns it from the gateway; for a payment that needs review a person says it.
"""

from __future__ import annotations

from datetime import datetime

from storefront.catalogue import stock
from storefront.core.database import db, transaction
from storefront.core.states import ImpossibleMove, OrderState, PaymentState
from storefront.notifications import outbox
from storefront.notifications.outbox import Kind
from storefront.orders import history
from storefront.orders import models as orders
from storefront.orders.history import Actor
from storefront.payments import models as payments
from storefront.payments.hearing import Heard, next_question
from storefront.payments.models import Payment
from storefront.payments.services import Till

LONGEST_REASON = 1000  # characters


def move_payment(till: Till, payment: Payment, state: PaymentState, heard: Heard) -> None:
    """Move a locked payment and all that must follow from it; the caller commits."""
    now = till.clock()
    payment.move(state, now)
    payment.next_check_at = ask_again_at(till, payment, heard, now)
    if heard.inquiry and heard.inquiry.payer_card:
        payment.payer_card = heard.inquiry.payer_card
    payment.tracking_number = heard.tracking_number or payment.tracking_number
    if state is PaymentState.PAID:
        payment.order.move(OrderState.PAID, now)
        stock.sell(orders.quantities(payment.order))
    news = _news(payment)
    if news is not None:
        outbox.put(news, payment, till.terms.channels, now)


def ask_again_at(till: Till, payment: Payment, heard: Heard, now: datetime) -> datetime:
    """When to ask about a payment again, as the shop's policy has it."""
    terms = till.terms
    return next_question(payment, heard, now, terms.reconcile_after, terms.settle_after)


def _news(payment: Payment) -> Kind | None:
    """What somebody should be told; nobody is told that a spare attempt was never paid."""
    if payment.state is PaymentState.PAID:
        return Kind.ORDER_PAID
    if payment.state is PaymentState.EXPIRED and payment.callback_at is not None:
        return Kind.MONEY_GOING_HOME
    if payment.is_final and payment.order.state is OrderState.PLACED:
        return Kind.PAYMENT_FAILED
    return None


def resolve_payment(till: Till, reference_number: str, state: PaymentState, reason: str) -> Payment:
    """A person decides about a payment that is not final; the reason is kept in the journal.

    Raises LookupError if there is no such payment, ValueError for a reason that is blank or longer
    than :data:`LONGEST_REASON`, and :class:`~storefront.core.states.ImpossibleMove` if the payment
    is final, if a verification of it may be on its way, or if its order was settled otherwise.
    """
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise ValueError(f"a reason of 1 to {LONGEST_REASON} characters is needed")
    found = payments.by_reference(reference_number)
    if found is None:
        raise LookupError(reference_number)
    with transaction():
        payment = payments.locked(found)
        if payment.is_final:
            raise ImpossibleMove(f"payment {reference_number} is {payment.state}: that is final")
        _let_verification_end(till, payment)
        _resolve(till, payment, state, reason)
    return payment


def _let_verification_end(till: Till, payment: Payment) -> None:
    """Refuse while an answer may still come: it could capture what a person has just given up."""
    sent_at = history.last_at(payment, "verifying")
    if payment.state is not PaymentState.VERIFYING or sent_at is None:
        return
    if abs(till.clock() - sent_at) < till.terms.gateway_patience:
        seconds = till.terms.gateway_patience.total_seconds()
        raise ImpossibleMove(
            f"payment {payment.reference_number} is being verified: try again in {seconds:.0f} s"
        )


def _resolve(till: Till, payment: Payment, state: PaymentState, reason: str) -> None:
    """Move through review, as the table of moves has it, whatever the payment was before."""
    now = till.clock()
    if payment.state is not PaymentState.NEEDS_REVIEW:
        payment.move(PaymentState.NEEDS_REVIEW, now)
        history.about(payment, now, Actor.MERCHANT, "payment_needs_review")
        db.session.flush()
    if state is PaymentState.PAID:
        _give_claim(payment)
    payment.money_seen = False  # a person's word is no evidence of what the gateway does
    move_payment(till, payment, state, Heard())
    history.about(payment, now, Actor.MERCHANT, f"resolved_as_{state}", reason=reason)


def _give_claim(payment: Payment) -> None:
    rivals = [p for p in payments.of_order(payment.order_id) if p.claimed and p.id != payment.id]
    if rivals:
        other = f"payment {rivals[0].reference_number} ({rivals[0].state}) has the order's claim"
        raise ImpossibleMove(f"payment {payment.reference_number}: {other}")
    payment.claimed = True
