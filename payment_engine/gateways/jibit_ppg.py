"""The binding to Jibit's PPG v2.4: card payments through a payment service provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, Unpack

from jibit_client.authenticated_client import ClientOptions
from jibit_client.fields import Fields, claimed_identifier
from jibit_client.ppg.client import PpgClient
from jibit_client.ppg.messages import CallbackParameters, CreateOrderRequest, InquiryResponse
from jibit_client.ppg.vocabulary import CallbackState, Currency, OrderStatus, VerifyStatus
from payment_engine.bounds import LONGEST_REFERENCE
from payment_engine.gateway import (
    Callback,
    Inquiry,
    InquiryStatus,
    OpenedPayment,
    PaymentRequest,
    UnreadableRow,
    Verification,
    VerificationStatus,
)
from payment_engine.gateways._jibit import JibitGateway, token_account, translated_errors

#: A look-up spans half an hour, in which no merchant of ours opens 10,000 payments. One that takes
#: longer is given up, since it keeps the worker from other payments.
FIND_PAGES: Final = 100
FIND_SECONDS: Final = 10.0

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


class JibitPpg(JibitGateway[PpgClient]):
    """Take card payments through PPG v2.4; share one per process.

    Options are those of :meth:`jibit_client.ppg.client.PpgClient.connect`: ``connect_timeout`` (3)
    and ``read_timeout`` (10) in seconds, ``pool_size`` (16), ``trust_env`` (False) and so on. Give
    two accounts two names.
    """

    titles: Mapping[str, str] = {"fa": "کارت بانکی", "en": "Bank card"}
    closes_after: timedelta = timedelta(minutes=15)
    has_list: bool = True

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        secret_key: str,
        name: str = "ppg",
        **options: Unpack[ClientOptions],
    ) -> None:
        """Send nothing yet. Raises ValueError or TypeError for an impossible setting."""

        def connect(more: ClientOptions) -> PpgClient:
            merged: ClientOptions = {**options, **more}
            return PpgClient.connect(
                base_url=base_url, api_key=api_key, secret_key=secret_key, **merged
            )

        super().__init__(name, token_account(name, base_url, api_key), connect)

    def open(self, request: PaymentRequest) -> OpenedPayment:
        """Create the order, in Rials ("Create Order"). Repeated only after a 401."""
        order = CreateOrderRequest(
            amount=request.amount_rials,
            currency=Currency.RIALS,
            reference_number=request.reference,
            user_identifier=request.payer_mobile,
            callback_url=request.callback_url,
            description=request.description,
            national_code=request.national_code,
        )
        with translated_errors():
            answer = self.client.create(order, language=request.language)
        return OpenedPayment(
            gateway_payment_id=answer.order_identifier,
            reference=answer.reference_number,
            redirect_url=answer.psp_switching_url,
            raw=answer.raw,
        )

    def inquire(self, gateway_payment_id: str, *, language: str = "fa") -> Inquiry:
        """Ask about an order ("Inquiry Order")."""
        with translated_errors():
            return _normalised(self.client.inquire(gateway_payment_id, language=language))

    def verify(self, gateway_payment_id: str, *, language: str = "fa") -> Verification:
        """Capture the money ("Verify Order"). Repeated only after a 401."""
        with translated_errors():
            answer = self.client.verify(gateway_payment_id, language=language)
        return Verification(_VERIFICATION[answer.status], answer.said, raw=answer.raw)

    def find(self, reference: str, *, since: datetime, until: datetime) -> Inquiry | None:
        """Read the list, which cannot be filtered by reference; keep the span short.

        Raises NoAnswer after FIND_SECONDS and after FIND_PAGES.
        """
        with translated_errors():
            orders = self.client.orders_between(
                since, until, most_pages=FIND_PAGES, most_seconds=FIND_SECONDS
            )
            found = (order for order in orders if order.reference_number == reference)
            return next(map(_normalised, found), None)

    def payments_between(
        self, since: datetime, until: datetime
    ) -> Iterator[Inquiry | UnreadableRow]:
        """Read the list page by page ("Orders List"); unreadable rows come at the end."""
        unreadable: list[object] = []
        with translated_errors():
            orders = self.client.orders_between(since, until, unreadable=unreadable)
            yield from map(_normalised, orders)
        yield from map(_named, unreadable)

    def read_callback(self, parameters: Mapping[str, str]) -> Callback:
        """Read the query parameters of "Callback Merchant"."""
        claim = CallbackParameters.read(parameters)
        paid = claim.state is CallbackState.SUCCESSFUL
        return Callback(claim.refnum, claim.said, claim.amount, claims_success=paid)


def _normalised(order: InquiryResponse) -> Inquiry:
    return Inquiry(
        gateway_payment_id=order.id,
        reference=order.reference_number,
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
    """Return an unreadable row with the names that it gives itself."""
    if not isinstance(row, dict):
        return UnreadableRow(row)
    fields = Fields("list", row)
    identifier = claimed_identifier(fields.optional_text("id"))
    reference = fields.optional_text("referenceNumber", LONGEST_REFERENCE)
    return UnreadableRow(row, identifier, reference)
