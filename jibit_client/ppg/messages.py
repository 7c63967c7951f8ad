"""Define PPG v2.4's messages field for field, in the document's spellings and units.

Amounts are in the order's own ``currency``, RIALS or TOMAN (1 toman is 10 rials); this is the
only module that converts between the two. Readers are strict where a decision needs a field:
they raise Unintelligible. Any other odd field is None and named in ``odd_fields``. The whole
answer, fields unknown to the document included, stays in ``raw``, which has no bounds but the
body's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ..bounds import LARGEST_LONG, LONGEST_CARD, LONGEST_REFERENCE, LONGEST_URL
from ..errors import Unintelligible
from ..fields import (
    Fields,
    claimed_amount,
    claimed_identifier,
    claimed_word,
    given,
    recognised,
    whole,
)
from ..redaction import mask_card
from .vocabulary import CallbackState, Currency, OrderStatus, VerifyStatus

Raw = Mapping[str, object]

RIALS_PER_TOMAN: Final = 10


def to_rials(amount: int, currency: Currency) -> int:
    """Return an amount in the wire's currency in Rials."""
    return amount * RIALS_PER_TOMAN if currency is Currency.TOMAN else amount


@dataclass(frozen=True, slots=True)
class CreateOrderRequest:
    """Hold the request body of section "Create Order".

    ``amount`` is an integer above 99, in ``currency``.
    """

    amount: int
    reference_number: str
    user_identifier: str = field(repr=False)
    callback_url: str
    currency: Currency = Currency.RIALS
    description: str | None = None
    additional_data: str | None = None
    payer_card_number: str | None = field(default=None, repr=False)
    force_payer_card_number: bool = False
    national_code: str | None = field(default=None, repr=False)

    def wire(self) -> dict[str, object]:
        """Return the body without fields that are None. Raises ValueError for a wrong amount."""
        body = {
            "amount": whole(self.amount),
            "currency": self.currency.value,
            "referenceNumber": self.reference_number,
            "userIdentifier": self.user_identifier,
            "callbackUrl": self.callback_url,
            "description": self.description,
            "additionalData": self.additional_data,
            "payerCardNumber": self.payer_card_number,
            # A string in the document; other clients send a boolean.
            "forcePayerCardNumber": "true" if self.force_payer_card_number else "false",
            "nationalCode": self.national_code,
        }
        return given(body)


@dataclass(frozen=True, slots=True)
class CreateOrderResponse:
    """Hold the response body of section "Create Order"."""

    order_identifier: str
    reference_number: str
    psp_switching_url: str
    raw: Raw = field(repr=False)

    @classmethod
    def read(cls, answer: object, asked: CreateOrderRequest) -> CreateOrderResponse:
        """Read the answer to ``asked``; the echo of another reference is Unintelligible."""
        fields = Fields("create", answer)
        identifier = fields.identifier("orderIdentifier")
        if fields.text("referenceNumber", LONGEST_REFERENCE) != asked.reference_number:
            fields.complain("referenceNumber is not the one that was sent")
        url = fields.web_address("pspSwitchingUrl")
        return cls(identifier, asked.reference_number, url, fields.raw)


@dataclass(frozen=True, slots=True)
class VerifyResponse:
    """Hold the response body of section "Verify Order"; ``said`` is the status word for word."""

    status: VerifyStatus
    said: str
    raw: Raw = field(repr=False)

    @classmethod
    def read(cls, answer: object) -> VerifyResponse:
        """Read the answer."""
        fields = Fields("verify", answer)
        said = fields.word("status")
        return cls(recognised(VerifyStatus, said), said, fields.raw)


@dataclass(frozen=True, slots=True)
class InquiryResponse:
    """Hold the response body of section "Inquiry Order", or one element of "Orders List".

    ``said`` is the status word for word, ``payer_card`` is masked. Times are aware UTC.
    """

    id: str
    amount: int
    currency: Currency
    reference_number: str
    status: OrderStatus
    said: str
    user_identifier: str | None = field(repr=False)
    callback_url: str | None
    description: str | None
    additional_data: str | None
    init_payer_ip: str | None
    redirect_payer_ip: str | None
    created_at: datetime | None
    modified_at: datetime | None
    expiration_date: datetime | None
    payer_card: str | None
    national_code: str | None = field(repr=False)
    raw: Raw = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @property
    def amount_rials(self) -> int:
        """Return the amount in Rials, whatever the order's currency."""
        return to_rials(self.amount, self.currency)

    @classmethod
    def read(cls, answer: object, operation: str = "inquiry") -> InquiryResponse:
        """Read one order. What identifies it, its price and status are strict, the rest lenient."""
        fields = Fields(operation, answer)
        said, card = fields.word("status"), fields.optional_text("payerCard", LONGEST_CARD)
        amount, currency = _priced(fields)
        return cls(
            id=fields.identifier("id"),
            amount=amount,
            currency=currency,
            reference_number=fields.text("referenceNumber", LONGEST_REFERENCE),
            status=recognised(OrderStatus, said),
            said=said,
            user_identifier=fields.optional_text("userIdentifier"),
            callback_url=fields.optional_text("callbackUrl", LONGEST_URL),
            description=fields.optional_text("description"),
            additional_data=fields.optional_text("additionalData"),
            init_payer_ip=fields.optional_text("initPayerIp"),
            redirect_payer_ip=fields.optional_text("redirectPayerIp"),
            created_at=fields.moment("createdAt"),
            modified_at=fields.moment("modifiedAt"),
            expiration_date=fields.moment("expirationDate"),
            payer_card=mask_card(card) if card else None,
            national_code=fields.optional_text("nationalCode"),
            raw=fields.raw,
            odd_fields=tuple(fields.odd),  # last, when all others have been read
        )


def _priced(fields: Fields) -> tuple[int, Currency]:
    said = fields.text("currency")
    if said not in set(Currency):
        fields.complain("currency is neither RIALS nor TOMAN")
    amount, currency = fields.long("amount"), Currency(said)
    if not 0 <= to_rials(amount, currency) <= LARGEST_LONG:
        fields.complain("amount is no amount of money")
    return amount, currency


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """Hold the response body of section "Orders List".

    ``number_of_elements`` is the total, spelt ``numberOfElemnts`` in the document; it may be wrong
    or missing. An element that makes no sense is kept in ``unreadable``, so that one row cannot
    hide all others from a reconciliation. ``odd_fields`` names those of the page and of its rows.
    """

    page_number: int
    size: int | None
    number_of_elements: int | None
    has_next: bool
    has_previous: bool | None
    elements: tuple[InquiryResponse, ...]
    unreadable: tuple[object, ...] = field(repr=False)
    raw: Raw = field(repr=False)
    odd_fields: tuple[str, ...] = ()

    @property
    def goes_on(self) -> bool:
        """Return whether there is a next page to request; an empty page ends the list, too."""
        return self.has_next and bool(self.elements or self.unreadable)

    @classmethod
    def read(cls, answer: object) -> OrdersPage:
        """Read the answer: page number, hasNext and elements strictly, the rest leniently."""
        fields = Fields("list", answer)
        elements, unreadable = _sorted_out(fields.array("elements"))
        misspelt = fields.optional_long("numberOfElemnts")
        spelt = fields.optional_long("numberOfElements")
        return cls(
            page_number=fields.long("pageNumber"),
            size=fields.optional_long("size"),
            number_of_elements=spelt if misspelt is None else misspelt,
            has_next=fields.boolean("hasNext"),
            has_previous=fields.optional_boolean("hasPrevious"),
            elements=elements,
            unreadable=unreadable,
            raw=fields.raw,
            odd_fields=_odd_names(fields, elements),  # last, when all others have been read
        )


def _odd_names(fields: Fields, elements: tuple[InquiryResponse, ...]) -> tuple[str, ...]:
    rows = (name for element in elements for name in element.odd_fields)
    return tuple(dict.fromkeys([*fields.odd, *rows]))


def _sorted_out(rows: list[object]) -> tuple[tuple[InquiryResponse, ...], tuple[object, ...]]:
    elements, unreadable = [], []
    for row in rows:
        try:
            elements.append(InquiryResponse.read(row, "list"))
        except Unintelligible:
            unreadable.append(row)
    return tuple(elements), tuple(unreadable)


@dataclass(frozen=True, slots=True)
class CallbackParameters:
    """Hold the query parameters of section "Callback Merchant": an untrusted claim of the browser.

    ``amount`` is always Rials; ``refnum`` is the order identifier, not our reference number.
    """

    amount: int | None
    refnum: str | None
    state: CallbackState
    said: str | None

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> CallbackParameters:
        """Read what there is; a parameter that is missing or nonsense is None."""
        amount, refnum, said = (parameters.get(name) for name in ("amount", "refnum", "state"))
        return cls(
            amount=claimed_amount(amount),
            refnum=claimed_identifier(refnum),
            state=recognised(CallbackState, said),
            said=claimed_word(said),
        )
