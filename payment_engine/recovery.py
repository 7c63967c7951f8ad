"""Find the payments whose callback never came, and the creates whose answer was lost.

Each function is one pass over what is due, safe to run in any number of processes: a payment is
taken by moving its next check, which only one of them can do. Payments are taken one by one, so
that an urgent one never waits behind a batch, and whatever goes wrong with one is logged and skips
that payment until its next turn.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import timedelta

from payment_engine.completion import complete
from payment_engine.decision import DOUBT_LIMIT
from payment_engine.errors import GatewayError
from payment_engine.events import Actor, Event
from payment_engine.gateway import Inquiry
from payment_engine.gateway_evidence import GatewayEvidence
from payment_engine.pacing import next_check
from payment_engine.payment import Payment, apply_transition
from payment_engine.recording import HookFailed, move
from payment_engine.services import Services
from payment_engine.states import ASKABLE, PaymentState
from payment_engine.store import event_about

logger = logging.getLogger(__name__)

Tally = dict[str, int]
Spread = Callable[[Callable[[int], str], Iterator[int]], Iterable[str]]
"""Runs a function over payment ids, as ``map`` does; takes the next id when it can."""

LONGEST_PASS = timedelta(seconds=30)  #: then the tally is returned, and the next pass begins
TWO_CLOCKS = timedelta(minutes=5)  #: ours and the gateway's are never the same


def ask_due(services: Services, spread: Spread = map) -> Tally:
    """Ask about every open payment that is due, the nearest deadline first; count by state."""
    step = _isolated(lambda taken: complete(services, taken, actor=Actor.WORKER).value)
    return dict(Counter(spread(step, _taken(services, ASKABLE))))


def look_up_due(services: Services, spread: Spread = map) -> Tally:
    """Look for creates that were not answered in the gateway's list; count by state."""
    step = _isolated(lambda taken: _look_up(services, taken))
    return dict(Counter(spread(step, _taken(services, (PaymentState.INITIATED,)))))


def _isolated(step: Callable[[int], str]) -> Callable[[int], str]:
    def careful(payment_id: int) -> str:
        try:
            return step(payment_id)
        except Exception:
            logger.exception("payment %s could not be recovered", payment_id)
            return "error"

    return careful


def _taken(services: Services, states: Collection[PaymentState]) -> Iterator[int]:
    """Take due payments, each only when it is asked for, until none is left."""
    end = services.monotonic() + LONGEST_PASS.total_seconds()
    while services.monotonic() <= end:
        now = services.clock()
        until = now + services.policy.recover_after
        with services.store.transaction() as work:
            taken = work.claim_next_due(states, services.gateways.keys(), now, until)
        if taken is None:
            return
        yield taken


def _look_up(services: Services, payment_id: int) -> str:
    with services.store.reading() as work:
        payment = work.by_id(payment_id)
    gateway = services.gateways[payment.gateway]
    if not gateway.has_list:
        return _close(services, payment, Event.NEVER_OPENED)
    try:
        found = gateway.find(
            payment.reference,
            since=payment.created_at - TWO_CLOCKS,
            until=payment.expires_at + TWO_CLOCKS,
        )
    except GatewayError as error:
        return _postpone(services, payment, error)
    if found is None:
        return _close(services, payment, Event.NEVER_ARRIVED)
    return _adopt(services, payment, found)


def _postpone(services: Services, asked: Payment, error: GatewayError) -> str:
    now = services.clock()
    with services.store.transaction() as work:
        work.lock_group(asked.order_key)
        payment = work.by_id(asked.id)
        if payment.state is not PaymentState.INITIATED:  # another worker was answered meanwhile
            return payment.state.value
        payment.next_check_at = next_check(services.policy, payment, GatewayEvidence(), now)
        work.append(event_about(payment, now, Actor.WORKER, Event.LIST_NOT_READ, **error.facts()))
        if now - payment.created_at > DOUBT_LIMIT:
            apply_transition(payment, PaymentState.NEEDS_REVIEW, now)
            work.append(event_about(payment, now, Actor.WORKER, Event.NEEDS_REVIEW))
        work.save(payment)
    return "unanswered"


def _close(services: Services, asked: Payment, why: Event) -> str:
    """Expire a payment whose page nobody was ever sent to, so that nobody can have paid it."""
    now = services.clock()
    try:
        with services.store.transaction() as work:
            work.lock_group(asked.order_key)
            payment = work.by_id(asked.id)
            if payment.state is PaymentState.INITIATED:
                move(services, work, payment, PaymentState.EXPIRED, GatewayEvidence(), now)
                work.save(payment)
                work.append(event_about(payment, now, Actor.WORKER, why))
    except HookFailed as error:
        logger.exception("a hook failed for payment %s", asked.reference, exc_info=error.__cause__)
        return "error"
    return payment.state.value


def _adopt(services: Services, asked: Payment, found: Inquiry) -> str:
    """The create had arrived: from now on the payment is asked about like any other."""
    now = services.clock()
    with services.store.transaction() as work:
        work.lock_group(asked.order_key)
        payment = work.by_id(asked.id)
        if payment.state is PaymentState.INITIATED:
            payment.gateway_payment_id = found.gateway_payment_id
            apply_transition(payment, PaymentState.AWAITING_PAYER, now)
            work.save(payment)
            said = {"gateway_payment_id": found.gateway_payment_id, "inquiry": found.said}
            work.append(event_about(payment, now, Actor.WORKER, Event.FOUND_IN_LIST, **said))
    return complete(services, asked.id, actor=Actor.WORKER).value


def refresh_tokens(services: Services) -> Tally:
    """Renew every gateway's tokens before they expire; count what was done."""
    counts = {"renewed": 0, "fresh": 0, "failed": 0}
    for gateway in services.gateways.values():
        try:
            counts["renewed" if gateway.keep_fresh() else "fresh"] += 1
        except GatewayError as error:
            logger.error("the tokens could not be renewed: %s", error)  # noqa: TRY400 - no trace
            counts["failed"] += 1
    return counts
