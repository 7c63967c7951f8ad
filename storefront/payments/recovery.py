"""The callback that never came, and the orders that went stale.

Both functions are one pass over what is due, safe to run by several workers at once: a payment is
taken by moving its next check, which only one of them can do. They are taken one by one, so that
an urgent one never waits behind a batch of others.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta

from jibit_client.errors import GatewayError
from jibit_client.gateway import Inquiry
from storefront.catalogue import stock
from storefront.core.database import end_reading, transaction
from storefront.core.states import ASKABLE, OrderState, PaymentState
from storefront.orders import history
from storefront.orders import models as orders
from storefront.orders.history import Actor
from storefront.payments import compare_and_set
from storefront.payments import models as payments
from storefront.payments.completion import complete_payment
from storefront.payments.hearing import DOUBT_LIMIT, Heard
from storefront.payments.models import Payment
from storefront.payments.outcome import ask_again_at
from storefront.payments.services import Till

logger = logging.getLogger(__name__)

BATCH = 500
Tally = dict[str, int]
LONGEST_PASS = timedelta(seconds=30)  # then it is said what was done, and the next one begins
Spread = Callable[[Callable[[int], str], Iterator[int]], Iterable[str]]
"""Runs a function over payment ids, and takes the next one when it can: `map`, or threads."""


def run_once(till: Till, spread: Spread = map) -> Tally:
    """Ask the gateway about every payment that is due, the nearest deadline first.

    Gives how many payments ended in which state. A gateway that does not answer costs its own
    payment a turn, never the others.
    """

    ask = _undisturbed(lambda paid: complete_payment(till, paid, actor=Actor.WORKER).value)
    return dict(Counter(spread(ask, _taken(till, ASKABLE))))


def expire_once(till: Till, spread: Spread = map) -> Tally:
    """Close payments whose create was never answered, then orders that nobody paid in time.

    The gateway is asked before anything expires: its list knows whether our lost create arrived.
    """

    look_up = _undisturbed(lambda lost: _look_up(till, lost))
    closed = Counter(spread(look_up, _taken(till, (PaymentState.INITIATED,))))
    lapsed = sum(_lapse(till, order_id) for order_id in _past_hold(till))
    return dict(closed + Counter({"lapsed": lapsed}))


def _undisturbed(step: Callable[[int], str]) -> Callable[[int], str]:
    """Whatever goes wrong with one payment is logged and costs it a turn, never the others."""

    def careful(payment_id: int) -> str:
        try:
            return step(payment_id)
        except Exception:
            logger.exception("payment %s could not be looked after", payment_id)
            return "error"

    return careful


def _taken(till: Till, states: Sequence[PaymentState]) -> Iterator[int]:
    """Take due payments, each one only when it is asked for, until none is left."""
    end = till.steady() + LONGEST_PASS.total_seconds()
    while till.steady() <= end:
        now = till.clock()
        with transaction():
            until = now + till.terms.reconcile_after
            payment_id = compare_and_set.take_most_urgent(states, till.gateways, now, until)
        if payment_id is None:
            return
        yield payment_id


def _look_up(till: Till, payment_id: int) -> str:
    payment = payments.by_id(payment_id)
    end_reading()
    gateway = till.gateways[payment.gateway]
    if not gateway.has_list:
        return _close(till, payment, "nobody_was_sent_there")
    try:
        found = gateway.find(
            payment.reference_number,
            since=payment.created_at - timedelta(minutes=5),  # two clocks are never the same
            until=payment.expires_at + timedelta(minutes=5),
        )
    except GatewayError as error:
        return _postpone(till, payment, error)
    if found is None:
        return _close(till, payment, "never_reached_the_gateway")
    return _adopt(till, payment, found)


def _postpone(till: Till, asked: Payment, error: GatewayError) -> str:
    now = till.clock()
    with transaction():
        payment = payments.locked(asked)
        if payment.state is not PaymentState.INITIATED:  # another worker was answered meanwhile
            return payment.state.value
        payment.next_check_at = ask_again_at(till, payment, Heard(), now)
        history.about(payment, now, Actor.WORKER, "list_not_read", **history.told(error))
        if now - payment.created_at > DOUBT_LIMIT:
            payment.move(PaymentState.NEEDS_REVIEW, now)
            history.about(payment, now, Actor.WORKER, f"payment_{payment.state}")
    return "unanswered"


def _close(till: Till, asked: Payment, why: str) -> str:
    """Nobody was ever given this payment's address, so nobody can have paid it."""
    now = till.clock()
    with transaction():
        payment = payments.locked(asked)
        if payment.state is PaymentState.INITIATED:
            payment.move(PaymentState.EXPIRED, now)
            history.about(payment, now, Actor.WORKER, why)
    return payment.state.value


def _adopt(till: Till, asked: Payment, found: Inquiry) -> str:
    """The create had arrived after all: from now on the payment is asked about like any other."""
    now = till.clock()
    with transaction():
        payment = payments.locked(asked)
        if payment.state is PaymentState.INITIATED:
            payment.order_identifier = found.order_identifier
            payment.move(PaymentState.AWAITING_SHOPPER, now)
            said = {"order_identifier": found.order_identifier, "inquiry": found.said}
            history.about(payment, now, Actor.WORKER, "found_in_the_list", **said)
    return complete_payment(till, asked.id, actor=Actor.WORKER).value


def _past_hold(till: Till) -> list[int]:
    found = list(orders.ids_past_hold(till.clock(), till.terms.payment_window, BATCH))
    end_reading()
    return found


def _lapse(till: Till, order_id: int) -> bool:
    """Let an order go and its stock with it, unless it was paid or renewed or may yet be paid."""
    now = till.clock()
    with transaction():
        order = orders.locked(order_id)
        attempts = payments.of_order(order_id)
        window = till.terms.payment_window
        if order.state is not OrderState.PLACED or orders.is_held(order, now, window):
            return False
        if not all(attempt.is_final for attempt in attempts):
            return False
        order.move(OrderState.LAPSED, now)
        stock.release(orders.quantities(order))
        history.write("order_lapsed", order_id=order.id, at=now, actor=Actor.WORKER)
    return True
