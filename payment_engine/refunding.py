"""Go on with refunds: send what was not sent, and ask what became of the others.

The intent is committed before anything is sent. How it is sent stands in
``refund_sending``, how it is found again in ``refund_search``.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from payment_engine.errors import GatewayError
from payment_engine.events import Actor
from payment_engine.lanes import Lanes
from payment_engine.payment import Payment
from payment_engine.recording import BUSY, is_temporary
from payment_engine.refund import Refund, RefundMethod, RefundState
from payment_engine.refund_answers import postpone, reason_of
from payment_engine.refund_search import look_for_reversal, look_for_transfer
from payment_engine.refund_sending import send, take_to_send
from payment_engine.row_queue import FAILED, Spread, Tally, process_due
from payment_engine.services import Services

logger = logging.getLogger(__name__)


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
        postpone(self._services, refund_id, type(error).__name__)
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


def count_as_sent(services: Services, refund_id: int, actor: Actor) -> None:
    """Commit that a refund may have been sent, and send nothing.

    For a database that was restored from a backup: what had not been sent then may have arrived
    since. Recovery looks for it, and sends it only if the gateway keeps saying that it has none.
    """
    take_to_send(services, refund_id, actor)


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
                send(services, payment, refund, actor)
            elif method is RefundMethod.REVERSE:
                look_for_reversal(services, payment, refund, actor)
            else:
                look_for_transfer(services, payment, refund, actor)
    except GatewayError as error:
        logger.warning("refund %s: %s", refund_id, error)
        postpone(services, refund_id, reason_of(error))
    return method
