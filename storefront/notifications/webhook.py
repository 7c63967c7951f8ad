"""Send notifications to the merchant's systems: signed HTTP calls."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

import requests

from jibit_client.connection import DeadlineAdapter
from storefront.core.clock import Clock
from storefront.notifications.dispatcher import NotDelivered
from storefront.notifications.outbox import Kind, OutboxMessage

TIMEOUT = (3.0, 10.0)  # seconds: to connect, to answer
# The webhook's `kind` and `order_identifier` are old names, kept beside the new ones for a release.
OLD_KINDS = {Kind.MONEY_RETURNED: "money_going_home"}


class WebhookSender:
    """POSTs JSON to the merchant, signed with HMAC-SHA256 over ``{time}.{body}``.

    ``X-Storefront-Signature: t=<unix seconds>,v1=<hex>``, with one ``v1`` for each secret: a
    receiver that knows one of them is content. ``id`` in the body is the stable key.
    """

    def __init__(
        self,
        url: str,
        secrets: Iterable[str],
        clock: Clock,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self._url, self._clock, self._timeout = url, clock, timeout
        self._secrets = [secret.encode() for secret in secrets]

    def deliver(self, message: OutboxMessage) -> None:
        """Call the webhook about a message. Raises NotDelivered."""
        self.call(webhook_body(message))

    def call(self, said: Mapping[str, Any]) -> None:
        """Call the webhook; any 2xx is delivered. Raises NotDelivered."""
        body = json.dumps(said, ensure_ascii=False).encode()
        try:
            status = self._post(body)
        except requests.RequestException as error:
            raise NotDelivered(f"webhook: {type(error).__name__}") from error
        if not 200 <= status < 300:
            raise NotDelivered(f"webhook: HTTP {status}")

    def _post(self, body: bytes) -> int:
        """Return the status of the answer; what else the receiver says is not read."""
        headers = {
            "Content-Type": "application/json",
            "X-Storefront-Signature": self.signature(body),
        }
        with requests.Session() as session:  # several threads deliver
            session.trust_env = False
            for scheme in ("http://", "https://"):
                session.mount(scheme, DeadlineAdapter())
            answer = session.post(
                self._url,
                body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
            return answer.status_code

    def signature(self, body: bytes) -> str:
        """Return the header's value for a body, now."""
        seconds = int(self._clock().timestamp())
        signed = f"{seconds}.".encode() + body
        digests = (hmac.new(secret, signed, hashlib.sha256) for secret in self._secrets)
        return ",".join([f"t={seconds}", *(f"v1={digest.hexdigest()}" for digest in digests)])


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
