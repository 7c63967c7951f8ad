"""A gateway that passes every call on to another; a test replaces what it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from payment_engine.gateway import (
    Callback,
    Gateway,
    Inquiry,
    OpenedPayment,
    PaymentRequest,
    RefundRequest,
    RefundSeen,
    Reversal,
    Surroundings,
    UnreadableRow,
    Verification,
)

DECLARED = tuple(Gateway.__annotations__)  # what a gateway says of itself


class Relay(Gateway):
    """Stands before a gateway and is, until a subclass says otherwise, like it in everything."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        for name in DECLARED:
            setattr(self, name, getattr(gateway, name))

    def attach(self, surroundings: Surroundings) -> None:
        self._gateway.attach(surroundings)

    def open(self, request: PaymentRequest) -> OpenedPayment:
        return self._gateway.open(request)

    def inquire(self, gateway_payment_id: str, *, language: str = "fa") -> Inquiry:
        return self._gateway.inquire(gateway_payment_id, language=language)

    def verify(self, gateway_payment_id: str, *, language: str = "fa") -> Verification:
        return self._gateway.verify(gateway_payment_id, language=language)

    def read_callback(self, parameters: Mapping[str, str]) -> Callback:
        return self._gateway.read_callback(parameters)

    def find(self, reference: str, *, since: datetime, until: datetime) -> Inquiry | None:
        return self._gateway.find(reference, since=since, until=until)

    def payments_between(
        self, since: datetime, until: datetime
    ) -> Iterator[Inquiry | UnreadableRow]:
        return self._gateway.payments_between(since, until)

    def changed_by_hand(
        self, since: datetime, until: datetime
    ) -> Iterator[Inquiry | UnreadableRow]:
        return self._gateway.changed_by_hand(since, until)

    def reverse(self, gateway_payment_id: str, *, language: str = "fa") -> Reversal:
        return self._gateway.reverse(gateway_payment_id, language=language)

    def refund(self, request: RefundRequest, *, language: str = "fa") -> RefundSeen:
        return self._gateway.refund(request, language=language)

    def refunds_of(self, gateway_payment_id: str, *, language: str = "fa") -> Sequence[RefundSeen]:
        return self._gateway.refunds_of(gateway_payment_id, language=language)

    def keep_fresh(self) -> bool:
        return self._gateway.keep_fresh()

    def close(self) -> None:
        self._gateway.close()
