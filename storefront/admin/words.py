"""Name states and discrepancies as a merchant reads them."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from payment_engine import PaymentState, RefundState
from storefront.core import formats
from storefront.orders.finding import Stage
from storefront.orders.sendable import Hold
from storefront.web.language import current_language

STAGES = {
    Stage.TO_PACK: _("Paid, to pack"),
    Stage.PACKED: _("Packed, to send"),
    Stage.SENT: _("On the way"),
    Stage.DELIVERED: _("Delivered"),
    Stage.UNPAID: _("Not paid yet"),
    Stage.EXPIRED: _("Expired"),
    Stage.CANCELLED: _("Cancelled"),
    Stage.REFUNDED: _("Refunded"),
}
PAYMENT_STATES = {
    PaymentState.INITIATED: _("Being opened"),
    PaymentState.AWAITING_PAYER: _("The customer is at the gateway"),
    PaymentState.VERIFYING: _("Being captured"),
    PaymentState.IN_DOUBT: _("In doubt: the worker keeps asking"),
    PaymentState.NEEDS_REVIEW: _("A person must decide"),
    PaymentState.PAID: _("Paid"),
    PaymentState.FAILED: _("Failed"),
    PaymentState.EXPIRED: _("Expired"),
    PaymentState.RETURNED: _("Not kept: the money goes back"),
}
REFUND_STATES = {
    RefundState.REQUESTED: _("About to be sent"),
    RefundState.IN_DOUBT: _("Sent, not answered: the worker asks"),
    RefundState.IN_PROGRESS: _("On its way"),
    RefundState.WAITING: _("Waits at the gateway"),
    RefundState.DONE: _("Done"),
    RefundState.FAILED: _("Failed"),
    RefundState.CANCELLED: _("Cancelled"),
}

HOLDS = {
    Hold.DISPUTED: _("do not send yet"),
    Hold.REFUNDING: _("its money goes back"),
}
LEFT_OUT = {
    Hold.NOT_PAID: _("Not paid:"),
    Hold.REFUNDED: _("Do not send, all of the money went back:"),
    Hold.DISPUTED: _("Do not send yet, the payment must be settled first (see the order):"),
    Hold.REFUNDING: _("Do not send, all of the money is on its way back:"),
}
COLLECTED = _("Collected by the customer, so without a label:")
NOT_PACKED = _("Not packed yet:")
NOT_POSSIBLE = _("Not possible now for:")
MOST_NAMED = 10  # numbers in a sentence; it waits in a cookie


def named(numbers: Sequence[str]) -> str:
    """Return orders' numbers as a sentence has them; of very many only the first."""
    shown = [formats.digits(number, current_language()) for number in numbers[:MOST_NAMED]]
    more = [gettext("%(count)s more", count=shown_number(len(numbers) - MOST_NAMED))]
    comma: str = gettext(", ")
    return comma.join(shown + (more if len(numbers) > MOST_NAMED else []))


def shown_number(number: int) -> str:
    """Return a number as a sentence has it: in the digits of the page's language."""
    return formats.grouped(number, current_language())
