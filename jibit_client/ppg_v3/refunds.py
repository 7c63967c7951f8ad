"""Define refunds: bank transfers that return a captured purchase, or a part of it, to the payer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from ..fields import given, recognised, whole
from ..redaction import redact_text
from .fields import V3Fields, sorted_out, wire_identifier
from .vocabulary import TransferState

Raw = Mapping[str, object]


def wire_key(purchase_id: str | None, client_reference_number: str | None) -> dict[str, object]:
    """Return the fields that name a purchase. Raises ValueError unless it is named in one way."""
    if (purchase_id is None) == (client_reference_number is None):
        raise ValueError("name the purchase by its id or by our reference")
    return given(
        {
            "purchaseId": None if purchase_id is None else wire_identifier(purchase_id),
            "clientReferenceNumber": client_reference_number,
        }
    )


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Hold the request body of "Refund Purchase"; name the purchase in one of the two ways.

    Without ``amount_rials`` the rest of the purchase is refunded. A ``cancellable`` refund waits
    for an hour, in which it can be cancelled.
    """

    purchase_id: str | None = None
    client_reference_number: str | None = None
    amount_rials: int | None = None
    cancellable: bool | None = None

    def wire(self) -> dict[str, object]:
        """Return the body without fields that are None. Raises ValueError for a wrong one."""
        amount = None if self.amount_rials is None else whole(self.amount_rials)
        key = wire_key(self.purchase_id, self.client_reference_number)
        return key | given({"amount": amount, "cancellable": self.cancellable})


@dataclass(frozen=True, slots=True)
class RefundResponse:
    """Hold the response body of "Refund Purchase": the refund was accepted, not yet transferred.

    ``refund_id`` is the purchase's id. ``transfer_id`` tells several refunds of it apart.
    """

    refund_id: str
    batch_id: str | None
    transfer_id: str | None
    partial_refund_index: int | None
    raw: Raw = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, answer: object) -> Self:
        """Read the answer: the id strictly, the rest leniently."""
        fields = V3Fields("refund", answer)
        return cls(
            refund_id=fields.numbered("refundId"),
            batch_id=fields.optional_numbered("batchId"),
            transfer_id=fields.optional_numbered("transferId"),
            partial_refund_index=fields.optional_long("partialRefundIndex"),
            raw=fields.raw,
            odd_fields=fields.odd_names(),  # last, when all others have been read
        )


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hold one transfer of a refund; ``said`` is the state word for word.

    Jibit's transfer service spells some names otherwise than its gateway: ``transferID``,
    ``paymentID``, ``bankTransferID`` and ``notifyURL``.
    """

    state: TransferState
    said: str
    amount_rials: int
    refund_id: str | None
    transfer_id: str | None
    partial_refund_index: int | None
    transfer_mode: str | None
    destination: str | None = field(repr=False)
    destination_first_name: str | None = field(repr=False)
    destination_last_name: str | None = field(repr=False)
    description: str | None
    metadata: str | None = field(repr=False)
    cancellable: bool | None
    fail_reason: str | None
    fee_amount: int | None
    fee_currency: str | None
    payment_id: str | None
    bank_transfer_id: str | None
    notify_url: str | None
    created_at: datetime | None
    modified_at: datetime | None
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, row: object) -> Self:
        """Read one row: state, amount and currency strictly, the rest leniently."""
        fields = V3Fields("refund inquiry", row)
        fields.expect_rials()
        said = fields.word("state")
        return cls(
            state=recognised(TransferState, said),
            said=said,
            amount_rials=fields.rials("amount"),
            refund_id=fields.optional_numbered("refundId"),
            transfer_id=fields.optional_numbered("transferID"),
            partial_refund_index=fields.optional_long("partialRefundIndex"),
            transfer_mode=fields.optional_word("transferMode"),
            destination=_destination(fields),
            destination_first_name=fields.optional_text("destinationFirstName"),
            destination_last_name=fields.optional_text("destinationLastName"),
            description=fields.optional_text("description"),
            metadata=fields.optional_text("metadata"),
            cancellable=fields.optional_boolean("cancellable"),
            fail_reason=fields.optional_text("failReason"),
            fee_amount=fields.optional_long("feeAmount"),
            fee_currency=fields.optional_word("feeCurrency"),
            payment_id=fields.optional_numbered("paymentID"),
            bank_transfer_id=fields.optional_numbered("bankTransferID"),
            notify_url=fields.optional_text("notifyURL"),
            created_at=fields.moment("createdAt"),
            modified_at=fields.moment("modifiedAt"),
            odd_fields=fields.odd_names(),  # last, when all others have been read
        )


def _destination(fields: V3Fields) -> str | None:
    """Return the payer's IBAN; anything else may be a card, which is masked."""
    text = fields.optional_text("destination")
    return text if text is None or text.startswith("IR") else redact_text(text)


@dataclass(frozen=True, slots=True)
class RefundInquiry:
    """Hold the response body of "Inquiry Refund", which also stands in a refunded purchase.

    Transfers that make no sense are in ``unreadable``.
    """

    batch_id: str | None
    refunded_amount_rials: int | None
    transfers: tuple[Transfer, ...]
    unreadable: tuple[object, ...] = field(repr=False)
    raw: Raw = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, answer: object) -> Self:
        """Read the answer: the array of transfers strictly, the rest leniently."""
        fields = V3Fields("refund inquiry", answer)
        transfers, unreadable = sorted_out(fields.array("transfers"), Transfer.read)
        return cls(
            batch_id=fields.optional_numbered("batchID"),
            refunded_amount_rials=fields.optional_rials("refundedAmount"),
            transfers=transfers,
            unreadable=unreadable,
            raw=fields.raw,
            odd_fields=fields.odd_names(transfers),  # last, when all others have been read
        )
