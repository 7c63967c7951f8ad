"""Define a settlement: the gateway's transfer to the merchant's bank account."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from ..fields import recognised
from .fields import V3Fields
from .vocabulary import SettlementState


@dataclass(frozen=True, slots=True)
class Settlement:
    """Hold one settlement of "Filter Settlements"; ``said`` is its state word for word.

    All amounts are Rials; ``variance_rials`` may be negative.
    """

    settlement_id: str
    state: SettlementState
    said: str
    terminal_id: str | None
    file_name: str | None
    amount_rials: int | None
    wage_rials: int | None
    variance_rials: int | None
    direct_settlement: bool | None
    cutoff: str | None
    acceptor_code: str | None
    ledger_account: str | None = field(repr=False)
    iin: str | None
    payment_facilitator_iban: str | None = field(repr=False)
    settlement_iban: str | None = field(repr=False)
    reseller_code: str | None
    affiliate_fee_rials: int | None
    client_code: str | None
    client_name: str | None
    shaparak_fail_reason: str | None
    shaparak_reference_number: str | None
    shaparak_tracking_number: str | None
    shaparak_transaction_id: str | None
    created_at: datetime | None
    modified_at: datetime | None
    settled_at: datetime | None
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, row: object) -> Self:
        """Read one row: id, state and currency strictly, the rest leniently."""
        fields = V3Fields("settlements", row)
        fields.expect_rials()
        said = fields.word("state")
        return cls(
            settlement_id=fields.numbered("settlementId"),
            state=recognised(SettlementState, said),
            said=said,
            terminal_id=fields.optional_text("terminalId"),
            file_name=fields.optional_text("fileName"),
            amount_rials=fields.optional_rials("amount"),
            wage_rials=fields.optional_rials("wage"),
            variance_rials=fields.optional_long("variance"),
            direct_settlement=fields.optional_boolean("directSettlement"),
            cutoff=fields.optional_text("cutoff"),
            acceptor_code=fields.optional_text_or_long("acceptorCode"),
            ledger_account=fields.optional_text_or_long("ledgerAccount"),
            iin=fields.optional_text_or_long("iin"),
            payment_facilitator_iban=fields.optional_text("paymentFacilitatorIban"),
            settlement_iban=fields.optional_text("settlementIban"),
            reseller_code=fields.optional_text("resellerCode"),
            affiliate_fee_rials=fields.optional_rials("affiliateFee"),
            client_code=fields.optional_text("clientCode"),
            client_name=fields.optional_text("clientName"),
            shaparak_fail_reason=fields.optional_word("shaparakFailReason"),
            shaparak_reference_number=fields.optional_text_or_long("shaparakReferenceNumber"),
            shaparak_tracking_number=fields.optional_text_or_long("shaparakTrackingNumber"),
            shaparak_transaction_id=fields.optional_text_or_long("shaparakTransactionId"),
            created_at=fields.moment("createdAt"),
            modified_at=fields.moment("modifiedAt"),
            settled_at=fields.moment("settledAt"),
            odd_fields=fields.odd_names(),
        )
