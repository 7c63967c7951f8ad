"""A gateway that passes every call on to another; a test replaces what it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from payment_engine.gateway import (
    Callback,
    Gateway,
    Inquiry,
    OpenedPayment,
    PaymentRequest,
    Surroundings,
    UnreadableRow,
    Verification,
)


class Relay(Gateway):
    """Stands before a gateway and is, until a subclass says otherwise, like it in everything."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.name, self.titles = gateway.name, gateway.titles
        self.closes_after, self.has_list = gateway.closes_after, gateway.has_list

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

    def keep_fresh(self) -> bool:
        return self._gateway.keep_fresh()

    def close(self) -> None:
        self._gateway.close()
