"""Limit text messages: each costs the merchant money, and a number may be somebody else's.

What was paid for is told in any case, later if need be. That an order is *not* paid can be brought
about by anybody for nothing, to any number: such a message is left out beyond its limits, and all
of them together have a quarter of the day's messages, so that they keep no other one waiting.
"""

from __future__ import annotations

from collections.abc import Iterator

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour

from storefront.core.limits import current_limits, pseudonym
from storefront.notifications.dispatcher import NobodyToTell, NotDelivered
from storefront.notifications.outbox import Kind, OutboxMessage

# Who orders three times a day, and has one of them refunded in parts, gets about a dozen.
OF_A_NUMBER = (
    RateLimitItemPerHour(10, namespace="sms to a number, an hour"),
    RateLimitItemPerDay(30, namespace="sms to a number, a day"),
)
UNPAID_OF_A_NUMBER = RateLimitItemPerDay(3, namespace="unpaid sms to a number")
# Thousands of people stand behind the address of a mobile carrier; few of them fail in an hour.
UNPAID_OF_A_CLIENT = RateLimitItemPerHour(30, namespace="unpaid sms of a client")
UNPAID_SHARE = 4

OF_THE_SHOP = "sms of the shop"  # a day
LIMIT_REACHED = "SMS: limit reached"  # the message waits, and nothing is broken
DAYS_TEXTS_USED = f"{LIMIT_REACHED} ({OF_THE_SHOP})"

Limit = tuple[RateLimitItem, str]  # and who is counted


class SmsLimits:
    """Ask before a message is sent, and count it when it was; ``per_day`` is for the whole shop."""

    def __init__(self, per_day: int) -> None:
        self._of_all = RateLimitItemPerDay(per_day, namespace=OF_THE_SHOP)
        self._unpaid = RateLimitItemPerDay(
            max(1, per_day // UNPAID_SHARE), namespace="unpaid sms of the shop"
        )

    def check(self, message: OutboxMessage) -> None:
        """Raise NotDelivered if a limit is reached, NobodyToTell if it need not be told later."""
        for limit, who in self._limits(message):
            if not current_limits().wait(limit, who):
                continue
            if message.kind is Kind.PAYMENT_FAILED:
                raise NobodyToTell(f"{LIMIT_REACHED} ({limit.namespace})")
            raise NotDelivered(f"{LIMIT_REACHED} ({limit.namespace})")

    def count(self, message: OutboxMessage) -> None:
        """Count a message that was accepted."""
        for limit, who in self._limits(message):
            current_limits().count(limit, who)

    def _limits(self, message: OutboxMessage) -> Iterator[Limit]:
        order = message.payment.order
        number = pseudonym(order.mobile)
        yield self._of_all, "the shop"
        for limit in OF_A_NUMBER:
            yield limit, number
        if message.kind is Kind.PAYMENT_FAILED:
            yield self._unpaid, "the shop"
            yield UNPAID_OF_A_NUMBER, number
            if order.client:
                yield UNPAID_OF_A_CLIENT, order.client
