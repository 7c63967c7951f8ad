"""Name the states of orders, payments and refunds as a merchant reads them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from payment_engine import PaymentState, RefundState
from storefront.orders.finding import Stage

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
