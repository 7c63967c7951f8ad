"""Say what of a payment can go back to its customer, and how; nothing here asks or writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from payment_engine import Payment, PaymentState, Refund
from payment_engine.gateway import Gateway
from payment_engine.refund import RefundMethod
from payment_engine.refund_moves import method_for
from payment_engine.refund_requests import REFUNDABLE, left_of
from storefront.core.services import current_services


@dataclass(frozen=True, slots=True)
class Returnable:
    """A payment that was captured, with its refunds.

    ``gateway`` is None where it is turned off.
    """

    payment: Payment
    refunds: Sequence[Refund]
    gateway: Gateway | None

    @property
    def rest_rials(self) -> int:
        """Return what has not gone back and is not on its way."""
        return left_of(self.payment, self.refunds)

    @property
    def is_busy(self) -> bool:
        """Return whether a refund is under way: the next one must wait."""
        return any(not refund.is_final for refund in self.refunds)

    @property
    def key(self) -> str:
        """Return the one-time key of a form: it is used up by any refund of this payment.

        So a doubled press sends one, and so do two people who press at the same time.
        """
        return str(max((refund.id for refund in self.refunds), default=0))

    @property
    def can_send(self) -> bool:
        """Return whether the gateway can return money."""
        return self.gateway is not None and (self.gateway.can_refund or self.gateway.can_reverse)

    @property
    def can_hold_back(self) -> bool:
        """Return whether the gateway can hold a refund back for a while."""
        return self.gateway is not None and self.gateway.can_refund

    @property
    def is_orders(self) -> bool:
        """Return whether it is the payment that the order was paid with, so that lines fit."""
        return self.payment.state is PaymentState.PAID

    def method(
        self, amount_rials: int, *, by_hand: bool = False, cancellable: bool = False
    ) -> RefundMethod:
        """Return how an amount would go back."""
        if by_hand or self.gateway is None or not self.can_send:
            return RefundMethod.BY_HAND
        return method_for(
            self.gateway, self.payment, self.refunds, amount_rials, cancellable=cancellable
        )


def of_order(number: str) -> list[Returnable]:
    """Return the captured payments of an order of which something is left, the paid one first."""
    engine = current_services().engine
    captured = [each for each in engine.payments_of(number) if each.state in REFUNDABLE]
    refunds = engine.refunds_of(number)
    found = [
        Returnable(
            payment,
            [refund for refund in refunds if refund.payment_id == payment.id],
            engine.gateways.get(payment.gateway),
        )
        for payment in captured
    ]
    left = [each for each in found if each.rest_rials > 0]
    return sorted(left, key=lambda each: not each.is_orders)
