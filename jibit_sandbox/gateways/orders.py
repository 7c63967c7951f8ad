"""Operations on orders that the gateways share: open, find and capture."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select

from jibit_sandbox.bank import orders as bank
from jibit_sandbox.bank.orders import State
from jibit_sandbox.behaviours.magic_amounts import arm_magic
from jibit_sandbox.core.context import Work, require_call
from jibit_sandbox.core.models import Order
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.i18n.translations import gettext_noop as _


def open_order(work: Work, identifier: str, seconds: int, **facts: Any) -> Order:
    """Store a new order of the call's gateway; it expires so many seconds after now."""
    call = require_call()
    order = Order(
        identifier=identifier,
        world=work.world.name,
        gateway=call.wire.name,
        created_at=work.now,
        expires_at=work.now + timedelta(seconds=seconds),
        **facts,
    )
    bank.open_order(work.session, order)
    arm_magic(work, order)
    call.order_identifier = order.identifier
    return order


def own_order(work: Work, identifier: str) -> Order | None:
    """Return this merchant's order at this gateway, or None."""
    call = require_call()
    order = bank.find_order(work.session, work.world.name, identifier)
    if order is None or order.gateway != call.wire.name:
        return None
    call.reference_number = order.reference_number
    return order


def is_refused_reference(work: Work, reference_number: str) -> bool:
    """Return whether the reference was used before and the world refuses that."""
    refused = switches_of(work.world).reused_reference == "refused"
    return refused and is_used_reference(work, reference_number)


def is_used_reference(work: Work, reference_number: str) -> bool:
    """Return whether the merchant has an order with this reference at the call's gateway."""
    used = exists().where(
        Order.world == work.world.name,
        Order.gateway == require_call().wire.name,
        Order.reference_number == reference_number,
    )
    return bool(work.session.scalar(select(used)))


def capture(work: Work, order: Order) -> bool:
    """Capture a paid order; return whether the verification succeeds.

    The answer for an unpaid or a captured order is an open point: a switch. An order past
    its end can still be awaiting or paid where the expiry runs late: it is refused unchanged.
    """
    switches = switches_of(work.world)
    if order.state in (State.AWAITING, State.PAID) and order.expires_at <= work.now:
        return False
    if order.state == State.PAID:
        bank.apply_transition(
            work.session, order, State.CAPTURED, work.now, _("verified by the merchant")
        )
        return True
    if order.state == State.CAPTURED:
        return switches.verify_again == "Successful"
    if order.state == State.AWAITING and switches.verify_unpaid == "fails":
        bank.apply_transition(
            work.session, order, State.FAILED, work.now, _("verified before it was paid")
        )
    return False
