"""Define "Create Purchase", field for field; all amounts are Rials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from ..bounds import LONGEST_REFERENCE
from ..fields import given, whole
from .fields import V3Fields
from .vocabulary import CURRENCY


@dataclass(frozen=True, slots=True)
class Switching:
    """Hold the terminals that come first; without ``auto_switching`` there are no others."""

    terminal_ids: tuple[str, ...]
    auto_switching: bool = True

    def wire(self) -> dict[str, object]:
        """Return the object that stands in the body."""
        return {"terminalIds": list(self.terminal_ids), "autoSwitching": self.auto_switching}


@dataclass(frozen=True, slots=True)
class CreatePurchaseRequest:
    """Hold the request body of "Create Purchase".

    ``amount_rials`` is at least 5000; the payer pays ``wage_rials`` on top. The gateway refuses a
    ``client_reference_number`` (at most 50 characters) that it has seen before, for ever: after a
    lost answer the same request can be sent once more. ``payer_mobile_number`` is written
    ``09xxxxxxxxx``. Name one card or several, not both.
    """

    amount_rials: int
    client_reference_number: str
    callback_url: str
    wage_rials: int | None = None
    user_identifier: str | None = field(default=None, repr=False)
    description: str | None = None
    payer_mobile_number: str | None = field(default=None, repr=False)
    check_payer_mobile_number: bool | None = None
    payer_card_number: str | None = field(default=None, repr=False)
    payer_card_numbers: tuple[str, ...] = field(default=(), repr=False)
    payer_national_code: str | None = field(default=None, repr=False)
    switching: Switching | None = None
    additional_data: Mapping[str, object] | None = field(default=None, repr=False)

    def wire(self) -> dict[str, object]:
        """Return the body without fields that are None. Raises ValueError for a wrong amount."""
        data = self.additional_data
        return given(
            {
                "amount": whole(self.amount_rials),
                "wage": None if self.wage_rials is None else whole(self.wage_rials),
                "currency": CURRENCY,
                "callbackUrl": self.callback_url,
                "clientReferenceNumber": self.client_reference_number,
                "userIdentifier": self.user_identifier,
                "description": self.description,
                "payerMobileNumber": self.payer_mobile_number,
                "checkPayerMobileNumber": self.check_payer_mobile_number,
                "payerCardNumber": self.payer_card_number,
                "payerCardNumbers": list(self.payer_card_numbers) or None,
                "payerNationalCode": self.payer_national_code,
                "switching": self.switching and self.switching.wire(),
                "additionalData": None if data is None else dict(data),
            }
        )


@dataclass(frozen=True, slots=True)
class CreatePurchaseResponse:
    """Hold the response body of "Create Purchase"; send the payer to ``psp_switching_url``.

    Of the fees, all but Shaparak's are there if the merchant has early fee calculation.
    """

    purchase_id: str
    client_reference_number: str
    psp_switching_url: str
    shaparak_fee_rials: int | None
    fee_rials: int | None
    affiliate_fee_rials: int | None
    net_amount_rials: int | None
    payable_amount_rials: int | None
    raw: Mapping[str, object] = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, answer: object, asked: CreatePurchaseRequest) -> Self:
        """Read the answer to ``asked``; the echo of another reference is Unintelligible."""
        fields = V3Fields("create", answer)
        reference = fields.text_or_long("clientReferenceNumber", LONGEST_REFERENCE)
        if reference != asked.client_reference_number:
            fields.complain("clientReferenceNumber is not the one that was sent")
        fields.expect_rials()
        return cls(
            purchase_id=fields.purchase_id(),
            client_reference_number=reference,
            psp_switching_url=fields.web_address("pspSwitchingUrl"),
            shaparak_fee_rials=fields.optional_rials("shaparakFee"),
            fee_rials=fields.optional_rials("fee"),
            affiliate_fee_rials=fields.optional_rials("affiliateFee"),
            net_amount_rials=fields.optional_long("netAmount"),
            payable_amount_rials=fields.optional_rials("payableAmount"),
            raw=fields.raw,
            odd_fields=fields.odd_names(),  # last, when all others have been read
        )
