"""Handle callbacks: anybody can open their address, as often as they like.

A callback that does not name the payment by the gateway's own id is counted and causes no call.
One that does has the gateway asked, but only so often. None of them is believed.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from payment_engine.bounds import LONGEST_REFERENCE, is_name
from payment_engine.completion import ask, is_askable
from payment_engine.events import Actor, Event, PaymentEvent
from payment_engine.gateway import Callback
from payment_engine.pacing import take_turn
from payment_engine.payment import Payment
from payment_engine.services import Services
from payment_engine.store import UnitOfWork, UnknownReference, event_about

MOST_COUNTED = 1000  #: callbacks of one payment; more tell nothing, and each costs a write
STILL_COMING = timedelta(hours=1)  #: so often one more is written down, so that the flood is seen


class Returned(NamedTuple):
    """Hold what a callback led to.

    Attributes:
        payment: as it stands after the gateway was asked.
        knows_payment: the browser named the gateway's own id of the payment, so it may be shown the
            order.
    """

    payment: Payment
    knows_payment: bool


def handle_callback(
    services: Services, reference: str, parameters: Mapping[str, str], language: str
) -> Returned:
    """Count a callback, believe none of it, and ask the gateway if it names the payment.

    See :meth:`PaymentEngine.handle_callback
    <payment_engine.engine.PaymentEngine.handle_callback>`.
    """
    services.store.check_idle()
    if not is_name(reference, LONGEST_REFERENCE):  # it comes from an address that anyone can type
        raise UnknownReference(reference)
    with services.store.reading() as work:
        payment = work.by_reference(reference)
    if payment is None or payment.gateway not in services.gateways:
        raise UnknownReference(reference)
    callback = services.gateways[payment.gateway].read_callback(parameters)
    known = _names(callback, payment)
    if _is_one_of_too_many(payment, services.clock(), known=known):
        return Returned(payment, known)
    payment, has_turn = _note(services, payment, callback, known=known)
    return Returned(ask(services, payment, Actor.PAYER, language) if has_turn else payment, known)


def _names(callback: Callback, payment: Payment) -> bool:
    claimed, stored = callback.gateway_payment_id, payment.gateway_payment_id
    return bool(claimed and stored) and hmac.compare_digest(
        str(claimed).encode(), str(stored).encode()
    )


def _is_one_of_too_many(payment: Payment, now: datetime, *, known: bool) -> bool:
    """Return whether to leave the payment to recovery and write nothing."""
    last = payment.last_callback_at
    if payment.callbacks_seen < MOST_COUNTED or last is None:
        return False
    is_first = known and payment.callback_at is None
    return not is_first and timedelta() <= now - last < STILL_COMING


def _note(
    services: Services, returned: Payment, callback: Callback, *, known: bool
) -> tuple[Payment, bool]:
    """Count the callback; return the payment and whether to ask the gateway now.

    The first of each kind is kept in the history, where nothing can be deleted.
    """
    now = services.clock()
    with services.store.transaction() as work:
        work.lock_group(returned.order_key)
        payment = work.by_id(returned.id)
        if _is_first(work, payment, known=known):
            work.append(_event(payment, now, callback, known=known))
        payment.callbacks_seen = min(payment.callbacks_seen + 1, MOST_COUNTED)
        payment.last_callback_at = now
        if known:
            payment.callback_at = payment.callback_at or now
            payment.success_claimed = payment.success_claimed or callback.claims_success
        has_turn = known and is_askable(payment) and take_turn(services.policy, payment, now)
        work.save(payment)
    return payment, has_turn


def _is_first(work: UnitOfWork, payment: Payment, *, known: bool) -> bool:
    if known:
        return payment.callback_at is None
    return work.last_event_at(payment, Event.UNMATCHED_CALLBACK) is None


def _event(payment: Payment, now: datetime, callback: Callback, *, known: bool) -> PaymentEvent:
    said = {"state": callback.said, "amount_rials": callback.amount_rials, "named_us": known}
    event = Event.CALLBACK if known else Event.UNMATCHED_CALLBACK
    return event_about(payment, now, Actor.PAYER, event, **said)
