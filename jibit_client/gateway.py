"""The one protocol the shop speaks to a payment gateway.

Answers are normalised: integer Rials, UTC, one vocabulary for all gateways. Texts, numbers and
times are within the bounds of ``bounds.py``, so that recording an answer cannot fail for what it
says. What the wire said word for word stays beside it in ``said`` and, whole, in ``raw``, which is
not bounded: redact that before you write it down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class InquiryStatus(StrEnum):
    """What the gateway says of a payment when asked; asking changes nothing.

    A gateway that can tell unpaid, paid and captured apart says UNPAID, AWAITING_VERIFICATION and
    CAPTURED; one that cannot says IN_PROGRESS and SUCCESS.
    """

    IN_PROGRESS = "in_progress"  # unpaid, or paid and not yet verified: nobody can tell which
    UNPAID = "unpaid"  # the shopper has not paid yet: there is nothing to verify
    AWAITING_VERIFICATION = "awaiting_verification"  # paid, and goes home unless it is verified
    SUCCESS = "success"  # captured, or perhaps only paid: see docs/states.md
    CAPTURED = "captured"  # taken by a verification, for good
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # the gateway's own word for "ask later"
    UNRECOGNISED = "unrecognised"  # a word that the document does not have


class VerificationStatus(StrEnum):
    """What the gateway answers to a verification, the call that captures the money."""

    SUCCESSFUL = "successful"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNRECOGNISED = "unrecognised"


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What the shop asks a gateway to open.

    ``amount_rials`` is integer Rials. ``user_identifier`` is the payer's mobile, ``09xxxxxxxxx``.
    ``language`` ("fa" or "en") chooses the language of error messages.
    """

    reference_number: str
    amount_rials: int
    callback_url: str
    user_identifier: str = field(repr=False)
    description: str | None = None
    national_code: str | None = field(default=None, repr=False)
    payer_card_number: str | None = field(default=None, repr=False)
    force_payer_card_number: bool = False
    language: str = "fa"


@dataclass(frozen=True, slots=True)
class OpenedPayment:
    """The gateway's name for the payment, and where to send the shopper."""

    order_identifier: str
    reference_number: str
    switching_url: str
    raw: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A payment as the gateway sees it now.

    ``currency`` is the wire's own word ("RIALS", "TOMAN"); compare it before trusting
    ``amount_rials``, which has been converted. ``said`` is the status word for word.
    ``payer_card`` is masked, ``created_at`` UTC by the gateway's clock. ``tracking_number`` is
    what a shopper can quote to the gateway's support, where it has such a thing. ``odd_fields``
    names, in the wire's spelling, the fields that no decision needs and that made no sense or were
    out of bounds: they were read as None, an extreme date as the nearest within the bounds.
    """

    order_identifier: str
    reference_number: str
    amount_rials: int
    currency: str
    status: InquiryStatus
    said: str
    expires_at: datetime | None = None
    payer_card: str | None = None
    created_at: datetime | None = None
    tracking_number: str | None = None
    raw: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)
    odd_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row of the gateway's list that is not in the document's words; redact ``raw``.

    The two names are given where the row has at least these, within their bounds.
    """

    raw: object = field(repr=False)
    order_identifier: str | None = None
    reference_number: str | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer to a verification; ``said`` is the status word for word.

    A gateway that repeats what was verified fills ``reference_number`` and ``amount_rials``: the
    money has been taken by then, so another one is a matter for a person. ``tracking_number`` and
    ``odd_fields`` as in :class:`Inquiry`.
    """

    status: VerificationStatus
    said: str
    reference_number: str | None = None
    amount_rials: int | None = None
    tracking_number: str | None = None
    raw: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)
    odd_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Callback:
    """What the shopper's browser claims. A rumour: never act on it without asking the gateway.

    ``claims_success``: it claims that the shopper has paid.
    """

    order_identifier: str | None
    said: str | None
    amount_rials: int | None
    claims_success: bool = False


class Gateway(Protocol):
    """A payment gateway. Every call may raise :class:`~.errors.GatewayError`."""

    @property
    def name(self) -> str:
        """The name under which payments remember it, e.g. ``"ppg"``."""

    @property
    def titles(self) -> Mapping[str, str]:
        """What a shopper calls this means of payment, by language ("fa" and "en")."""

    @property
    def closes_after(self) -> timedelta:
        """When a payment that nobody verified is over at the gateway, at the latest, counted from
        its creation. A verification is only sure to be heard within 15 minutes."""

    @property
    def has_list(self) -> bool:
        """Whether the gateway lists its payments. If not, nobody can know whether a create that
        was not answered has arrived, and a payment is only known by asking about it."""

    def open(self, request: PaymentRequest) -> OpenedPayment:
        """Create the payment. Never retried: an unanswered create may have been heard."""

    def inquire(self, order_identifier: str, *, language: str = "fa") -> Inquiry:
        """Ask; changes nothing, may be repeated."""

    def verify(self, order_identifier: str, *, language: str = "fa") -> Verification:
        """Capture the money of a paid payment. Moves money: never retried blindly."""

    def find(self, reference_number: str, *, since: datetime, until: datetime) -> Inquiry | None:
        """Look through the gateway's own list for a payment whose create was never answered.

        None: it never arrived. The search is bounded, since the worker waits for it: a list that
        takes too long raises :class:`~.errors.TimedOut`, one that does not end within a fixed
        number of pages :class:`~.errors.Unintelligible`. Neither says that the payment never
        arrived: search again later. Raises :class:`~.errors.CannotBeKnown` if there is no list."""

    def payments_between(
        self, since: datetime, until: datetime
    ) -> Iterator[Inquiry | UnreadableRow]:
        """The gateway's own list of what was created in a span, each payment once; asks for more
        as it is read. Raises in the middle if the rest cannot be had, or if there is no end to it
        within a fixed number of pages. A gateway that has no list gives nothing."""

    def read_callback(self, parameters: Mapping[str, str]) -> Callback:
        """Read the callback's parameters; whatever is missing or nonsense becomes None."""

    def keep_fresh(self) -> bool:
        """Renew the tokens if they are about to age; True if that was done."""
