"""A gateway that answers what a test puts into its mouth, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from payment_engine.gateway import (
    Callback,
    Gateway,
    Inquiry,
    InquiryStatus,
    OpenedPayment,
    PaymentRequest,
    UnreadableRow,
    Verification,
    VerificationStatus,
)

HOST = "pay.example"


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that came, with what it said."""

    operation: str
    about: Any
    language: str = ""


class ObedientGateway(Gateway):
    """``errors`` are raised, by operation, ``errors_about`` by the gateway's id of a payment;
    ``says`` is its answer to every inquiry, ``says_of`` to those about one payment, ``verifies`` to
    every verification; ``changed`` is what an inquiry tells otherwise than it was asked for;
    ``listed`` is what its list has under the reference looked for, ``rows`` the whole list."""

    name = "obedient"
    titles: Mapping[str, str] = {"fa": "حرف‌گوش‌کن", "en": "Obedient"}
    closes_after = timedelta(minutes=20)
    has_list = True

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.errors: dict[str, BaseException] = {}
        self.errors_about: dict[str, BaseException] = {}
        self.says = InquiryStatus.UNPAID
        self.says_of: dict[str, InquiryStatus] = {}
        self.verifies = VerificationStatus.SUCCESSFUL
        self.changed: dict[str, Any] = {}
        self.host = HOST
        self.listed: Inquiry | None = None
        self.rows: list[Inquiry] = []
        self._requests: dict[str, PaymentRequest] = {}
        self._meanwhile: Callable[[], object] = lambda: None

    def calls(self, operation: str) -> list[Asked]:
        """What came of this operation, the oldest first."""
        return [call for call in self.asked if call.operation == operation]

    def takes(self, meanwhile: Callable[[], object]) -> None:
        """Let something happen during every call."""
        self._meanwhile = meanwhile

    def forgets(self, gateway_payment_id: str) -> None:
        """A question about this one meets a defect from now on: KeyError."""
        del self._requests[gateway_payment_id]

    def adopts(self, gateway_payment_id: str, reference: str, amount_rials: int) -> None:
        """List a payment under this identifier, as if its create had arrived after all."""
        self._requests[gateway_payment_id] = PaymentRequest(reference, amount_rials, "", "")
        status = InquiryStatus.IN_PROGRESS
        said = status.upper()
        self.listed = Inquiry(gateway_payment_id, reference, amount_rials, "RIALS", status, said)

    def open(self, request: PaymentRequest) -> OpenedPayment:
        self._heard("open", request, request.language)
        number = f"theirs-{len(self._requests) + 1}"
        self._requests[number] = request
        return OpenedPayment(number, request.reference, f"https://{self.host}/{number}")

    def inquire(self, gateway_payment_id: str, *, language: str = "fa") -> Inquiry:
        self._heard("inquire", gateway_payment_id, language)
        request = self._requests[gateway_payment_id]
        reference, amount = request.reference, request.amount_rials
        status = self.says_of.get(gateway_payment_id, self.says)
        told = Inquiry(gateway_payment_id, reference, amount, "RIALS", status, status.upper())
        return replace(told, **self.changed)

    def verify(self, gateway_payment_id: str, *, language: str = "fa") -> Verification:
        self._heard("verify", gateway_payment_id, language)
        return Verification(self.verifies, self.verifies.upper())

    def find(self, reference: str, *, since: datetime, until: datetime) -> Inquiry | None:
        self._heard("find", (reference, since, until))
        return self.listed

    def payments_between(
        self, since: datetime, until: datetime
    ) -> Iterator[Inquiry | UnreadableRow]:
        self._heard("list", (since, until))
        return iter(self.rows)

    def read_callback(self, parameters: Mapping[str, str]) -> Callback:
        return Callback(parameters.get("their"), parameters.get("state"), None)

    def keep_fresh(self) -> bool:
        return False

    def _heard(self, operation: str, about: object, language: str = "") -> None:
        self.asked.append(Asked(operation, about, language))
        self._meanwhile()
        if isinstance(about, str) and about in self.errors_about:
            raise self.errors_about[about]
        if operation in self.errors:
            raise self.errors[operation]
