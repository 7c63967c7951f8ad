"""The wallet gateway v2.1 behind the shop's Gateway protocol."""

# ruff: noqa: ARG002 - the wallet has no list, and no use for what the protocol asks of one

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, Self, Unpack

from ..authenticated_client import AuthenticatedClient, BaseClient, ClientOptions
from ..errors import CannotBeKnown, InvalidRequest
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
from .client import TOKENS, WalletClient
from .messages import CallbackParameters, InitiateRequest, read_failure
from .vocabulary import OrderStatus

CURRENCY: Final = "RIALS"  # the only one that the document knows

_INQUIRY: Final = {
    OrderStatus.INITIAL: InquiryStatus.UNPAID,
    OrderStatus.PGENTRY: InquiryStatus.UNPAID,
    OrderStatus.CANCEL_BY_SYSTEM: InquiryStatus.EXPIRED,
    OrderStatus.CANCEL_BY_USER: InquiryStatus.FAILED,
    OrderStatus.PURCHASE_BY_USER: InquiryStatus.AWAITING_VERIFICATION,
    OrderStatus.PURCHASE_CONFIRM_BY_MERCHANT: InquiryStatus.CAPTURED,
    OrderStatus.UNRECOGNISED: InquiryStatus.UNRECOGNISED,
}


class WalletGateway(BaseClient):
    """A :class:`~jibit_client.gateway.Gateway` that speaks to the Jibit wallet."""

    name: Final = "wallet"
    titles: Final = {"fa": "کیف پول جیبیت", "en": "Jibit wallet"}
    closes_after: Final = timedelta(minutes=30)  # the document says 30 in one place, 15 in another
    has_list: Final = False

    def __init__(self, authenticated: AuthenticatedClient) -> None:
        super().__init__(authenticated)
        self.client = WalletClient(authenticated)

    @classmethod
    def connect(
        cls, *, base_url: str, username: str, password: str, **options: Unpack[ClientOptions]
    ) -> Self:
        """Put the parts together; nothing is sent yet. ValueError for an impossible base URL."""
        credentials = {"username": username, "password": password}
        return cls(AuthenticatedClient(base_url, read_failure, TOKENS, credentials, **options))

    def open(self, request: PaymentRequest) -> OpenedPayment:
        """Create the order. Never retried, unless a 401 says it was not executed.

        National code and cards are left out: a wallet is not paid by card.
        """
        order = InitiateRequest(
            amount=request.amount_rials,
            merchant_order_id=request.reference_number,
            user_identity=request.user_identifier,
            callback_url=request.callback_url,
            description=request.description,
        )
        answer = self.client.initiate(order, language=request.language)
        return OpenedPayment(
            order_identifier=answer.order_id,
            reference_number=answer.merchant_order_id,
            switching_url=answer.redirect_url,
            raw=answer.raw,
        )

    def inquire(self, order_identifier: str, *, language: str = "fa") -> Inquiry:
        """Ask; changes nothing."""
        order = self.client.inquire(order_identifier, language=language)
        return Inquiry(
            order_identifier=order_identifier,
            reference_number=order.merchant_order_id,
            amount_rials=order.amount,
            currency=CURRENCY,
            status=_INQUIRY[order.status],
            said=order.said,
            tracking_number=order.ref_id,
            raw=order.raw,
            odd_fields=order.odd_fields,
        )

    def verify(self, order_identifier: str, *, language: str = "fa") -> Verification:
        """Capture the money. Never retried, unless a 401 says it was not executed.

        The wallet's plain "no" is FAILED. One that is not about the payment (401, 404, 429) is
        raised as it is.
        """
        try:
            answer = self.client.verify(order_identifier, language=language)
        except InvalidRequest as refusal:
            return _refused(refusal)
        return Verification(
            VerificationStatus.SUCCESSFUL,
            "errorCode 0",
            reference_number=answer.merchant_order_id,
            amount_rials=answer.amount,
            tracking_number=answer.ref_id,
            raw=answer.raw,
            odd_fields=answer.odd_fields,
        )

    def find(self, reference_number: str, *, since: datetime, until: datetime) -> Inquiry | None:
        """Raises CannotBeKnown: without an order identifier nothing can be asked."""
        raise CannotBeKnown("list", "the wallet has no list of its orders")

    def payments_between(
        self, since: datetime, until: datetime
    ) -> Iterator[Inquiry | UnreadableRow]:
        """Nothing: the wallet has no list of its orders."""
        return iter(())

    def read_callback(self, parameters: Mapping[str, str]) -> Callback:
        """Read the browser's claim; it names no amount."""
        claim = CallbackParameters.read(parameters)
        paid = claim.status is OrderStatus.PURCHASE_BY_USER
        return Callback(claim.order_id, claim.said, None, claims_success=paid)


def _refused(refusal: InvalidRequest) -> Verification:
    raw = {"errorCode": refusal.codes, "message": refusal.messages}
    return Verification(VerificationStatus.FAILED, f"errorCode {', '.join(refusal.codes)}", raw=raw)
