"""Name the worker's jobs and what a run of each has counted, for people."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from payment_engine import PaymentState
from payment_engine.recording import BUSY
from payment_engine.row_queue import FAILED
from storefront.admin.words import PAYMENT_STATES, REFUND_STATES
from storefront.orders.privacy import Outcome

Words = Mapping[str, LazyString]

JOB_TITLES = {
    "refresh_tokens": _("Renew the gateways' tokens"),
    "recover_payments": _("Recover payments whose callback never came"),
    "expire_orders": _("Expire orders that nobody paid"),
    "advance_refunds": _("Send refunds, and ask what became of them"),
    "send_emails": _("Send e-mails to shoppers"),
    "send_sms": _("Send text messages to shoppers"),
    "send_webhooks": _("Call the merchant's webhook"),
    "reconcile": _("Reconcile with the gateways"),
    "erase_personal_data": _("Erase personal data that was kept long enough"),
    "forget_carts": _("Forget carts that nobody changed for a month"),
    "raise_alarms": _("Tell the merchant what wants a person"),
}
_PAYMENTS = {state.value: words for state, words in PAYMENT_STATES.items()}
_SENT = {
    "delivered": _("delivered"),
    "put_off": _("put off for another try"),
    "given_up": _("given up"),
    "dropped": _("dropped: nobody need be told"),
}
_ANY_JOB = {FAILED: _("ended in an error"), BUSY: _("put off: the database was busy")}
_OF_JOB: Mapping[str, Words] = {
    "refresh_tokens": {
        "renewed": _("renewed"),
        "fresh": _("still fresh"),
        "failed": _("could not be renewed"),
    },
    "recover_payments": _PAYMENTS,
    "expire_orders": {
        **_PAYMENTS,
        "unanswered": _("the gateway gave no answer"),
        "orders_expired": _("orders expired"),
        PaymentState.EXPIRED.value: _("payments expired"),
    },
    "advance_refunds": {f"refund_{state}": words for state, words in REFUND_STATES.items()},
    "send_emails": _SENT,
    "send_sms": _SENT,
    "send_webhooks": _SENT,
    "reconcile": {
        "there": _("payments in the gateways' ledgers"),
        "here": _("payments in ours"),
        "asked": _("asked about"),
        "found": _("discrepancies found"),
        "mended": _("put right"),
        "closed": _("closed: they agree now"),
        "open": _("discrepancies still open"),
        "incomplete": _("not complete: it is tried again"),
    },
    "erase_personal_data": {
        f"orders_{Outcome.ERASED}": _("orders erased"),
        f"orders_{Outcome.ERASED_BEFORE}": _("erased before"),
        f"orders_{Outcome.NOT_ENDED}": _("kept: not over"),
        f"orders_{Outcome.NOT_SENT}": _("kept: not sent"),
        f"orders_{Outcome.DISCREPANCY}": _("kept: the ledgers differ"),
    },
    "forget_carts": {"carts_forgotten": _("carts forgotten")},
}


def counted(job: str, counts: Mapping[str, int]) -> list[tuple[LazyString | str, int]]:
    """Return what a run has counted, with the words for it; nothing that it counted none of."""
    words = {**_ANY_JOB, **_OF_JOB.get(job, {})}
    return [
        (words.get(name) or name.replace("_", " "), number)
        for name, number in counts.items()
        if number
    ]
