"""Define a payment, which is one attempt to pay an order, and the one function that moves it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from payment_engine.states import (
    FINAL,
    MONEY_MAY_HAVE_MOVED,
    RELEASES_CLAIM,
    TRANSITIONS,
    ImpossibleTransition,
    PaymentState,
)


@dataclass(slots=True, kw_only=True)
class Payment:
    """Hold one attempt to pay an order. Times are aware UTC.

    Attributes:
        order_key: the application's own key of the order; all attempts with one key are a group, of
            which at most one is ever captured.
        reference: ours, unguessable: the policy's prefix and 32 hexadecimal characters, 40 in all
            at most.
        gateway_payment_id: the gateway's, None before it has opened the payment.
        redirect_url: where to send the payer.
        amount_rials: integer Rials.
        expires_at: when the gateway stops taking a verification, by our clock.
        closes_at: when the gateway ends a payment that nobody verified, by its document.
        next_check_at: when recovery asks about it next.
        gave_up_at: when we stopped waiting for the answer to the create.
        callback_at: when a browser first came back and named this payment.
        callbacks_seen: how many callbacks came, of whomever; it stops at
            :data:`~payment_engine.callbacks.MOST_COUNTED`.
        last_callback_at: when one was last counted.
        next_turn_at: from when on a visitor may have the gateway asked again.
        in_doubt_since: since when money may have moved without our knowing.
        claimed: this payment alone may be verified for its order.
        verifications_sent: calls that may have captured money.
        verifications_answered: those of them that were answered with a clear yes or no.
        captured_at: when the gateway answered Successful although our own move to paid failed.
        failures: how often in a row a hook of the application, or recovery, raised for it.
        last_failure: the name of the error's class.
        payer_card: masked.
        tracking_number: the gateway's own, for its support.
        money_seen: an inquiry once said that the payer has paid.
        success_since: the first SUCCESS of an unbroken series after the gateway's end of the
            payment.
        success_seen_at: the latest one of that series.
        success_claimed: a browser came back saying that it had paid.
        failed_seen_at: since when an inquiry has said FAILED.
        missing_since: since when every answer has been that the gateway has no such payment.
        gateway_expires_at: the latest end that the gateway itself has named.
        ended_at: when the payment became final.
        refunded_rials: what its finished refunds have returned to the payer.
        demanded_card: the card that the payer must use, masked; None for any.
        version: counts writes; a write with an old version is refused.
    """

    id: int = 0
    order_key: str
    gateway: str
    reference: str
    gateway_payment_id: str | None = None
    redirect_url: str | None = None
    state: PaymentState = PaymentState.INITIATED
    amount_rials: int
    created_at: datetime
    expires_at: datetime
    closes_at: datetime
    next_check_at: datetime
    gave_up_at: datetime | None = None
    callback_at: datetime | None = None
    paid_at: datetime | None = None
    payer_card: str | None = None
    tracking_number: str | None = None
    in_doubt_since: datetime | None = None
    claimed: bool = False
    verifications_sent: int = 0
    verifications_answered: int = 0
    captured_at: datetime | None = None
    failures: int = 0
    last_failure: str | None = None
    money_seen: bool = False
    success_since: datetime | None = None
    success_seen_at: datetime | None = None
    success_claimed: bool = False
    failed_seen_at: datetime | None = None
    missing_since: datetime | None = None
    gateway_expires_at: datetime | None = None
    ended_at: datetime | None = None
    callbacks_seen: int = 0
    last_callback_at: datetime | None = None
    next_turn_at: datetime | None = None
    refunded_rials: int = 0
    demanded_card: str | None = None
    version: int = 1

    @property
    def is_final(self) -> bool:
        """Return whether nothing but a person's decision can move this payment any more."""
        return self.state in FINAL

    @property
    def has_unanswered_verification(self) -> bool:
        """Return whether a verification may be on its way, or have captured unanswered."""
        return self.verifications_sent > self.verifications_answered

    def is_being_opened(self, now: datetime, patience: timedelta) -> bool:
        """Return whether some process may be waiting for the answer to the create now.

        A payment created far in the future is not: the clock has been set back since.
        """
        return (
            self.state is PaymentState.INITIATED
            and self.gave_up_at is None
            and abs(now - self.created_at) < patience
        )


def new_payment(
    order_key: str,
    gateway: str,
    amount_rials: int,
    now: datetime,
    *,
    window: timedelta,
    closes_after: timedelta,
    demanded_card: str | None = None,
    prefix: str = "",
) -> Payment:
    """Return the intent to pay ``amount_rials`` Rials; the gateway has not been asked yet."""
    return Payment(
        order_key=order_key,
        gateway=gateway,
        reference=prefix + secrets.token_hex(16),
        amount_rials=amount_rials,
        created_at=now,
        expires_at=now + window,
        closes_at=now + max(window, closes_after),
        next_check_at=now + window,
        demanded_card=demanded_card,
    )


def apply_transition(
    payment: Payment, state: PaymentState, now: datetime, *, decided: bool = False
) -> None:
    """Move a payment to another state; do nothing if it has that state already.

    The caller holds the group's lock and saves the payment. Raises ImpossibleTransition for a pair
    that :data:`~payment_engine.states.TRANSITIONS` does not have, and for a final payment unless a
    person has ``decided`` so.
    """
    if state is payment.state:
        return
    if state not in TRANSITIONS[payment.state] or (payment.is_final and not decided):
        raise ImpossibleTransition(f"payment {payment.reference}: {payment.state} → {state}")
    payment.state = state
    doubtful = state in MONEY_MAY_HAVE_MOVED
    payment.in_doubt_since = (payment.in_doubt_since or now) if doubtful else None
    if state in FINAL:
        payment.ended_at = now
    if state is PaymentState.PAID:
        payment.paid_at = now
    if state in RELEASES_CLAIM:
        payment.claimed = False
