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
RETRY = timedelta(seconds=5)  #: the first back-off after a hook, or a step of ours, has raised


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


def take_turn(policy: Policy, payment: Payment, now: datetime) -> bool:
    """Return whether a visitor may have the gateway asked now, and note that on the payment.

    Visitors' questions about one payment are ``ask_again_after`` apart. Who comes too soon may
    bring news all the same, so recovery's next check is brought forward to the next turn, which is
    taken by that. So a turn is at most two intervals ahead, and another host's clock may be behind
    by one; one still further ahead was given before the clock was set back.
    """
    every, turn = policy.ask_again_after, payment.next_turn_at
    if turn is None or not timedelta() < turn - now <= 3 * every:
        payment.next_turn_at = now + every
        return True
    if turn - now <= every:
        payment.next_check_at = min(payment.next_check_at, turn)
        payment.next_turn_at = turn + every
    return False


def next_try(policy: Policy, payment: Payment, now: datetime) -> datetime:
    """Return when to try again what raised: ever later, but not late for the payment's window."""
    doubled: int = 2 ** min(payment.failures, 20)
    longest = policy.recover_after if now < payment.expires_at else LONGEST_GAP
    return now + min(RETRY * doubled, longest)


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
