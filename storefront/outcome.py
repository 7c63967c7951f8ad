"""An outcome is written down: the payment moves, and in the same commit all that follows from it.

`completion.py` learns it from the gateway; for a payment that needs review a person says it.
"""

from __future__ import annotations

from storefront.database import transaction
from storefront.hearing import Heard, next_question
from storefront.shop import journal, orders, outbox, payments, stock
from storefront.shop.journal import Actor
from storefront.shop.outbox import Kind
from storefront.shop.payments import Payment
from storefront.shop.states import ImpossibleMove, OrderState, PaymentState
from storefront.till import Till


def move_payment(till: Till, payment: Payment, state: PaymentState, heard: Heard) -> None:
    """Move a locked payment and all that must follow from it; the caller commits."""
    now = till.clock()
    payment.move(state, now)
    payment.next_check_at = next_question(payment, heard, now, till.terms.reconcile_after)
    if heard.inquiry and heard.inquiry.payer_card:
        payment.payer_card = heard.inquiry.payer_card
    payment.tracking_number = heard.tracking_number or payment.tracking_number
    if state is PaymentState.PAID:
        payment.order.move(OrderState.PAID, now)
        stock.sell(orders.quantities(payment.order))
    news = _news(payment)
    if news is not None:
        outbox.put(news, payment, till.terms.channels, now)


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
    """A person decides about a payment that needs review; the reason is kept in the journal.

    Raises LookupError if there is no such payment, and
    :class:`~storefront.shop.states.ImpossibleMove` if it needs no review, or if its order was
    settled otherwise meanwhile.
    """
    found = payments.by_reference(reference_number)
    if found is None:
        raise LookupError(reference_number)
    now = till.clock()
    with transaction():
        payment = payments.locked(found)
        if payment.state is not PaymentState.NEEDS_REVIEW:
            raise ImpossibleMove(f"payment {reference_number} is {payment.state}, not in review")
        if state is PaymentState.PAID:
            _give_claim(payment)
        move_payment(till, payment, state, Heard())
        journal.about(payment, now, Actor.MERCHANT, f"resolved_as_{state}", reason=reason)
    return payment


def _give_claim(payment: Payment) -> None:
    rivals = [p for p in payments.of_order(payment.order_id) if p.claimed and p.id != payment.id]
    if rivals:
        other = f"payment {rivals[0].reference_number} ({rivals[0].state}) has the order's claim"
        raise ImpossibleMove(f"payment {payment.reference_number}: {other}")
    payment.claimed = True
