"""The binding to Jibit's PPG v3: card payments, with refunds and reversals."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeVar, Unpack

from jibit_client import errors as theirs
from jibit_client.authenticated_client import ClientOptions
from jibit_client.fields import Fields, claimed_identifier
from jibit_client.ppg_v3.callback import CallbackParameters
from jibit_client.ppg_v3.client import MOST_CALLS, PpgV3Client
from jibit_client.ppg_v3.creation import CreatePurchaseRequest
from jibit_client.ppg_v3.pages import Page
from jibit_client.ppg_v3.purchases import Purchase, PurchaseFilter
from jibit_client.ppg_v3.refunds import RefundRequest as RefundOrder
from jibit_client.ppg_v3.refunds import Transfer
from jibit_client.ppg_v3.vocabulary import (
    CallbackStatus,
    PurchaseState,
    ReverseStatus,
    TransferState,
    VerifyStatus,
)
from jibit_client.ppg_v3.walking import PurchaseWalk
from payment_engine.bounds import LARGEST_LONG, LONGEST_REFERENCE
from payment_engine.errors import Unreadable
from payment_engine.gateway import (
    Callback,
    Inquiry,
    InquiryStatus,
    OpenedPayment,
    PaymentRequest,
    RefundRequest,
    RefundSeen,
    RefundStatus,
    Reversal,
    ReversalStatus,
    Surroundings,
    UnreadableRow,
    Verification,
    VerificationStatus,
)
from payment_engine.gateways._jibit import JibitGateway, token_account, translated_errors
from payment_engine.gateways._psp_reasons import banks_words, why_failed
from payment_engine.turns import OneAtATime

AnswerT = TypeVar("AnswerT")

INQUIRY_WAITS: Final = 5.0  #: seconds; a payer waits meanwhile, and recovery asks again
RECONCILIATION_WAITS: Final = 60.0
PAUSES: Final = (0.1, 0.3, 0.9)  #: seconds, after another system's list call kept ours out
DUPLICATED: Final = "clientReferenceNumber.duplicated"
BY_HAND: Final = (PurchaseState.MANUALLY_SUCCESS, PurchaseState.REVERSED)

_INQUIRY: Final = {
    PurchaseState.IN_PROGRESS: InquiryStatus.UNPAID,
    PurchaseState.READY_TO_VERIFY: InquiryStatus.AWAITING_VERIFICATION,
    PurchaseState.SUCCESS: InquiryStatus.CAPTURED,
    PurchaseState.MANUALLY_SUCCESS: InquiryStatus.CAPTURED,
    PurchaseState.FAILED: InquiryStatus.FAILED,
    PurchaseState.EXPIRED: InquiryStatus.EXPIRED,
    PurchaseState.REVERSED: InquiryStatus.REVERSED,
    PurchaseState.UNKNOWN: InquiryStatus.UNKNOWN,
    PurchaseState.UNRECOGNISED: InquiryStatus.UNRECOGNISED,
}
_VERIFICATION: Final = {
    VerifyStatus.SUCCESSFUL: VerificationStatus.SUCCESSFUL,
    VerifyStatus.NOT_VERIFIABLE: VerificationStatus.FAILED,
    VerifyStatus.FAILED: VerificationStatus.FAILED,
    VerifyStatus.REVERSED: VerificationStatus.FAILED,
    # The inquiry that follows tells whether what was captured before is this payment.
    VerifyStatus.ALREADY_VERIFIED: VerificationStatus.UNKNOWN,
    VerifyStatus.UNKNOWN: VerificationStatus.UNKNOWN,
    VerifyStatus.UNRECOGNISED: VerificationStatus.UNRECOGNISED,
}
_REVERSAL: Final = {
    ReverseStatus.SUCCESSFUL: ReversalStatus.DONE,
    ReverseStatus.ALREADY_REVERSED: ReversalStatus.DONE,
    ReverseStatus.NOT_REVERSIBLE: ReversalStatus.NOT_POSSIBLE,
    ReverseStatus.FAILED: ReversalStatus.NOT_POSSIBLE,
    ReverseStatus.UNKNOWN: ReversalStatus.UNKNOWN,
    ReverseStatus.UNRECOGNISED: ReversalStatus.UNKNOWN,
}
_WAITING: Final = frozenset(state for state in TransferState if state.startswith("ON_HOLD"))
_REFUND: Final = {
    TransferState.TRANSFERRED: RefundStatus.DONE,
    TransferState.FAILED: RefundStatus.FAILED,
    TransferState.MANUALLY_FAILED: RefundStatus.FAILED,
    TransferState.CANCELLED: RefundStatus.CANCELLED,
    TransferState.UNRECOGNISED: RefundStatus.UNKNOWN,
}


class JibitPpgV3(JibitGateway[PpgV3Client]):
    """Take card payments through PPG v3; share one per process.

    Options are those of :meth:`jibit_client.ppg_v3.client.PpgV3Client.connect`: ``connect_timeout``
    (3) and ``read_timeout`` (10) in seconds, ``pool_size`` (16), ``trust_env`` (False) and so on.
    Give two accounts two names.

    The gateway serves one list call of a merchant at a time, and an inquiry is one: all processes
    on one database take turns, inquiries before reconciliation. A call that another system of the
    merchant has kept out is made again a few times.

    A terminal may have auto-verify, for some purchases and not for others: whatever it has captured
    and the order cannot keep goes back by reversal or refund.
    """

    titles: Mapping[str, str] = {"fa": "کارت بانکی", "en": "Bank card"}
    closes_after: timedelta = timedelta(minutes=15)
    has_list: bool = True
    asks_at_once: int | None = 1
    create_is_repeatable: bool = True
    unverified_money_returns: bool = False
    changes_by_hand: bool = True
    can_refund: bool = True
    can_reverse: bool = True

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        secret_key: str,
        name: str = "ppg_v3",
        **options: Unpack[ClientOptions],
    ) -> None:
        """Send nothing yet. Raises ValueError or TypeError for an impossible setting."""

        def connect(more: ClientOptions) -> PpgV3Client:
            merged: ClientOptions = {**options, **more}
            return PpgV3Client.connect(
                base_url=base_url, api_key=api_key, secret_key=secret_key, **merged
            )

        super().__init__(name, token_account(name, base_url, api_key), connect)
        self._turns: OneAtATime | None = None
        one_call = options.get("connect_timeout", 3.0) + options.get("read_timeout", 10.0)
        self._hold_seconds = 2 * one_call  # it may renew the tokens first
        self._pause = options.get("sleep", time.sleep)
        self._steady = options.get("steady", time.monotonic)

    def attach(self, surroundings: Surroundings) -> None:
        """Take the engine's tokens, clock, deadlines and turns."""
        super().attach(surroundings)
        turns = surroundings.turns(f"{self._account}-list")
        self._turns = OneAtATime(turns, self._pause, self._steady)

    def close(self) -> None:
        """Close pooled connections, and forget who waits for a turn in this process."""
        super().close()
        self._turns = self._turns and self._turns.renewed()

    def _listed(self, call: Callable[[], AnswerT], *, urgent: bool = True) -> AnswerT:
        """Make a list call in our turn. Raises NoTurn, and the client's errors."""
        for pause in PAUSES:
            try:
                with self._turn(urgent=urgent):
                    return call()
            except theirs.TooManyRequests:
                self._pause(pause)
        with self._turn(urgent=urgent):
            return call()

    def _turn(self, *, urgent: bool) -> AbstractContextManager[None]:
        if self._turns is None:
            return nullcontext()
        wait = INQUIRY_WAITS if urgent else RECONCILIATION_WAITS
        return self._turns.turn(urgent=urgent, wait_seconds=wait, hold_seconds=self._hold_seconds)

    def open(self, request: PaymentRequest) -> OpenedPayment:
        """Create the purchase, or give the one that bears this reference ("Create Purchase")."""
        purchase = CreatePurchaseRequest(
            amount_rials=request.amount_rials,
            client_reference_number=request.reference,
            callback_url=request.callback_url,
            user_identifier=request.payer_mobile,
            description=request.description,
            payer_mobile_number=request.payer_mobile,
            payer_national_code=request.national_code,
            payer_card_number=request.payer_card,
        )
        with translated_errors():
            try:
                answer = self.client.create(purchase, language=request.language)
            except theirs.Refused as refusal:
                if DUPLICATED not in refusal.codes:
                    raise
                return self._opened_before(request)
        return OpenedPayment(
            gateway_payment_id=answer.purchase_id,
            reference=answer.client_reference_number,
            redirect_url=answer.psp_switching_url,
            raw=answer.raw,
        )

    def _opened_before(self, request: PaymentRequest) -> OpenedPayment:
        """A create that was not answered has arrived: its page has an address that we know."""
        reference, language = request.reference, request.language
        found = self._listed(lambda: self.client.inquire_by_reference(reference, language=language))
        if found.amount_rials != request.amount_rials:
            raise Unreadable("create", "another purchase bears this reference")
        return OpenedPayment(
            gateway_payment_id=found.purchase_id,
            reference=found.client_reference_number,
            redirect_url=self.client.payment_url(found.purchase_id),
            raw=found.raw,
        )

    def inquire(self, gateway_payment_id: str, *, language: str = "fa") -> Inquiry:
        """Ask about a purchase ("Filter Purchases")."""
        with translated_errors():
            found = self._listed(lambda: self.client.inquire(gateway_payment_id, language=language))
        return _normalised(found)

    def verify(self, gateway_payment_id: str, *, language: str = "fa") -> Verification:
        """Capture the money ("Verify Purchase"). Repeated only after a 401."""
        with translated_errors():
            answer = self.client.verify(gateway_payment_id, language=language)
        return Verification(_VERIFICATION[answer.status], answer.said, raw=answer.raw)

    def find(
        self,
        reference: str,
        *,
        since: datetime,  # noqa: ARG002
        until: datetime,  # noqa: ARG002
    ) -> Inquiry | None:
        """Ask by our reference, which the gateway keeps for ever; the span is not needed."""
        with translated_errors():
            try:
                return _normalised(
                    self._listed(lambda: self.client.inquire_by_reference(reference))
                )
            except theirs.NotFound:
                return None

    def payments_between(
        self, since: datetime, until: datetime
    ) -> Iterator[Inquiry | UnreadableRow]:
        """Read the list in slices of time, each small enough; unreadable rows come at the end."""
        yield from self._rows(since, until, PurchaseFilter())

    def changed_by_hand(
        self, since: datetime, until: datetime
    ) -> Iterator[Inquiry | UnreadableRow]:
        """Read what Jibit's staff has settled: MANUALLY_SUCCESS and REVERSED."""
        for state in BY_HAND:
            yield from self._rows(since, until, PurchaseFilter(status=state))

    def _rows(
        self, since: datetime, until: datetime, criteria: PurchaseFilter
    ) -> Iterator[Inquiry | UnreadableRow]:
        def ask(since: datetime, until: datetime, page: int) -> Page[Purchase]:
            wanted = replace(criteria, since=since, until=until)
            return self._listed(lambda: self.client.purchases(wanted, page=page), urgent=False)

        unreadable: list[object] = []
        walk = PurchaseWalk(
            ask, self._steady, most_pages=MOST_CALLS, most_seconds=None, unreadable=unreadable
        )
        with translated_errors():
            for purchase in walk.purchases(since, until):
                try:
                    row = _normalised(purchase)
                except Unreadable:
                    unreadable.append(purchase.raw)
                else:
                    yield row
        yield from map(_named, unreadable)

    def reverse(self, gateway_payment_id: str, *, language: str = "fa") -> Reversal:
        """Take the whole of a purchase back ("Reverse Purchase")."""
        with translated_errors():
            answer = self.client.reverse(gateway_payment_id, language=language)
        return Reversal(_REVERSAL[answer.status], answer.said)

    def refund(self, request: RefundRequest, *, language: str = "fa") -> RefundSeen:
        """Order a transfer to the payer ("Refund Purchase"). Repeated only after a 401."""
        order = RefundOrder(
            purchase_id=request.gateway_payment_id,
            amount_rials=request.amount_rials,
            cancellable=request.cancellable or None,
        )
        with translated_errors():
            answer = self.client.refund(order, language=language)
        if answer.refund_id != request.gateway_payment_id:
            raise Unreadable("refund", "refundId is not the purchase's id")
        return RefundSeen(
            answer.transfer_id, request.amount_rials, RefundStatus.IN_PROGRESS, "accepted"
        )

    def refunds_of(self, gateway_payment_id: str, *, language: str = "fa") -> Sequence[RefundSeen]:
        """Ask what became of a purchase's refunds ("Inquiry Refund")."""
        with translated_errors():
            try:
                inquiry = self.client.refund_inquiry(gateway_payment_id, language=language)
            except theirs.NotFound:
                return ()
        if inquiry.unreadable:
            raise Unreadable("refund inquiry", "a transfer does not follow the document")
        return [_refund(each) for each in inquiry.transfers]

    def confirm_refund(
        self, gateway_payment_id: str, gateway_refund_id: str | None, *, language: str = "fa"
    ) -> None:
        """Confirm a transfer, where the merchant's refunds must be ("Verify Refund")."""
        with translated_errors():
            self.client.verify_refund(
                gateway_payment_id, transfer_id=gateway_refund_id, language=language
            )

    def cancel_refund(
        self, gateway_payment_id: str, gateway_refund_id: str | None, *, language: str = "fa"
    ) -> None:
        """Stop a transfer that has not begun ("Cancel Refund")."""
        with translated_errors():
            self.client.cancel_refund(
                gateway_payment_id, transfer_id=gateway_refund_id, language=language
            )

    def read_callback(self, parameters: Mapping[str, str]) -> Callback:
        """Read the form that the browser posts."""
        claim = CallbackParameters.read(parameters)
        paid = claim.status is CallbackStatus.SUCCESSFUL
        return Callback(claim.purchase_id, claim.said, claim.amount_rials, claims_success=paid)


def _normalised(purchase: Purchase) -> Inquiry:
    """Return a purchase as the engine sees it; the payer pays the wage on top of the amount.

    Raises Unreadable if the sum of both is out of bounds.
    """
    amount_rials = purchase.amount_rials + purchase.wage_rials
    if amount_rials > LARGEST_LONG:
        raise Unreadable("inquiry", "amount and wage together are out of bounds")
    return Inquiry(
        gateway_payment_id=purchase.purchase_id,
        reference=purchase.client_reference_number,
        amount_rials=amount_rials,
        currency="RIALS",  # the client reads IRR alone
        status=_INQUIRY[purchase.state],
        said=purchase.said,
        payer_card=purchase.psp_masked_card_number,
        created_at=purchase.created_at,
        tracking_number=purchase.psp_rrn or purchase.psp_reference_number,
        raw=purchase.raw,
        odd_fields=purchase.odd_fields,
        # Once it was settled by hand, the state tells what became of it.
        contradicted=bool(purchase.has_contradiction) and purchase.state not in BY_HAND,
        fail_reason=why_failed(purchase),
        fail_words=banks_words(purchase),
    )


def _refund(transfer: Transfer) -> RefundSeen:
    waiting = RefundStatus.WAITING if transfer.state in _WAITING else RefundStatus.IN_PROGRESS
    return RefundSeen(
        transfer.transfer_id,
        transfer.amount_rials,
        _REFUND.get(transfer.state, waiting),
        transfer.said,
        transfer.fail_reason,
    )


def _named(row: object) -> UnreadableRow:
    """Return an unreadable row with the names that it gives itself."""
    if not isinstance(row, dict):
        return UnreadableRow(row)
    fields = Fields("list", row)
    identifier = claimed_identifier(fields.optional_text("purchaseIdStr"))
    reference = fields.optional_text("clientReferenceNumber", LONGEST_REFERENCE)
    return UnreadableRow(row, identifier, reference)
