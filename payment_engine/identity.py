"""Give a payment the gateway's id of it, which nothing but :func:`take_id` does."""

from __future__ import annotations

from payment_engine.bounds import LONGEST_IDENTIFIER, is_name
from payment_engine.errors import Unreadable
from payment_engine.gateway import Inquiry, OpenedPayment
from payment_engine.payment import Payment
from payment_engine.store import UnitOfWork


def take_id(work: UnitOfWork, payment: Payment, answer: OpenedPayment | Inquiry) -> None:
    """Set the gateway's id of a locked payment, from the answer to a create or from the list.

    Raises Unreadable for an answer about another payment, and for an id that is none of 1 to 64
    printable characters or that another payment has: the gateway would be asked about the wrong
    one.
    """
    named = answer.gateway_payment_id
    if not is_name(named, LONGEST_IDENTIFIER):
        raise Unreadable("create", f"the id is no text of 1 to {LONGEST_IDENTIFIER} signs")
    if answer.reference != payment.reference:
        raise Unreadable("create", "the answer is about another reference")
    if any(each.id != payment.id for each in work.named(payment.gateway, [named], [])):
        raise Unreadable("create", "another payment has this id")
    payment.gateway_payment_id = named
