"""Decide when to ask the gateway about a payment again; pure, like ``decision.py``."""

from __future__ import annotations

from datetime import datetime, timedelta

from payment_engine.gateway_evidence import GatewayEvidence
from payment_engine.payment import Payment
from payment_engine.policy import Policy
from payment_engine.states import PaymentState

LAST_CHANCE = timedelta(
    seconds=30
)  #: before the window's end; a verification is still sure to work
LAST_QUESTIONS = timedelta(seconds=5)  #: between inquiries after that; one may go wrong
LONGEST_GAP = timedelta(hours=1)
LONGEST_WAIT = timedelta(minutes=5)  #: a third of the gateway's window
HOOK_RETRY = timedelta(seconds=5)  #: the first back-off after a hook of the application has failed


def last_chance(payment: Payment) -> datetime:
    """Return when to ask once more while a verification is still sure to work."""
    return payment.expires_at - LAST_CHANCE


def next_check(policy: Policy, payment: Payment, seen: GatewayEvidence, now: datetime) -> datetime:
    """Return when to ask again: often in the window, most often at its end, then ever less.

    A payment whose rival has the claim comes back soon, or two that are asked about together would
    meet each time; and so does one FAILED that a browser contradicts.
    """
    every = policy.recover_after
    soon = min(every, LAST_QUESTIONS)
    failed_just_now = seen.asked_at is not None and payment.failed_seen_at == seen.asked_at
    if failed_just_now and payment.success_claimed:
        return now + soon
    if now < last_chance(payment):
        return min(now + (soon if seen.rival_has_claim else every), last_chance(payment))
    if now < payment.expires_at:
        return now + soon
    late_by = now - payment.expires_at
    return now + max(every, min(late_by / 2, _longest_gap(payment, policy.settle_after)))


def next_hook_try(policy: Policy, payment: Payment, now: datetime) -> datetime:
    """Return when to try a failed hook again: ever later, but not late for the payment's window."""
    doubled: int = 2 ** min(payment.hook_failures, 20)
    longest = policy.recover_after if now < payment.expires_at else LONGEST_GAP
    return now + min(HOOK_RETRY * doubled, longest)


def _longest_gap(payment: Payment, settle_after: timedelta) -> timedelta:
    """Return a gap well below the one that would break a series of SUCCESS being measured.

    A gateway that still waits for its payer has not ended the payment, whatever our clock says:
    that was set forward, or the gateway's expiry is late.
    """
    if payment.state is PaymentState.AWAITING_PAYER:
        return LONGEST_WAIT
    in_review = payment.state is PaymentState.NEEDS_REVIEW
    if payment.has_unanswered_verification and (payment.success_since or not in_review):
        return min(settle_after / 6, LONGEST_GAP)
    return LONGEST_GAP
