"""Say what the areas about money have to say: kinds, outcomes, refusals, the gateway's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from payment_engine import Outcome, PaymentState, Refund, RefundState
from payment_engine.decisions import Unfit
from payment_engine.discrepancies import Closing, Kind
from payment_engine.errors import CredentialsRefused, GatewayError, NoAnswer, TooManyRequests
from payment_engine.gateway import InquiryStatus
from payment_engine.refund import RefundMethod
from payment_engine.refund_requests import Why
from storefront.orders.gateway_words import ANSWERS

METHODS: Mapping[RefundMethod, Any] = {
    RefundMethod.REVERSE: _("The gateway takes the payment back: no fee, the money is on the card at once"),
    RefundMethod.REFUND: _("The gateway transfers it to the customer's bank account, within hours or days"),
    RefundMethod.BY_HAND: _("You have returned it yourself; the gateway is sent nothing"),
}  # fmt: skip
NOT_REFUNDABLE: Mapping[Why, Any] = {
    Why.NOT_PAID: _("This payment is not paid, so there is nothing to return."),
    Why.NOTHING_LEFT: _("All of this payment has gone back already."),
    Why.TOO_MUCH: _("That is more than is left of this payment."),
    Why.ANOTHER_UNDER_WAY: _("Another refund of this payment is under way. Wait until it is over."),
    Why.GATEWAY_CANNOT: _("This gateway cannot return that. Return it by hand, for instance by card transfer, and note it here."),
    Why.NOT_WAITING: _("This refund does not wait any more: it has begun, or is over."),
    Why.UNDER_WAY: _("The gateway is still busy with this refund, so nobody else may end it. Try again in ten minutes."),
    Why.OVER: _("This refund is over already."),
}  # fmt: skip
UNFIT: Mapping[Unfit, Any] = {
    Unfit.ONLY_NOTED: _(
        "This kind of difference can only be noted: look into it, choose the first decision, and"
        " write what you did."
    ),
    Unfit.NOT_ASKED: _("The gateway gave no good answer when it was asked once more. Try again in a minute."),
    Unfit.SAYS_OTHERWISE: _("The gateway says something else by now. Compare the books again."),
    Unfit.ANOTHER_AMOUNT: _("The gateway has another amount, so this cannot become paid: it can only be returned."),
    Unfit.NOT_OVER: _("The payment stands otherwise here by now."),
    Unfit.NO_REFUNDS: _("This gateway has no refunds. Return the money by hand, for instance by card transfer, and note it here."),
    Unfit.ANOTHER_PAYMENT: _("Another payment of this order is paid or being captured. Return the money of this one."),
    Unfit.REFUND_UNDER_WAY: _("A refund of this payment is under way. Wait until it is over."),
    Unfit.NOT_DELIVERABLE: _("The order cannot be delivered any more, because its goods are gone. Return the money."),
}  # fmt: skip
ADVICE: Mapping[str, Any] = {
    "refund.not_supported": _("The gateway has not turned refunds on for your account. Ask it to, or return the money by hand and note it."),
    "balances.not_enough": _("Your account at the gateway has not enough money. Pay in, then ask for the refund again."),
    "daily_limitation.reached": _("The gateway returns no more today. Ask again tomorrow."),
}  # fmt: skip
WAITING_FOR: Mapping[str, Any] = {
    "ON_HOLD_WAIT_FOR_VERIFY": _("It waits for your confirmation."),
    "ON_HOLD_BALANCES_NOT_ENOUGH": _("Your account at the gateway has not enough money: pay in, and it goes on."),
    "ON_HOLD_WAIT_FOR_MANUAL_SUBMISSION": _("The gateway's staff must see to it: ask them."),
    "ON_HOLD": _("It is held back for an hour and then begins by itself. Until then it can be cancelled."),
}  # fmt: skip
DECISIONS: Mapping[PaymentState, Any] = {
    PaymentState.PAID: _("Paid: the gateway has captured the money, so the order becomes paid"),
    PaymentState.FAILED: _("Failed: nothing was paid"),
    PaymentState.EXPIRED: _("Expired: nothing was paid in time"),
    PaymentState.RETURNED: _("Returned: it was paid, and the money went back or is to go back"),
}
OUTCOMES: Mapping[Outcome, Any] = {
    Outcome.NOTED: _("Noted: I have seen to it, and both sides stay as they are"),
    Outcome.PAID: _("Paid: the money is there, so the order becomes paid"),
    Outcome.RETURNED: _("Returned: the money goes back, or has gone back, to the customer"),
}
FITTING: Mapping[Kind, tuple[Outcome, ...]] = {
    Kind.PAID_THERE_NOT_HERE: (Outcome.PAID, Outcome.RETURNED, Outcome.NOTED),
    Kind.PAID_HERE_NOT_THERE: (Outcome.RETURNED, Outcome.NOTED),
}
CLOSINGS: Mapping[Closing, Any] = {
    Closing.MENDED: _("Put right by the comparison itself"),
    Closing.AGREES_NOW: _("Gone: both sides agree now"),
    Closing.DECIDED: _("Decided by a person"),
}
KINDS: Mapping[Kind, tuple[Any, Any]] = {
    Kind.PAID_THERE_NOT_HERE: (
        _("The gateway has the money, and here the order is not paid"),
        _("You hold a customer's money. Look at the order: deliver it (paid), or give the money back (returned)."),
    ),
    Kind.PAID_HERE_NOT_THERE: (
        _("Paid here, but not at the gateway"),
        _("Keep the goods if they are still here. Look at the gateway's panel, and ask the gateway and the customer."),
    ),
    Kind.OVER_THERE_OPEN_HERE: (
        _("Over at the gateway, and still open here"),
        _("Usually the next comparison puts it right. If it stays, ask the gateway."),
    ),
    Kind.AMOUNT_DIFFERS: (
        _("The two amounts differ"),
        _("Compare it with the gateway's panel, and settle the rest with the customer. If one is ten times the other, Rials and Toman were confused: sell nothing until you know why."),
    ),
    Kind.CURRENCY_DIFFERS: (
        _("The gateway has another currency"),
        _("Compare it with the gateway's panel. If one amount is ten times the other, sell nothing until you know why."),
    ),
    Kind.REFERENCE_DIFFERS: (
        _("The gateway has another reference for this payment"),
        _("Ask the gateway: two payments were confused, or somebody changed one."),
    ),
    Kind.UNKNOWN_HERE: (
        _("The gateway has a payment that this shop does not know"),
        _("If another shop or program uses the same account at the gateway, note it. If none does, somebody else has your keys: change them now. After a backup was put back, these are payments that it did not have."),
    ),
    Kind.MISSING_THERE: (
        _("The gateway does not know this payment any more"),
        _("Check that the shop uses the same account at the gateway as then, and ask the gateway. Do not send goods that only this shop calls paid."),
    ),
    Kind.DUPLICATED_REFERENCE: (
        _("The gateway has a second payment with one of our references"),
        _("Nobody was sent to pay it, so it runs out by itself. If it was paid after all, return the money by hand and note it."),
    ),
    Kind.UNREADABLE_ROW: (
        _("What the gateway says about a payment makes no sense"),
        _("Show it to the gateway's support."),
    ),
    Kind.CONTRADICTED_THERE: (
        _("The gateway says that its own records contradict each other"),
        _("Ask the gateway's support. While this lasts, its answer may still change."),
    ),
}  # fmt: skip
SAID: Mapping[InquiryStatus, Any] = {
    InquiryStatus.IN_PROGRESS: _("Not over: unpaid, or paid and not captured yet"),
    InquiryStatus.UNPAID: _("Not paid"),
    InquiryStatus.AWAITING_VERIFICATION: _("Paid, not captured yet"),
    InquiryStatus.SUCCESS: _("Paid"),
    InquiryStatus.CAPTURED: _("Paid and captured"),
    InquiryStatus.FAILED: _("Failed"),
    InquiryStatus.EXPIRED: _("Expired"),
    InquiryStatus.REVERSED: _("The gateway has returned all of it"),
    InquiryStatus.UNKNOWN: _("The gateway itself does not know yet"),
    InquiryStatus.UNRECOGNISED: _("A word that this shop does not know"),
}
COUNTS: Mapping[str, Any] = {
    "there": _("payments at the gateway"),
    "here": _("of them ours"),
    "asked": _("asked about one by one"),
    "foreign": _("of other shops with the same account"),
    "found": _("differences found"),
    "mended": _("put right"),
    "closed": _("gone"),
    "open": _("open afterwards"),
}


NO_ANSWER: Mapping[type[GatewayError], Any] = {
    CredentialsRefused: _("The gateway does not accept the shop's keys. Check them with whoever runs the shop."),
    TooManyRequests: _("The gateway is asked too often. Try again in a minute."),
    NoAnswer: _("The gateway did not answer. Try again in a minute: nothing is done twice."),
}  # fmt: skip
ENDED_MEANWHILE = _("This payment has ended meanwhile, so there is nothing to decide.")
ANOTHER_HAS_IT = _("Another payment of this order is paid or being captured. Decide “returned”.")
ORDER_IS_OVER = _(
    "The order is over, so it cannot become paid. Decide “returned”, and return the money."
)
BEING_CAPTURED = _(
    "The gateway is being asked to capture it at this moment. Try again in a minute."
)
DECIDED_MEANWHILE = _("It was decided meanwhile, or is gone.")
WHY_KEPT = _("Write why, in 1 to 1,000 letters. It is kept with the order.")


def of_gateway(error: GatewayError) -> str:
    """Say what went wrong at the gateway, and what to do; the error itself is for its support."""
    known = next((ADVICE[code] for code in error.codes if code in ADVICE), None)
    known = known or next(
        (words for kind, words in NO_ANSWER.items() if isinstance(error, kind)), None
    )
    why = error.codes[0] if error.codes else str(ANSWERS.get(error.kind) or error.reason)
    return str(known or _("The gateway refused it: %(why)s", why=why))


def of_refund(refund: Refund) -> str:
    """Say what a refund waits for, or why it failed; empty if there is nothing to add."""
    if refund.state is RefundState.WAITING:
        return str(WAITING_FOR.get(refund.said or "", ""))
    if refund.state is RefundState.FAILED or refund.failures:
        return str(ADVICE.get(refund.last_failure or "", refund.last_failure or ""))
    return ""


def waits_for_confirmation(refund: Refund) -> bool:
    """Return whether the merchant can let a refund begin."""
    return refund.state is RefundState.WAITING and "VERIFY" in (refund.said or "")
