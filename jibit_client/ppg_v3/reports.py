"""Define the reports about the merchant's account: balances, terminals, health and fees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from ..fields import recognised
from .fields import V3Fields, sorted_out
from .vocabulary import HealthStatus

Raw = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Balance:
    """Hold one balance; a debt may be negative.

    ``balance_type`` is WLT (the default), STL (settleable), FEE (a debt for fees that are paid
    later), SHW (paid in advance) or BLK (the blocked part of STL).
    """

    balance_type: str
    amount_rials: int
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, row: object) -> Self:
        """Read one row strictly."""
        fields = V3Fields("balances", row)
        fields.expect_rials()
        return cls(fields.word("balanceType"), fields.long("amount"))


@dataclass(frozen=True, slots=True)
class Balances:
    """Hold the response body of "Balances"; rows that make no sense are in ``unreadable``."""

    balances: tuple[Balance, ...]
    unreadable: tuple[object, ...] = field(repr=False)
    raw: Raw = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, answer: object) -> Self:
        """Read the answer."""
        fields = V3Fields("balances", answer)
        balances, unreadable = sorted_out(fields.array("balances"), Balance.read)
        return cls(balances, unreadable, fields.raw)


@dataclass(frozen=True, slots=True)
class Terminal:
    """Hold one terminal, with the checks that are on for it: one that is off is ignored silently.

    ``type`` is NORMAL, PAYMENT_FACILITATION or AUTO_SETTLING_PF. With ``is_auto_verify_enabled``
    a purchase is captured without us: not verifying no longer returns the money.
    """

    natural_id: str | None
    client_code: str | None
    client_name: str | None
    psp_name: str | None
    psp_terminal_id: str | None
    psp_merchant_number: str | None
    type: str | None
    direct_settlement: bool | None
    priority: int | None
    is_auto_verify_enabled: bool | None
    is_check_payer_mobile_number_active: bool | None
    is_check_payer_national_code_active: bool | None
    is_single_card_freeze_active: bool | None
    created_at: datetime | None
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, row: object) -> Self:
        """Read one row leniently."""
        fields = V3Fields("terminals", row)
        return cls(
            natural_id=fields.optional_text("naturalId"),
            client_code=fields.optional_text("clientCode"),
            client_name=fields.optional_text("clientName"),
            psp_name=fields.optional_word("pspName"),
            psp_terminal_id=fields.optional_text_or_long("pspTerminalId"),
            psp_merchant_number=fields.optional_text_or_long("pspMerchantNumber"),
            type=fields.optional_word("type"),
            direct_settlement=fields.optional_boolean("directSettlement"),
            priority=fields.optional_long("priority"),
            is_auto_verify_enabled=fields.optional_boolean("isAutoVerifyEnabled"),
            is_check_payer_mobile_number_active=fields.optional_boolean(
                "isCheckPayerMobileNumberActive"
            ),
            is_check_payer_national_code_active=fields.optional_boolean(
                "isCheckPayerNationalCodeActive"
            ),
            is_single_card_freeze_active=fields.optional_boolean("isSingleCardFreezeActive"),
            created_at=fields.moment("createdAt"),
            odd_fields=fields.odd_names(),
        )


@dataclass(frozen=True, slots=True)
class Terminals:
    """Hold the response body of "Terminals"; rows that make no sense are in ``unreadable``."""

    elements: tuple[Terminal, ...]
    unreadable: tuple[object, ...] = field(repr=False)
    raw: Raw = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, answer: object) -> Self:
        """Read the answer."""
        fields = V3Fields("terminals", answer)
        elements, unreadable = sorted_out(fields.array("elements"), Terminal.read)
        return cls(elements, unreadable, fields.raw, fields.odd_names(elements))


@dataclass(frozen=True, slots=True)
class Health:
    """Hold the response body of "Health"; ``psp_status`` has a word for each PSP's name."""

    status: HealthStatus
    said: str
    psp_status: Mapping[str, str]
    raw: Raw = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, answer: object) -> Self:
        """Read the answer: the status strictly, those of the PSPs leniently."""
        fields = V3Fields("health", answer)
        said, words = fields.word("status"), fields.words_by_name("pspStatusMap")
        return cls(recognised(HealthStatus, said), said, words, fields.raw, fields.odd_names())


def read_total_fee(answer: object) -> int:
    """Return the Rials of the answer to "Fee"."""
    return V3Fields("fee", answer).rials("totalFee")
