"""PPG v2.4 behind the shop's Gateway protocol: one vocabulary, integer Rials, UTC."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, Self, Unpack

from ..authenticated_client import AuthenticatedClient, BaseClient, ClientOptions
from ..bounds import LONGEST_IDENTIFIER, LONGEST_REFERENCE
from ..fields import Fields
from ..gateway import (
    Callback,
    Inquiry,
    InquiryStatus,
    OpenedPayment,
    PaymentRequest,
    UnreadableRow,
    Verification,
    VerificationStatus,
)
from .client import TOKENS, PpgClient
from .messages import (
    CallbackParameters,
    CreateOrderRequest,
    InquiryResponse,
    read_failure,
)
from .vocabulary import CallbackState, Currency, OrderStatus, VerifyStatus

# A look-up spans half an hour, in which no shop of ours opens 10,000 payments. One that takes
# longer is put off, since it keeps the worker from other payments.
LOOK_UP_PAGES: Final = 100
LOOK_UP_SECONDS: Final = 10.0

_INQUIRY: Final = {
    OrderStatus.SUCCESS: InquiryStatus.SUCCESS,
    OrderStatus.FAILED: InquiryStatus.FAILED,
    OrderStatus.UNKNOWN: InquiryStatus.UNKNOWN,
    OrderStatus.EXPIRED: InquiryStatus.EXPIRED,
    OrderStatus.IN_PROGRESS: InquiryStatus.IN_PROGRESS,
    OrderStatus.UNRECOGNISED: InquiryStatus.UNRECOGNISED,
}
_VERIFICATION: Final = {
    VerifyStatus.SUCCESSFUL: VerificationStatus.SUCCESSFUL,
    VerifyStatus.FAILED: VerificationStatus.FAILED,
    VerifyStatus.UNKNOWN: VerificationStatus.UNKNOWN,
    VerifyStatus.UNRECOGNISED: VerificationStatus.UNRECOGNISED,
}


class PpgGateway(BaseClient):
    """A :class:`~jibit_client.gateway.Gateway` that speaks PPG v2.4; share one per process.

    ``client`` has what PPG offers beyond the protocol, the list of orders above all.
    """

    name: Final = "ppg"
    titles: Final = {"fa": "کارت بانکی", "en": "Bank card"}
    closes_after: Final = timedelta(minutes=15)
    has_list: Final = True

    def __init__(
        self, authenticated: AuthenticatedClient, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(authenticated)
        self.client = PpgClient(authenticated, monotonic=monotonic)

    @classmethod
    def connect(
        cls,
        *,
        base_url: str,
        api_key: str,
        secret_key: str,
        monotonic: Callable[[], float] = time.monotonic,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Put the parts together; nothing is sent yet. ValueError for an impossible base URL."""
        credentials = {"apiKey": api_key, "secretKey": secret_key}
        authenticated = AuthenticatedClient(base_url, read_failure, TOKENS, credentials, **options)
        return cls(authenticated, monotonic=monotonic)

    def open(self, request: PaymentRequest) -> OpenedPayment:
        """Create the order, in Rials. Never retried, unless a 401 says it was not executed."""
        order = CreateOrderRequest(
            amount=request.amount_rials,
            currency=Currency.RIALS,
            reference_number=request.reference_number,
            user_identifier=request.user_identifier,
            callback_url=request.callback_url,
            description=request.description,
            payer_card_number=request.payer_card_number,
            force_payer_card_number=request.force_payer_card_number,
            national_code=request.national_code,
        )
        answer = self.client.create(order, language=request.language)
        return OpenedPayment(
            order_identifier=answer.order_identifier,
            reference_number=answer.reference_number,
            switching_url=answer.psp_switching_url,
            raw=answer.raw,
        )

    def inquire(self, order_identifier: str, *, language: str = "fa") -> Inquiry:
        """Ask; changes nothing."""
        return _normalised(self.client.inquire(order_identifier, language=language))

    def verify(self, order_identifier: str, *, language: str = "fa") -> Verification:
        """Capture the money. Never retried, unless a 401 says it was not executed."""
        answer = self.client.verify(order_identifier, language=language)
        return Verification(_VERIFICATION[answer.status], answer.said, raw=answer.raw)

    def find(self, reference_number: str, *, since: datetime, until: datetime) -> Inquiry | None:
        """Walk the list, which cannot be filtered by reference; keep the span short.

        Raises TimedOut after LOOK_UP_SECONDS, and Unintelligible after LOOK_UP_PAGES.
        """
        orders = self.client.orders_between(
            since, until, most_pages=LOOK_UP_PAGES, most_seconds=LOOK_UP_SECONDS
        )
        for order in orders:
            if order.reference_number == reference_number:
                return _normalised(order)
        return None

    def payments_between(
        self, since: datetime, until: datetime
    ) -> Iterator[Inquiry | UnreadableRow]:
        """Walk the list page by page; what made no sense in it comes at the end."""
        unreadable: list[object] = []
        yield from map(_normalised, self.client.orders_between(since, until, unreadable=unreadable))
        yield from map(_named, unreadable)

    def read_callback(self, parameters: Mapping[str, str]) -> Callback:
        """Read the browser's claim."""
        claim = CallbackParameters.read(parameters)
        paid = claim.state is CallbackState.SUCCESSFUL
        return Callback(claim.refnum, claim.said, claim.amount, claims_success=paid)


def _normalised(order: InquiryResponse) -> Inquiry:
    return Inquiry(
        order_identifier=order.id,
        reference_number=order.reference_number,
        amount_rials=order.amount_rials,
        currency=order.currency.value,
        status=_INQUIRY[order.status],
        said=order.said,
        expires_at=order.expiration_date,
        payer_card=order.payer_card,
        created_at=order.created_at,
        raw=order.raw,
        odd_fields=order.odd_fields,
    )


def _named(row: object) -> UnreadableRow:
    """A row that made no sense, with the names that it gives itself."""
    if not isinstance(row, dict):
        return UnreadableRow(row)
    fields = Fields("list", row)
    identifier = fields.optional_text("id", LONGEST_IDENTIFIER)
    reference = fields.optional_text("referenceNumber", LONGEST_REFERENCE)
    return UnreadableRow(row, identifier or None, reference or None)
