"""A payment: one attempt to pay an order at a gateway.

Jibit calls it an "order". Only the payment that holds its order's claim may be verified, so that
two attempts for one order can never both be captured.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Engine,
    ForeignKey,
    Index,
    String,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from storefront.core.clock import Clock
from storefront.core.columns import one_of
from storefront.core.database import Model, added, db
from storefront.core.states import (
    CAPTURABLE,
    FINAL,
    MONEY_MAY_HAVE_MOVED,
    PAYMENT_MOVES,
    ImpossibleMove,
    PaymentState,
)
from storefront.orders import models as orders
from storefront.orders.models import Order


class Payment(Model):
    """One attempt to pay an order. ``amount_rials`` is integer Rials.

    ``reference_number`` is ours (unguessable), ``order_identifier`` the gateway's. ``claimed``:
    this payment alone may be verified for its order. ``verifications_sent`` counts calls that may
    have captured money, ``verifications_answered`` those answered clearly, not with "Unknown";
    ``expires_at`` is when the gateway stops taking a verification, by our clock, ``closes_at`` when
    it lets go of a payment that nobody verified; ``gave_up_at`` is when we stopped waiting for the
    answer to the create, ``callback_at`` when a browser first came back, ``doubtful_since`` since
    when money may have moved without our knowing. ``tracking_number`` is
    the gateway's own, for its support.

    Evidence that one answer alone does not give: ``money_seen``: an inquiry once said that the
    shopper has paid; ``success_since``: the first SUCCESS of an unbroken series after the gateway's
    end of the payment, ``success_heard_at`` the latest one; ``failed_heard_at``: an inquiry said
    FAILED although a browser came back saying that it had paid (``success_claimed``);
    ``gateway_end``: the latest end that the gateway itself has named. ``ended_at`` is when the
    payment became final.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_rials > 0", name="amount_positive"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_has_a_time"),
        CheckConstraint("state <> 'paid' OR claimed", name="paid_holds_the_claim"),
        CheckConstraint("verifications_sent >= verifications_answered", name="answers_were_asked"),
        Index(
            "uq_payments_one_claim_for_an_order",
            "order_id",
            unique=True,
            sqlite_where=text("claimed"),
            postgresql_where=text("claimed"),
        ),
        Index("uq_payments_gateway_order_identifier", "gateway", "order_identifier", unique=True),
        Index("ix_payments_state_next_check_at", "state", "next_check_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    gateway: Mapped[str] = mapped_column(String(20))
    reference_number: Mapped[str] = mapped_column(String(40), unique=True)
    order_identifier: Mapped[str | None] = mapped_column(String(64))
    switching_url: Mapped[str | None] = mapped_column(String(2000))
    state: Mapped[PaymentState] = mapped_column(one_of(PaymentState, "state_known"))
    amount_rials: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    next_check_at: Mapped[datetime]
    gave_up_at: Mapped[datetime | None]
    callback_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    payer_card: Mapped[str | None] = mapped_column(String(30))
    tracking_number: Mapped[str | None] = mapped_column(String(64))
    doubtful_since: Mapped[datetime | None]
    claimed: Mapped[bool] = mapped_column(default=False)
    verifications_sent: Mapped[int] = mapped_column(default=0)
    verifications_answered: Mapped[int] = mapped_column(default=0)
    money_seen: Mapped[bool] = mapped_column(default=False)
    success_since: Mapped[datetime | None]
    success_heard_at: Mapped[datetime | None]
    success_claimed: Mapped[bool] = mapped_column(default=False)
    failed_heard_at: Mapped[datetime | None]
    gateway_end: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    order: Mapped[Order] = relationship(back_populates="payments")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own spelling

    @property
    def is_final(self) -> bool:
        """Whether nothing can move this payment any more."""
        return self.state in FINAL

    @property
    def has_unanswered_verification(self) -> bool:
        """Whether a verification may still be on its way, or have captured without telling us."""
        return self.verifications_sent > self.verifications_answered

    def move(self, state: PaymentState, now: datetime) -> None:
        """Go to another state; staying is no move. Raises :class:`ImpossibleMove`."""
        if state is self.state:
            return
        if state not in PAYMENT_MOVES[self.state]:
            raise ImpossibleMove(f"payment {self.reference_number}: {self.state} → {state}")
        self.state = state
        doubtful = state in MONEY_MAY_HAVE_MOVED
        self.doubtful_since = (self.doubtful_since or now) if doubtful else None
        if state in FINAL:
            self.ended_at = now
        if state is PaymentState.PAID:
            self.paid_at = now
        if state in {PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.AWAITING_SHOPPER}:
            self.claimed = False


def new_payment(
    order: Order, gateway: str, now: datetime, window: timedelta, closes_after: timedelta
) -> Payment:
    """Write down the intent to pay; nobody has been told yet."""
    new = Payment(
        order_id=order.id,
        gateway=gateway,
        reference_number=secrets.token_hex(16),
        state=PaymentState.INITIATED,
        amount_rials=order.amount_rials,
        created_at=now,
        expires_at=now + window,
        closes_at=now + max(window, closes_after),
        next_check_at=now + window,
        claimed=False,
        verifications_sent=0,
        verifications_answered=0,
        money_seen=False,
        success_claimed=False,
        version=1,
    )
    payment = added(new)
    set_committed_value(payment, "order", order)  # or it would be read again
    return payment


# Put together once: building a statement costs more than asking it.
_AS_IT_IS_NOW = select(Payment).execution_options(populate_existing=True)
_BY_ID = _AS_IT_IS_NOW.where(Payment.id == bindparam("id"))
_BY_REFERENCE = _AS_IT_IS_NOW.where(Payment.reference_number == bindparam("reference"))
_OF_ORDER = _AS_IT_IS_NOW.where(Payment.order_id == bindparam("order_id")).order_by(Payment.id)


def by_id(payment_id: int) -> Payment:
    """The payment as the database has it now."""
    return db.session.scalars(_BY_ID, {"id": payment_id}).one()


def locked(payment: Payment) -> Payment:
    """The payment as it is now, its order locked against every other writer until the commit."""
    order = orders.locked(payment.order_id)
    fresh = by_id(payment.id)
    set_committed_value(fresh, "order", order)  # or it would be read again
    return fresh


def by_reference(reference_number: str) -> Payment | None:
    """The payment that we gave this reference number."""
    return db.session.scalar(_BY_REFERENCE, {"reference": reference_number})


def expiry_has_run(payment: Payment, since: datetime, until: datetime) -> bool:
    """Whether the gateway was heard to let go of a younger payment, ``since`` and before ``until``.

    Counted is only one that also had to end at ``since`` or later, and was paid and never verified:
    an unpaid one proves nothing about those that were paid.
    """
    query = select(Payment.id).where(
        Payment.id > payment.id,  # by the primary key: few are younger than one that is asked about
        Payment.gateway == payment.gateway,
        Payment.state == PaymentState.EXPIRED,
        Payment.money_seen,
        Payment.verifications_sent == 0,
        Payment.closes_at >= since,
        Payment.ended_at >= since,
        Payment.ended_at < until,
    )
    return db.session.scalar(query.limit(1)) is not None


def of_order(order_id: int) -> Sequence[Payment]:
    """Every attempt to pay an order, oldest first, as the database has it now."""
    return db.session.scalars(_OF_ORDER, {"order_id": order_id}).all()


def nearest_deadline(engine: Engine, gateway: str, clock: Clock) -> datetime | None:
    """Return when the next open payment at this gateway can no longer be verified, if one waits.

    Asks the engine and not the session: the adapter wants to know in the middle of a gateway call,
    when no transaction of the shop may be open.
    """
    query = select(func.min(Payment.expires_at)).where(
        Payment.state.in_(CAPTURABLE), Payment.gateway == gateway, Payment.expires_at > clock()
    )
    with engine.connect() as connection:
        deadline: datetime | None = connection.scalar(query)
    return deadline


def shown_for(payments: Sequence[Payment]) -> Payment | None:
    """The attempt that tells how an order stands: the paid one, one in doubt, or the latest."""

    def weight(payment: Payment) -> tuple[bool, bool, int]:
        return (
            payment.state is PaymentState.PAID,
            payment.state in MONEY_MAY_HAVE_MOVED,
            payment.id,
        )

    return max(payments, key=weight, default=None)
