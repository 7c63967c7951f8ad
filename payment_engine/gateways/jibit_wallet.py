"""The binding to Jibit's wallet gateway v2.1: payments from the Jibit wallet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Unpack

from jibit_client.authenticated_client import ClientOptions
from jibit_client.errors import InvalidRequest
from jibit_client.wallet.client import WalletClient
from jibit_client.wallet.messages import CallbackParameters, InitiateRequest
from jibit_client.wallet.vocabulary import OrderStatus
from payment_engine.gateway import (
    Callback,
    FailReason,
    Inquiry,
    InquiryStatus,
    OpenedPayment,
    PaymentRequest,
    Verification,
    VerificationStatus,
)
from payment_engine.gateways._jibit import JibitGateway, token_account, translated_errors

CURRENCY: Final = "RIALS"  #: the only one that the document knows

_INQUIRY: Final = {
    OrderStatus.INITIAL: InquiryStatus.UNPAID,
    OrderStatus.PGENTRY: InquiryStatus.UNPAID,
    OrderStatus.CANCEL_BY_SYSTEM: InquiryStatus.EXPIRED,
    OrderStatus.CANCEL_BY_USER: InquiryStatus.FAILED,
    OrderStatus.PURCHASE_BY_USER: InquiryStatus.AWAITING_VERIFICATION,
    OrderStatus.PURCHASE_CONFIRM_BY_MERCHANT: InquiryStatus.CAPTURED,
    OrderStatus.UNRECOGNISED: InquiryStatus.UNRECOGNISED,
}
_WHY_FAILED: Final = {OrderStatus.CANCEL_BY_USER: FailReason.CANCELLED_BY_PAYER}


class JibitWallet(JibitGateway[WalletClient]):
    """Take payments from the Jibit wallet, which has no list of its orders; share one per process.

    Options are those of :meth:`jibit_client.wallet.client.WalletClient.connect`:
    ``connect_timeout`` (3) and ``read_timeout`` (10) in seconds, ``pool_size`` (16), ``trust_env``
    (False) and so on. Give two accounts two names.
    """

    titles: Mapping[str, str] = {"fa": "کیف پول جیبیت", "en": "Jibit wallet"}
    # The document says 30 minutes in its introduction and 15 in its table of statuses.
    closes_after: timedelta = timedelta(minutes=30)
    has_list: bool = False

    def __init__(
        self,
        *,
        base_url: str,
        username: str,
        password: str,
        name: str = "wallet",
        **options: Unpack[ClientOptions],
    ) -> None:
        """Send nothing yet. Raises ValueError or TypeError for an impossible setting."""

        def connect(more: ClientOptions) -> WalletClient:
            merged: ClientOptions = {**options, **more}
            return WalletClient.connect(
                base_url=base_url, username=username, password=password, **merged
            )

        super().__init__(name, token_account(name, base_url, username), connect)

    def open(self, request: PaymentRequest) -> OpenedPayment:
        """Create the order ("Order Initiate"). Repeated only after a 401.

        The national code is left out: the document has no field for it.
        """
        order = InitiateRequest(
            amount=request.amount_rials,
            merchant_order_id=request.reference,
            user_identity=request.payer_mobile,
            callback_url=request.callback_url,
            description=request.description,
        )
        with translated_errors():
            answer = self.client.initiate(order, language=request.language)
        return OpenedPayment(
            gateway_payment_id=answer.order_id,
            reference=answer.merchant_order_id,
            redirect_url=answer.redirect_url,
            raw=answer.raw,
        )

    def inquire(self, gateway_payment_id: str, *, language: str = "fa") -> Inquiry:
        """Ask about an order ("Inquiry")."""
        with translated_errors():
            order = self.client.inquire(gateway_payment_id, language=language)
        return Inquiry(
            gateway_payment_id=gateway_payment_id,
            reference=order.merchant_order_id,
            amount_rials=order.amount,
            currency=CURRENCY,
            status=_INQUIRY[order.status],
            said=order.said,
            tracking_number=order.ref_id,
            raw=order.raw,
            odd_fields=order.odd_fields,
            fail_reason=_WHY_FAILED.get(order.status),
        )

    def verify(self, gateway_payment_id: str, *, language: str = "fa") -> Verification:
        """Capture the money ("Verify"). Repeated only after a 401.

        The wallet's plain "no" is the status FAILED. One that is not about the payment (401, 404,
        429) is raised.
        """
        with translated_errors():
            try:
                answer = self.client.verify(gateway_payment_id, language=language)
            except InvalidRequest as refusal:
                return _failed(refusal)
        return Verification(
            VerificationStatus.SUCCESSFUL,
            "errorCode 0",
            reference=answer.merchant_order_id,
            amount_rials=answer.amount,
            tracking_number=answer.ref_id,
            raw=answer.raw,
            odd_fields=answer.odd_fields,
        )

    def read_callback(self, parameters: Mapping[str, str]) -> Callback:
        """Read the callback's parameters, which name no amount."""
        claim = CallbackParameters.read(parameters)
        paid = claim.status is OrderStatus.PURCHASE_BY_USER
        return Callback(claim.order_id, claim.said, None, claims_success=paid)


def _failed(refusal: InvalidRequest) -> Verification:
    raw = {"errorCode": refusal.codes, "message": refusal.messages}
    return Verification(VerificationStatus.FAILED, f"errorCode {', '.join(refusal.codes)}", raw=raw)
