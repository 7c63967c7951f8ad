"""Send notifications to the merchant's systems: signed HTTP calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from storefront.notifications.dispatcher import NotDelivered
from storefront.notifications.http_calls import SignedCaller
from storefront.notifications.outbox import Kind, OutboxMessage

# The webhook's `kind` and `order_identifier` are old names, kept beside the new ones for a release.
OLD_KINDS = {Kind.MONEY_RETURNED: "money_going_home"}


class WebhookSender(SignedCaller):
    """Calls the merchant; ``id`` in the body is the stable key."""

    def deliver(self, message: OutboxMessage) -> None:
        """Call the webhook about a message. Raises NotDelivered."""
        self.call(webhook_body(message))

    def call(self, said: Mapping[str, Any]) -> None:
        """Call the webhook; any 2xx is delivered. Raises NotDelivered."""
        try:
            status = self.post(said)
        except requests.RequestException as error:
            raise NotDelivered(f"webhook: {type(error).__name__}") from error
        if not 200 <= status < 300:
            raise NotDelivered(f"webhook: HTTP {status}")


def webhook_body(message: OutboxMessage) -> dict[str, Any]:
    """Return what the merchant's webhook receives. Money is integer Rials, times are UTC."""
    payment, refund = message.payment, message.refund
    about_refund = {"refund_id": refund.id, "refunded_rials": refund.amount_rials} if refund else {}
    return {
        "id": message.key,
        "event": message.kind.value,
        "kind": OLD_KINDS.get(message.kind, message.kind.value),
        "at": message.created_at.isoformat(),
        "order_number": payment.order.number,
        "reference_number": payment.reference,
        "gateway_payment_id": payment.gateway_payment_id,
        "order_identifier": payment.gateway_payment_id,
        "gateway": payment.gateway,
        "payment_state": payment.state.value,
        "amount_rials": payment.amount_rials,
        **about_refund,
    }
