"""Define a purchase, as "Filter Purchases" lists it, and the filter; all amounts are Rials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from ..bounds import LONGEST_CARD, LONGEST_REFERENCE, LONGEST_TRACKING_NUMBER, LONGEST_URL
from ..errors import Unintelligible
from ..fields import given, recognised, wire_moment
from ..redaction import mask_card
from .fields import V3Fields
from .refunds import RefundInquiry
from .vocabulary import CURRENCY, PurchaseState


@dataclass(frozen=True, slots=True)
class PurchaseFilter:
    """Hold the criteria of "Filter Purchases"; a gateway may ignore them, so look at the rows.

    ``since`` (inclusive) and ``until`` (exclusive) are about the creation.
    """

    purchase_id: str | None = None
    status: PurchaseState | str | None = None
    client_reference_number: str | None = None
    psp_reference_number: str | None = None
    psp_rrn: str | None = None
    psp_trace_number: str | None = None
    user_identifier: str | None = field(default=None, repr=False)
    since: datetime | None = None
    until: datetime | None = None

    def query(self) -> dict[str, str]:
        """Return the query without criteria that are None. Raises ValueError for a naive time."""
        criteria = {
            "purchaseId": self.purchase_id,
            "status": self.status,
            "clientReferenceNumber": self.client_reference_number,
            "pspReferenceNumber": self.psp_reference_number,
            "pspRrn": self.psp_rrn,
            "pspTraceNumber": self.psp_trace_number,
            "userIdentifier": self.user_identifier,
            "from": self.since and wire_moment(self.since),
            "to": self.until and wire_moment(self.until),
        }
        return {name: str(value) for name, value in given(criteria).items()}


@dataclass(frozen=True, slots=True)
class PspFailReason:
    """Hold why a PSP refused; ``psp_error`` is deprecated."""

    code: int | None
    description: str | None
    psp_error: str | None

    @classmethod
    def read(cls, fields: V3Fields) -> Self:
        """Read what there is."""
        return cls(
            code=fields.optional_long("code"),
            description=fields.optional_text("description"),
            psp_error=fields.optional_text("pspError"),
        )


@dataclass(frozen=True, slots=True)
class Purchase:
    """Hold one purchase; ``said`` is its state word for word. Times are aware UTC.

    Cards are masked. ``additional_data`` is JSON text. ``expiration_date`` tells when it *did*
    expire: never compute with it. ``init_payer_ip`` opened our link, ``redirect_payer_ip`` is the
    PSP's word. The address to pay at is not here: see ``PpgV3Client.payment_url``.
    """

    purchase_id: str
    client_reference_number: str
    amount_rials: int
    wage_rials: int
    state: PurchaseState
    said: str
    callback_url: str | None
    user_identifier: str | None = field(repr=False)
    description: str | None
    additional_data: str | None = field(repr=False)
    payer_mobile_number: str | None = field(repr=False)
    payer_card_number: str | None
    payer_national_code: str | None = field(repr=False)
    psp_name: str | None
    psp_rrn: str | None
    psp_reference_number: str | None
    psp_trace_number: str | None
    psp_masked_card_number: str | None
    psp_hashed_card_number: str | None = field(repr=False)
    psp_card_owner: str | None = field(repr=False)
    psp_fail_reasons: tuple[PspFailReason, ...]
    psp_fail_reason: str | None
    init_payer_ip: str | None
    redirect_payer_ip: str | None
    fee_rials: int | None
    fee_payment_type: str | None
    shaparak_fee_rials: int | None
    affiliate_fee_rials: int | None
    reseller_code: str | None
    net_amount_rials: int | None
    psp_settled: bool | None
    psp_settled_at: datetime | None
    settlement_id: str | None
    refunded: bool | None
    refundable_amount_rials: int | None
    refund_inquiry_result: RefundInquiry | None
    has_contradiction: bool | None
    client_code: str | None
    created_at: datetime | None
    expiration_date: datetime | None
    billing_date: datetime | None
    verified_at: datetime | None
    raw: Mapping[str, object] = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, answer: object, operation: str = "list") -> Self:
        """Read one purchase. What identifies it, price and state are strict, the rest lenient."""
        fields = V3Fields(operation, answer)
        said = fields.word("state")
        if fields.text("currency") != CURRENCY:
            fields.complain(f"currency is not {CURRENCY}")
        return cls(
            purchase_id=fields.purchase_id(),
            client_reference_number=fields.text_or_long("clientReferenceNumber", LONGEST_REFERENCE),
            amount_rials=fields.rials("amount"),
            wage_rials=0 if fields.raw.get("wage") is None else fields.rials("wage"),
            state=recognised(PurchaseState, said),
            said=said,
            callback_url=fields.optional_text("callbackUrl", LONGEST_URL),
            user_identifier=fields.optional_text("userIdentifier"),
            description=fields.optional_text("description"),
            additional_data=fields.json_text("additionalData"),
            payer_mobile_number=fields.optional_text("payerMobileNumber"),
            payer_card_number=_card(fields, "payerCardNumber"),
            payer_national_code=fields.optional_text("payerNationalCode"),
            psp_name=fields.optional_word("pspName"),
            psp_rrn=_number(fields, "pspRrn"),
            psp_reference_number=_number(fields, "pspReferenceNumber"),
            psp_trace_number=_number(fields, "pspTraceNumber"),
            psp_masked_card_number=_card(fields, "pspMaskedCardNumber"),
            psp_hashed_card_number=fields.optional_text("pspHashedCardNumber", LONGEST_REFERENCE),
            psp_card_owner=fields.optional_text("pspCardOwner"),
            psp_fail_reasons=fields.inner_rows("pspFailReasons", PspFailReason.read),
            psp_fail_reason=fields.optional_text("pspFailReason"),
            init_payer_ip=fields.optional_text("initPayerIp"),
            redirect_payer_ip=fields.optional_text("redirectPayerIp"),
            fee_rials=fields.optional_rials("fee"),
            fee_payment_type=fields.optional_word("feePaymentType"),
            shaparak_fee_rials=fields.optional_rials("shaparakFee"),
            affiliate_fee_rials=fields.optional_rials("affiliateFee"),
            reseller_code=fields.optional_text("resellerCode"),
            net_amount_rials=fields.optional_long("netAmount"),
            psp_settled=fields.optional_boolean("pspSettled"),
            psp_settled_at=fields.moment("pspSettledAt"),
            settlement_id=fields.optional_numbered("settlementId"),
            refunded=fields.optional_boolean("refunded"),
            refundable_amount_rials=fields.optional_rials("refundableAmount"),
            refund_inquiry_result=_refund(fields),
            has_contradiction=fields.optional_boolean("hasContradiction"),
            client_code=fields.optional_text("clientCode"),
            created_at=fields.moment("createdAt"),
            expiration_date=fields.moment("expirationDate"),
            billing_date=fields.moment("billingDate"),
            verified_at=fields.moment("verifiedAt"),
            raw=fields.raw,
            odd_fields=fields.odd_names(),  # last, when all others have been read
        )


def _card(fields: V3Fields, name: str) -> str | None:
    card = fields.optional_text(name, LONGEST_CARD)
    return mask_card(card) if card else None


def _number(fields: V3Fields, name: str) -> str | None:
    return fields.optional_text_or_long(name, LONGEST_TRACKING_NUMBER)


def _refund(fields: V3Fields) -> RefundInquiry | None:
    """Read what became of the refunds; it decides nothing here, since it can be asked for."""
    name = "refundInquiryResult"
    if fields.raw.get(name) is None:
        return None
    try:
        refund = RefundInquiry.read(fields.raw[name])
    except Unintelligible:
        fields.note_odd(name)
        return None
    if refund.odd_fields or refund.unreadable:
        fields.note_odd(name)
    return refund
