"""Find the payments whose callback never came, and the creates whose answer was lost.

Each function is one pass over what is due, safe to run in any number of processes: a payment is
claimed by moving its next check, which only one of them can do. Payments are claimed one by one, so
that an urgent one never waits behind a batch.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta

from payment_engine.completion import complete
from payment_engine.decision import DOUBT_LIMIT
from payment_engine.errors import GatewayError
from payment_engine.events import Actor, Event
from payment_engine.gateway import Inquiry
from payment_engine.gateway_evidence import GatewayEvidence
from payment_engine.identity import take_id
from payment_engine.lanes import Lanes
from payment_engine.pacing import next_check
from payment_engine.payment import Payment, apply_transition
from payment_engine.recording import is_temporary, move, set_aside
from payment_engine.row_queue import Spread, Tally, process_due
from payment_engine.services import Services
from payment_engine.states import ASKABLE, PaymentState
from payment_engine.store import event_about

logger = logging.getLogger(__name__)

TWO_CLOCKS = timedelta(minutes=5)  #: ours and the gateway's are never the same


def ask_due(services: Services, spread: Spread = map) -> Tally:
    """Ask about every open payment that is due, the nearest deadline first; count by state."""
    return process_due(_Asked(services), services.monotonic, spread)


def look_up_due(services: Services, spread: Spread = map) -> Tally:
    """Look for creates that were not answered in the gateway's list; count by state."""
    return process_due(_Unopened(services), services.monotonic, spread)


class _Asked:
    """The open payments about which the gateway can be asked."""

    name = "recovery"
    states: Collection[PaymentState] = ASKABLE

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lanes = Lanes(services.gateways, services.monotonic)

    def claim(self) -> int | None:
        return self._lanes.claim(self._take)

    def _take(self, gateways: Collection[str]) -> int | None:
        services, now = self._services, self._services.clock()
        until = now + services.policy.recover_after
        with services.store.transaction() as work:
            return work.claim_next_due(self.states, gateways, now, until)

    def process(self, payment_id: int) -> str:
        with self._lanes.working_on(payment_id):
            return self._step(payment_id)

    def _step(self, payment_id: int) -> str:
        return complete(self._services, payment_id, actor=Actor.WORKER).value

    def set_aside(self, payment_id: int, error: Exception) -> str:
        return set_aside(self._services, payment_id, error)

    def is_temporary(self, error: Exception) -> bool:
        return is_temporary(self._services, error)


class _Unopened(_Asked):
    """The payments whose create was not answered."""

    name = "look-up"
    states = (PaymentState.INITIATED,)

    def _step(self, payment_id: int) -> str:
        return _look_up(self._services, payment_id)


def _look_up(services: Services, payment_id: int) -> str:
    with services.store.reading() as work:
        payment = work.by_id(payment_id)
    with services.hooks.attending(payment):
        return _look_for(services, payment)


def _look_for(services: Services, payment: Payment) -> str:
    gateway = services.gateways[payment.gateway]
    if not gateway.has_list:
        return _close(services, payment, Event.NEVER_OPENED)
    try:
        with services.bulkheads[payment.gateway].listing():
            found = gateway.find(
                payment.reference,
                since=payment.created_at - TWO_CLOCKS,
                until=payment.expires_at + TWO_CLOCKS,
            )
        if found is not None:
            return _adopt(services, payment, found)
    except GatewayError as error:
        return _postpone(services, payment, error)
    return _close(services, payment, Event.NEVER_ARRIVED)


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
    with services.store.transaction() as work:
        work.lock_group(asked.order_key)
        payment = work.by_id(asked.id)
        if payment.state is PaymentState.INITIATED:
            move(services, work, payment, PaymentState.EXPIRED, GatewayEvidence(), now)
            work.save(payment)
            work.append(event_about(payment, now, Actor.WORKER, why))
    return payment.state.value


def _adopt(services: Services, asked: Payment, found: Inquiry) -> str:
    """The create had arrived: from now on the payment is asked about like any other.

    Raises Unreadable for an id that cannot be the payment's, as for one from the create itself.
    """
    now = services.clock()
    with services.store.transaction() as work:
        work.lock_group(asked.order_key)
        payment = work.by_id(asked.id)
        if payment.state is PaymentState.INITIATED:
            take_id(work, payment, found)
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
        except Exception:  # of this gateway; the others are renewed
            logger.exception("the tokens of %s could not be renewed", gateway.name)
            counts["failed"] += 1
    return counts
