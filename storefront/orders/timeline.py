"""Put an order's history into sentences: what happened, who did it, and what followed.

Nothing here asks or writes. It speaks the language of the page or the command; the gateway's own
words, codes and fingerprints are given as they came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _

from payment_engine import Actor
from payment_engine.gateway import FailReason, VerificationStatus
from payment_engine.redaction import redact
from storefront.core import formats
from storefront.core.services import current_services
from storefront.orders.failures import IN_SHORT
from storefront.orders.gateway_words import DISCREPANCY_KINDS, of_error, of_fact
from storefront.orders.history import HistoryEntry

Details = Mapping[str, Any]

ACTORS = {
    Actor.PAYER: _("Shopper"),
    Actor.WORKER: _("Worker"),
    Actor.RECONCILIATION: _("Reconciliation"),
    Actor.OPERATOR: _("Merchant"),
}

OLD_NAMES = {"order_identifier": "gateway_payment_id", "difference": "discrepancy"}

COLLECTED = {"order_fulfilled": "order_ready", "order_delivered": "order_collected"}

# What an event says, after what was heard of the gateway; the names are those of its details.
SENTENCES = {
    "order_placed": _("The order was placed: its prices are fixed and its items are reserved."),
    "payment_initiated": _("A payment was begun (%(gateway)s)."),
    "payment_opened": _("The gateway opened the payment (no. %(gateway_payment_id)s), and the shopper went on to its page."),
    "redirect_not_trusted": _("The gateway gave an address that is on no trusted host: nobody was sent there, and the payment ended."),
    "payment_not_opened": _("The gateway did not open the payment, and nobody was sent there."),
    "callback": _("The shopper's browser came back from the gateway with the word “%(state)s”. We ask the gateway itself, since only its own answer counts."),
    "unmatched_callback": _("A browser came back with the word “%(state)s”, but without the gateway's number of this payment. It changes nothing: only the gateway's own answer counts."),
    "callback_without_word": _("The shopper's browser came back from the gateway. We ask the gateway itself, since only its own answer counts."),
    "unmatched_callback_without_word": _("A browser came back without the gateway's number of this payment. It changes nothing: only the gateway's own answer counts."),
    "verifying": _("The gateway was asked to confirm this payment. Until it answers, no other payment of this order is taken."),
    "payment_awaiting_payer": _("So nothing is paid yet, and we ask again."),
    "payment_verifying": _("So the payment may be on its way, and we ask again."),
    "payment_in_doubt": _("The result is not clear yet, and we ask again."),
    "payment_needs_review": _("The answers do not settle it: one of our staff looks into it."),
    "payment_paid": _("So the payment is confirmed: the order is paid."),
    "payment_failed": _("So the payment has failed, and no money was taken for it."),
    "payment_expired": _("So the payment is over, and the order was not paid with it. If money was taken, it goes back by itself."),
    "payment_returned": _("So the money cannot be kept for this order: it goes back, or has gone back, to the payer."),
    "refund_requested": _("A refund of %(amount_rials)s Rials was recorded (no. %(refund)s), before the gateway was asked for it."),
    "refund_noted": _("A person of the shop has returned %(amount_rials)s Rials by hand (refund no. %(refund)s)."),
    "refund_sent": _("The gateway was asked for refund no. %(refund)s."),
    "refund_not_sent": _("The gateway has not taken refund no. %(refund)s. It is tried again, if need be in another way."),
    "refund_never_arrived": _("The gateway keeps saying that refund no. %(refund)s never arrived there."),
    "refund_in_progress": _("The gateway has accepted refund no. %(refund)s and carries it out."),
    "refund_waiting": _("Refund no. %(refund)s waits at the gateway."),
    "refund_done": _("Refund no. %(refund)s is done: %(amount_rials)s Rials have gone back."),
    "refund_failed": _("Refund no. %(refund)s has failed. A person must see to it."),
    "refund_cancelled": _("Refund no. %(refund)s was cancelled: its money stays with the shop."),
    "refund_resolved": _("A person of the shop acted on refund no. %(refund)s."),
    "odd_answer": _("The gateway's answer had fields that make no sense (%(fields)s). They decide nothing and were left out."),
    "hook_failed": _("The gateway's answer was kept, but the shop could not carry it out (%(hook_error)s): it is tried again."),
    "contradiction": _("That contradicts how the payment ended. What has ended stays as it is."),
    "list_not_read": _("The payment was to be looked up in the gateway's list, which could not be read."),
    "never_reached_the_gateway": _("The gateway's list does not have this payment: it never arrived there, so it is over."),
    "nobody_was_sent_there": _("No answer said where to pay this, so nobody was sent there: the payment is over."),
    "found_in_the_list": _("The gateway's list has this payment as %(gateway_payment_id)s, although its answer was lost."),
    "resolved_as_paid": _("A person of the shop looked into it and decided: paid."),
    "resolved_as_failed": _("A person of the shop looked into it and decided: failed."),
    "resolved_as_expired": _("A person of the shop looked into it and decided: expired."),
    "resolved_as_returned": _("A person of the shop looked into it and decided: the money went back."),
    "discrepancy_found": _("Reconciliation found that the two ledgers differ (%(kind)s, discrepancy %(discrepancy)s)."),
    "discrepancy_mended": _("Reconciliation corrected discrepancy %(discrepancy)s (%(kind)s)."),
    "discrepancy_agrees_now": _("Discrepancy %(discrepancy)s (%(kind)s) is gone."),
    "discrepancy_decided": _("A person of the shop closed discrepancy %(discrepancy)s (%(kind)s)."),
    "order_expired": _("Nobody paid in time, and the gateway confirms it for every payment: the items are released."),
    "order_cancelled": _("The order was cancelled: the items are released, and no payment is captured for it any more."),
    "order_packed": _("The items were packed."),
    "order_fulfilled": _("The items were sent."),
    "order_ready": _("The items are ready to be collected."),
    "order_collected": _("The items were collected."),
    "shipment_corrected": _("What is known of the parcel was corrected."),
    "order_delivered": _("The parcel arrived."),
    "address_corrected": _("The address was corrected. The former one is kept as no. %(former)s."),
    "items_taken_back": _("Items were put back into stock: %(pieces)s pieces."),
    "personal_data_erased": _("The personal data of this order was erased. What accounting needs was kept."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry for a person. ``at`` is UTC.

    ``reason`` is a merchant's own note and ``by`` the person's name: both are for merchants.
    ``side`` names who has recorded it: the shop, or what is joined to its history in test mode.
    """

    at: datetime
    who: str
    sentences: tuple[str, ...]
    payment_id: int | None
    reason: str | None
    by: str | None = None
    side: str = "shop"


def in_words(entry: HistoryEntry) -> TimelineEntry:
    """Put an entry into words of the current language."""
    details = _current_names(entry.details)
    reason = details.get("reason") if entry.actor is Actor.OPERATOR else None
    sentences = tuple(_sentences(_event(entry), details))
    who, by = str(ACTORS[entry.actor]), details.get("by")
    return TimelineEntry(entry.at, who, sentences, entry.payment_id, reason, by)


def _current_names(details: Details) -> Details:
    """Events written by earlier versions name some facts otherwise, and masked less."""
    masked = redact({OLD_NAMES.get(name, name): value for name, value in details.items()})
    return masked if isinstance(masked, dict) else {}


def _event(entry: HistoryEntry) -> str:
    if entry.event in ("callback", "unmatched_callback"):
        kind = "callback" if entry.details.get("named_us") else "unmatched_callback"
        return kind if entry.details.get("state") else f"{kind}_without_word"
    if entry.event == "refund_requested" and entry.details.get("method") == "by_hand":
        return "refund_noted"
    if entry.details.get("pickup"):
        return COLLECTED[entry.event]
    return entry.event


def _sentences(event: str, details: Details) -> Iterator[str]:
    yield from _answers(details) if event != "found_in_the_list" else ()
    if details.get("differences"):
        names = _listed([of_fact(name) for name in details["differences"]])
        yield str(_("The gateway's answer differs from our record: %(names)s.", names=names))
    if details.get("unrecordable"):
        yield str(_("The gateway's answer could not be recorded."))
    for error in (*details.get("errors", ()), *([details] if "answer" in details else ())):
        yield str(_("No good answer came: %(why)s.", why=of_error(error)))
    yield str(SENTENCES[event]) % {name: _shown(name, value) for name, value in details.items()}


def _shown(name: str, value: object) -> object:
    """Return a fact as a sentence has it: amounts and numbers of ours in the language's digits."""
    language = str(get_locale().language)
    if name == "gateway":
        known = current_services().engine.gateways.get(str(value))
        return known.titles[language] if known else value
    if name == "kind":
        return str(DISCREPANCY_KINDS.get(str(value), value))
    if isinstance(value, int) and not isinstance(value, bool):
        is_amount = name.endswith("_rials")
        return formats.grouped(value, language) if is_amount else formats.digits(value, language)
    return _listed(value)


def _listed(value: object) -> object:
    """Join a list with the language's comma; the Persian one has a mark that keeps the order."""
    return str(_(", ")).join(map(str, value)) if isinstance(value, list) else value


def _answers(details: Details) -> list[str]:
    """In their order: after a capture that succeeded, the gateway is not asked once more."""
    told = []
    if said := details.get("inquiry"):
        asked = str(_("Asked about the payment, the gateway said “%(said)s”.", said=said))
        why = _reason(details)
        told.append(f"{asked} {_its_reason(why)}" if why else asked)
    if said := details.get("verification"):
        told.append(
            str(_("Asked to confirm the payment, the gateway answered “%(said)s”.", said=said))
        )
    return told if said == VerificationStatus.SUCCESSFUL else told[::-1]


def _its_reason(why: str) -> str:
    return str(_("Reason: %(why)s.", why=why))


def _reason(details: Details) -> str | None:
    """Return why the payment failed: in our words, else in the bank's."""
    known = details.get("fail_reason")
    return str(IN_SHORT[FailReason(known)]) if known in IN_SHORT else details.get("fail_words")
