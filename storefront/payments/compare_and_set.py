"""Changes of a payment that look and take in one UPDATE: of two who try at once, one succeeds.

They go past the session's object in hand: read it anew before you change it in another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Update,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm.attributes import set_committed_value

from storefront.core.clock import SKEW
from storefront.core.database import db
from storefront.core.states import CAPTURABLE, OrderState, PaymentState
from storefront.orders import models as orders
from storefront.orders.models import Order
from storefront.payments.models import Payment

LONGEST_AHEAD = timedelta(hours=1)  # no question about a payment is put off for longer

# Put together once: building a statement costs more than asking it.
_payments = Payment.__table__
_others = _payments.alias()
_MOMENT = _payments.c.callback_at.type
_OPENED = (
    update(_payments)
    .where(_payments.c.id == bindparam("payment_id"))
    .where(_payments.c.state == PaymentState.INITIATED)
    .values(
        state=bindparam("new_state"),
        order_identifier=bindparam("new_order_identifier"),
        switching_url=bindparam("new_switching_url"),
        next_check_at=bindparam("new_next_check_at"),
        version=_payments.c.version + 1,
    )
)
_CLAIM = (
    update(_payments)
    .where(_payments.c.id == bindparam("payment_id"), _payments.c.state.in_(CAPTURABLE))
    .where(exists().where(Order.id == _payments.c.order_id, Order.state == OrderState.PLACED))
    .where(
        ~exists().where(
            _others.c.order_id == _payments.c.order_id,
            _others.c.id != _payments.c.id,
            _others.c.claimed,
        )
    )
    .values(
        state=PaymentState.VERIFYING,
        claimed=True,
        callback_at=func.coalesce(_payments.c.callback_at, bindparam("returned_at", type_=_MOMENT)),
        doubtful_since=func.coalesce(_payments.c.doubtful_since, bindparam("now", type_=_MOMENT)),
        success_claimed=_payments.c.success_claimed | bindparam("claims_success", type_=Boolean),
        verifications_sent=_payments.c.verifications_sent + 1,
        version=_payments.c.version + 1,
    )
)


def opened(
    payment: Payment, order_identifier: str, switching_url: str | None, next_check_at: datetime
) -> bool:
    """Write down what the gateway opened, if the payment still waits for it; False if it does not.

    Without a ``switching_url`` nobody can be sent there, and the attempt has failed.
    """
    orders.lock(payment.order_id)
    new = {
        "state": PaymentState.AWAITING_SHOPPER if switching_url else PaymentState.FAILED,
        "order_identifier": order_identifier,
        "switching_url": switching_url,
        "next_check_at": next_check_at,
    }
    waited = _one(_OPENED, {"payment_id": payment.id} | {f"new_{key}": new[key] for key in new})
    for name, value in new.items() if waited else ():
        set_committed_value(payment, name, value)
    return waited


def claim(
    payment: Payment,
    now: datetime,
    returned_at: datetime | None = None,
    *,
    claims_success: bool = False,
) -> bool:
    """Take the order's claim for this payment and count the verification that follows.

    ``returned_at`` is when a browser came back with it, kept if it is the first;
    ``claims_success``: it said that the shopper has paid.

    One UPDATE that looks and takes. False, and nothing changed, if another attempt has the claim,
    the order does not wait to be paid, or the payment is over.
    """
    orders.lock(payment.order_id)
    values = {"payment_id": payment.id, "now": now, "returned_at": returned_at}
    return _one(_CLAIM, values | {"claims_success": claims_success})


def take_most_urgent(
    states: Sequence[PaymentState], gateways: Iterable[str], now: datetime, until: datetime
) -> int | None:
    """Take the payment that most wants a question, until a moment, and give its id; None: no more.

    The nearest deadline comes first, and those past theirs come last. Then those come whose next
    check lies further ahead than it is ever put: the clock has been set back, and at the gateway
    their time runs on. Only payments at these ``gateways``. Another worker at this very moment
    takes the next one.
    """
    # Two queries, since each is one range of the index on (state, next_check_at); joined by OR,
    # neither database is sure to use it.
    due = Payment.next_check_at <= now
    taken = _most_urgent(states, gateways, now, due)
    if taken is None:
        taken = _most_urgent(states, gateways, now, _too_far_ahead(now, until))
    if taken is not None:
        _set_next_check(taken, until)
    return taken


def _too_far_ahead(now: datetime, until: datetime) -> ColumnElement[bool]:
    """Select payments whose next check nobody can have put there by the clock as it is now.

    ``until`` is the farthest within a payment's window, unless its create was not answered: it is
    looked for when the window is over. The skew keeps two workers on two hosts from taking each
    other's payments.
    """
    asked_in_its_window = and_(Payment.expires_at > now, Payment.state != PaymentState.INITIATED)
    return and_(
        Payment.next_check_at > until + SKEW,
        or_(asked_in_its_window, Payment.next_check_at > now + LONGEST_AHEAD + SKEW),
    )


def _most_urgent(
    states: Sequence[PaymentState],
    gateways: Iterable[str],
    now: datetime,
    wanted: ColumnElement[bool],
) -> int | None:
    query = (
        select(Payment.id)
        .where(Payment.state.in_(states), wanted)
        # An expression: by its index SQLite would read all that was ever paid at a gateway.
        .where((Payment.gateway + "").in_(gateways))
        .order_by(Payment.expires_at <= now, Payment.expires_at, Payment.id)
        .limit(1)
    )
    return db.session.scalar(query.with_for_update())


def _set_next_check(payment_id: int, until: datetime, *only_if: ColumnElement[bool]) -> bool:
    statement = (
        update(_payments).where(_payments.c.id == payment_id, *only_if).values(next_check_at=until)
    )
    return _one(statement, {})


def take(payment: Payment, until: datetime) -> bool:
    """Take a due payment until a moment; False if somebody was faster."""
    return _set_next_check(payment.id, until, _payments.c.next_check_at == payment.next_check_at)


def _one(statement: Update, values: Mapping[str, object]) -> bool:
    return bool(db.session.execute(statement, values).rowcount == 1)  # type: ignore[attr-defined]
