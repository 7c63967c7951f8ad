"""Send text messages to shoppers: what every provider has in common, and the signed driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import requests

from storefront.core.clock import Clock
from storefront.core.database import end_reading
from storefront.notifications.dispatcher import (
    NobodyToTell,
    NotDelivered,
    Undeliverable,
    check_somebody_waits,
)
from storefront.notifications.http_calls import SignedCaller
from storefront.notifications.outbox import Kind, OutboxMessage
from storefront.notifications.sms_limits import SmsLimits
from storefront.notifications.sms_texts import text_about

NEVER = 422  # a provider's bridge answers this if no later try would succeed


@dataclass(frozen=True, slots=True)
class Sms:
    """One text message. ``id`` is the same in every try."""

    id: str
    to: str
    text: str


class Provider(Protocol):
    """Takes text messages for delivery. Has its own timeouts."""

    def send(self, sms: Sms) -> None:
        """Hand it over. Raises Undeliverable for a definite refusal of it, else NotDelivered."""


class SmsSender:
    """Writes text messages, and hands them to the provider within the limits."""

    def __init__(
        self, provider: Provider, public_url: str, limits: SmsLimits, clock: Clock
    ) -> None:
        self._provider, self._public_url = provider, public_url
        self._limits, self._clock = limits, clock

    def deliver(self, message: OutboxMessage) -> None:
        """Send the text about a message. Raises NotDelivered or NobodyToTell."""
        order = message.payment.order
        check_somebody_waits(message)
        page = f"{self._public_url}/orders/{_whole(order.token)}"
        text = text_about(message, page, self._clock())
        self._limits.check(message)
        end_reading()
        try:
            self._provider.send(Sms(message.key, order.mobile, text))
        except Undeliverable as refusal:
            if message.kind is Kind.PAYMENT_FAILED:  # anybody can order to a number that is none
                raise NobodyToTell(str(refusal)) from refusal
            raise
        self._limits.count(message)


def _whole(token: str) -> str:
    """Return a token for the end of a link: telephones may leave a mark there out of the link."""
    return token[:-1] + {"-": "%2D", "_": "%5F"}.get(token[-1], token[-1])


class SignedProvider:
    """POSTs ``{"id", "to", "text"}`` to a bridge of the merchant's, signed as a webhook is.

    Any 2xx means accepted.
    """

    def __init__(self, caller: SignedCaller) -> None:
        self._caller = caller

    def send(self, sms: Sms) -> None:
        """Call the bridge. Raises NotDelivered."""
        try:
            status = self._caller.post({"id": sms.id, "to": sms.to, "text": sms.text})
        except requests.RequestException as error:
            # The error's own text has the address, which may be a secret.
            raise NotDelivered(f"SMS: {type(error).__name__}") from None
        if status == NEVER:
            raise Undeliverable(f"SMS: refused (HTTP {status})")
        if not 200 <= status < 300:
            raise NotDelivered(f"SMS: HTTP {status}")
