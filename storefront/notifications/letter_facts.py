"""Say which facts of an order the template of a letter may use, and collect them.

A template is given these values alone, and no row of the database. ``invoice_url`` opens the whole
invoice: it stands only in letters to who has paid. Before a payment nothing that
the shopper has typed is among them: anybody can order to anybody's address.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from flask_babel import force_locale

from storefront.core.seller import current_seller
from storefront.notifications.outbox import Kind, OutboxMessage
from storefront.orders import holds, invoice_links
from storefront.orders.failures import Failure, failure_of

_ALWAYS = ("order.number", "order.amount_rials", "order_url", "shop_name")
_PAYMENT = ("payment.amount_rials", "payment.gateway_payment_id")
_PAID = ("order.full_name", "order.lines", "payment.payer_card", "payment.tracking_number")
_DELIVERY = (
    *("order.tax_included_rials", "order.pickup"),
    *("order.delivery_days_from", "order.delivery_days_to"),
    *("shop_address", "shop_hours"),
)
_FAILURE = (
    *("failure.cancelled", "failure.out_of_time", "failure.because", "failure.bank_said"),
    *("order.reserved_until", "pay_until"),
)
_REFUND = ("order.refunded_rials", "payment.state", "refund.amount_rials", "refund.method")
FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.ORDER_PAID: (*_ALWAYS, *_PAYMENT, *_PAID, "order.paid_at", *_DELIVERY, "invoice_url"),
    Kind.PAYMENT_FAILED: (*_ALWAYS, *_PAYMENT, *_FAILURE),
    Kind.MONEY_RETURNED: (*_ALWAYS, *_PAYMENT, "payment.state"),
    Kind.ORDER_REFUNDED: (*_ALWAYS, *_PAYMENT, *_PAID, *_REFUND),
    Kind.ORDER_SENT: (
        *(*_ALWAYS, *_PAYMENT, *_PAID, "order.paid_at"),
        *("order.carrier", "order.tracking_code", "order.pickup", "invoice_url"),
        *("shop_address", "shop_hours"),
    ),
}
OF_A_LINE = ("name_fa", "name_en", "quantity", "amount_rials", "kind")

Facts = dict[str, Any]


def facts_about(message: OutboxMessage, public_url: str, now: datetime) -> Facts:
    """Return what the letter about a message may say."""
    order = message.payment.order
    return facts_of(
        message.kind,
        order=order,
        payment=message.payment,
        refund=message.refund,
        order_url=f"{public_url}/orders/{order.token}",
        invoice_url=public_url + invoice_links.path_of(order),
        failure=failure_facts(failure_of(message.payment), order.language),
        pay_until=holds.pay_until(order, now),
        shop_name=current_seller().name(order.language),
        shop_address=current_seller().address(order.language),
        shop_hours=current_seller().hours(order.language),
    )


def failure_facts(failure: Failure, language: str) -> SimpleNamespace:
    """Return what a letter may say about why a payment failed."""
    with force_locale(language):
        because = failure.sentence(language)
    return SimpleNamespace(
        cancelled=failure.cancelled,
        out_of_time=failure.out_of_time,
        because=because,
        bank_said=failure.quoted(language),
    )


def facts_of(kind: Kind, **sources: Any) -> Facts:
    """Pick the fields of a kind from rows, or from a sample's."""
    facts: Facts = {}
    for path in FIELDS[kind]:
        root, _, field = path.partition(".")
        if not field:
            facts[root] = sources[root]
            continue
        value = getattr(sources[root], field)
        shown = [_line(each) for each in value] if field == "lines" else value
        setattr(facts.setdefault(root, SimpleNamespace()), field, shown)
    return facts


def _line(line: Any) -> SimpleNamespace:
    return SimpleNamespace(**{field: getattr(line, field) for field in OF_A_LINE})
