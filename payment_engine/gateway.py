"""Define the port to a payment gateway: what the engine asks and what it takes for an answer.

Answers are normalised: integer Rials, aware UTC, one vocabulary for all gateways. Texts, numbers
and times are within the bounds of ``bounds.py``, so that recording an answer cannot fail for its
contents. The records below see to that for the texts, whatever a binding hands on: what is only
shown is made printable and cut, what cannot be a name is None. The ids and references of answers
stay as they came, to be compared; ``identity.py`` checks one before a payment takes it. The
gateway's own word stays beside each status in ``said``; the whole answer is in ``raw``, which is
not bounded: pass it through ``redaction.redact`` before it is written anywhere.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from payment_engine.bounds import (
    LONGEST_CARD,
    LONGEST_CODE,
    LONGEST_IDENTIFIER,
    LONGEST_REFERENCE,
    LONGEST_TRACKING_NUMBER,
    LONGEST_WORD,
    is_name,
    printable,
)
from payment_engine.errors import CannotBeKnown
from payment_engine.redaction import mask_card
from payment_engine.tokens import TokenStore
from payment_engine.turns import Turns


def _shown(said: str) -> str:
    """Return a word that is shown and compared, on one line and cut."""
    return said if is_name(said, LONGEST_WORD) else printable(said)[:LONGEST_WORD]


def _named(text: str | None, longest: int) -> str | None:
    return text if text and is_name(text, longest) else None


def _set(record: object, **values: object) -> None:
    """Set fields of a frozen record while it is made."""
    for name, value in values.items():
        object.__setattr__(record, name, value)


class InquiryStatus(StrEnum):
    """List what a gateway can say of a payment when asked; asking changes nothing.

    A gateway that can tell unpaid, paid and captured apart says UNPAID, AWAITING_VERIFICATION and
    CAPTURED; one that cannot says IN_PROGRESS and SUCCESS.
    """

    IN_PROGRESS = "in_progress"  #: unpaid, or paid and not yet verified; nobody can tell which
    UNPAID = "unpaid"  #: the payer has not paid yet; there is nothing to verify
    AWAITING_VERIFICATION = "awaiting_verification"  #: paid; returned to the payer unless verified
    SUCCESS = "success"  #: captured, or perhaps only paid; ambiguous, see decision.py
    CAPTURED = "captured"  #: taken by a verification, for good
    FAILED = "failed"
    EXPIRED = "expired"
    REVERSED = "reversed"  #: it was captured or paid, and the gateway has returned the whole of it
    UNKNOWN = "unknown"  #: the gateway's own word for "ask later"
    UNRECOGNISED = "unrecognised"  #: a word that the document does not have


CAPTURED = (InquiryStatus.CAPTURED, InquiryStatus.SUCCESS)  #: what is said of a captured payment


class FailReason(StrEnum):
    """List why a payment can have failed, where its gateway says so."""

    CANCELLED_BY_PAYER = "cancelled_by_payer"
    TIMED_OUT = "timed_out"  #: the payer took too long at the bank
    OTHER_CARD = "other_card"  #: not the card, or not its owner, that was demanded
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    WRONG_PIN = "wrong_pin"


class VerificationStatus(StrEnum):
    """List the answers to a verification, the call that captures the money.

    Whatever is not SUCCESSFUL is followed by an inquiry. "Captured before" is UNKNOWN: only the
    inquiry tells whether that was this payment.
    """

    SUCCESSFUL = "successful"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNRECOGNISED = "unrecognised"


class RefundStatus(StrEnum):
    """List what a gateway can say of one refund."""

    IN_PROGRESS = "in_progress"
    WAITING = "waiting"  #: for the merchant's money, a confirmation, or the end of its hour
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"  #: or a word that the document does not have


class ReversalStatus(StrEnum):
    """List the answers to a reversal."""

    DONE = "done"  #: now or before
    NOT_POSSIBLE = "not_possible"  #: nothing happened; refund instead
    UNKNOWN = "unknown"  #: must be sent again


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """Hold what a gateway is asked to open.

    Attributes:
        reference: ours, unique, of 32 to 40 characters of ``a-z0-9``; the narrowest gateway known
            takes 50.
        amount_rials: a positive integer, in Rials.
        callback_url: where to send the browser back, for this payment alone.
        payer_mobile: ``09xxxxxxxxx``.
        payer_card: the card that the payer must use, of 16 digits; None for any.
        language: of the gateway's messages, "fa" or "en".
    """

    reference: str
    amount_rials: int
    callback_url: str
    payer_mobile: str = field(repr=False)
    description: str | None = None
    national_code: str | None = field(default=None, repr=False)
    payer_card: str | None = field(default=None, repr=False)
    language: str = "fa"


@dataclass(frozen=True, slots=True)
class OpenedPayment:
    """Hold a payment that the gateway has opened: its id there, and where to send the payer."""

    gateway_payment_id: str
    reference: str
    redirect_url: str
    raw: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Hold a payment as the gateway sees it now.

    Attributes:
        amount_rials: converted to Rials.
        currency: the gateway's own word, such as "RIALS" or "TOMAN"; the engine takes RIALS only.
        said: the gateway's own word for ``status``.
        created_at: aware UTC, by the gateway's clock; so is ``expires_at``.
        payer_card: masked.
        tracking_number: what a payer can quote to the gateway's support.
        contradicted: the gateway says that its own records of this payment contradict each other.
        fail_reason: why it failed, if the gateway says so in a word that is known.
        fail_words: the bank's own sentence about that, for the payer.
        odd_fields: names, in the gateway's spelling, of the fields that no decision needs and that
            made no sense or were out of bounds: they were read as None, an extreme date as the
            nearest within the bounds.
    """

    gateway_payment_id: str
    reference: str
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
    contradicted: bool = False
    fail_reason: FailReason | None = None
    fail_words: str | None = None

    def __post_init__(self) -> None:
        """Make printable and bounded what is only shown."""
        card = self.payer_card
        _set(
            self,
            said=_shown(self.said),
            currency=_shown(self.currency),
            payer_card=mask_card(card)[:LONGEST_CARD] if card else None,
            tracking_number=_named(self.tracking_number, LONGEST_TRACKING_NUMBER),
            odd_fields=tuple(map(_shown, self.odd_fields)),
            fail_words=printable(self.fail_words)[:LONGEST_CODE] if self.fail_words else None,
        )

    @property
    def is_named(self) -> bool:
        """Return whether its id and reference are texts that can be stored and printed."""
        return is_name(self.gateway_payment_id, LONGEST_IDENTIFIER) and is_name(
            self.reference, LONGEST_REFERENCE
        )


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """Hold a row of the gateway's list that does not follow its document; redact ``raw``.

    Id and reference are given where the row has at least these, within their bounds.
    """

    raw: object = field(repr=False)
    gateway_payment_id: str | None = None
    reference: str | None = None

    def __post_init__(self) -> None:
        """Leave out an id and a reference that are no names."""
        named = _named(self.gateway_payment_id, LONGEST_IDENTIFIER)
        _set(self, gateway_payment_id=named, reference=_named(self.reference, LONGEST_REFERENCE))


@dataclass(frozen=True, slots=True)
class Verification:
    """Hold the answer to a verification; ``said`` is the gateway's own word for ``status``.

    A gateway that repeats what was verified fills ``reference`` and ``amount_rials``: the money
    has been taken by then, so other values are a matter for a person.
    """

    status: VerificationStatus
    said: str
    reference: str | None = None
    amount_rials: int | None = None
    tracking_number: str | None = None
    raw: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)
    odd_fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Make printable and bounded what is only shown."""
        number = _named(self.tracking_number, LONGEST_TRACKING_NUMBER)
        odd_fields = tuple(map(_shown, self.odd_fields))
        _set(self, said=_shown(self.said), tracking_number=number, odd_fields=odd_fields)


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Hold what a gateway is asked to return; ``amount_rials`` is positive.

    A ``cancellable`` refund is to be held back for a while, in which it can be cancelled.
    """

    gateway_payment_id: str
    amount_rials: int
    cancellable: bool = False


@dataclass(frozen=True, slots=True)
class RefundSeen:
    """Hold a refund as the gateway sees it now; ``said`` is its own word for ``status``.

    ``gateway_refund_id`` tells it apart from others of the same payment. ``fail_reason`` is the
    gateway's own word.
    """

    gateway_refund_id: str | None
    amount_rials: int
    status: RefundStatus
    said: str
    fail_reason: str | None = None

    def __post_init__(self) -> None:
        """Make printable and bounded what is only shown."""
        named = _named(self.gateway_refund_id, LONGEST_IDENTIFIER)
        why = _shown(self.fail_reason) if self.fail_reason else None
        _set(self, gateway_refund_id=named, said=_shown(self.said), fail_reason=why)


@dataclass(frozen=True, slots=True)
class Reversal:
    """Hold the answer to a reversal; ``said`` is the gateway's own word for ``status``."""

    status: ReversalStatus
    said: str

    def __post_init__(self) -> None:
        """Make printable and bounded what is only shown."""
        _set(self, said=_shown(self.said))


@dataclass(frozen=True, slots=True)
class Callback:
    """Hold what the payer's browser claims: an untrusted hint, never a reason to move a payment.

    What the browser did not say, or said in nonsense, is None. ``claims_success``: it says that the
    payer has paid.
    """

    gateway_payment_id: str | None
    said: str | None
    amount_rials: int | None
    claims_success: bool = False

    def __post_init__(self) -> None:
        """Leave out an id and a word that are none."""
        named = _named(self.gateway_payment_id, LONGEST_IDENTIFIER)
        _set(self, gateway_payment_id=named, said=_named(self.said, LONGEST_WORD))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Hold what the engine lends a gateway, once, before its first call.

    ``tokens(account)`` is a token store that all processes on one database share. ``clock`` gives
    aware UTC. ``nearest_deadline()`` tells when the next open payment of this gateway can no longer
    be verified; None if no payment is open. ``turns(name)`` orders what all processes together may
    do one at a time, for :class:`~payment_engine.turns.OneAtATime`.
    """

    tokens: Callable[[str], TokenStore]
    clock: Callable[[], datetime]
    nearest_deadline: Callable[[], datetime | None]
    turns: Callable[[str], Turns]


class Gateway(ABC):
    """Speak to one payment gateway: subclass this, give it a ``name``, implement the methods.

    The engine calls every method with no database transaction open and from several threads at
    once. Every method but ``read_callback`` may raise :exc:`~payment_engine.errors.GatewayError`
    and must end within its own connect and read timeouts. Raise ``NotSent`` and ``NotExecuted``
    only when nothing can have happened at the gateway: the engine takes the verification that
    raised one of them as not made.
    """

    name: str
    """The name under which payments remember this gateway; at most 64 characters."""

    titles: Mapping[str, str] = {}
    """What a payer calls this payment method, by language ("fa" and "en")."""

    closes_after: timedelta = timedelta(minutes=15)
    """When the gateway ends a payment that nobody verified, at the latest, after its creation."""

    has_list: bool = False
    """Whether the gateway lists its payments. If not, nobody can know whether a create that was not
    answered has arrived, and a payment is only known by asking about it."""

    asks_at_once: int | None = None
    """How many inquiries it serves at once, None for as many as come. Recovery then keeps few
    threads waiting for it, so that the payments of other gateways have theirs."""

    create_is_repeatable: bool = False
    """Whether :meth:`open` may be called again with the same request after ``NoAnswer``: the second
    call then gives the payment of the first one if that has arrived, and never another one."""

    unverified_money_returns: bool = True
    """Whether a paid payment that nobody verifies goes back to the payer. If not, the gateway may
    capture by itself, and the engine returns what cannot be kept: it must be able to refund."""

    changes_by_hand: bool = False
    """Whether the gateway's staff may move on what was over; see :meth:`changed_by_hand`."""

    can_refund: bool = False
    """Whether :meth:`refund` and :meth:`refunds_of` are there."""

    can_reverse: bool = False
    """Whether :meth:`reverse` is there."""

    def attach(self, surroundings: Surroundings) -> None:
        """Take what the engine lends; called once, before any other method. Does nothing here."""

    @abstractmethod
    def open(self, request: PaymentRequest) -> OpenedPayment:
        """Create the payment. Never repeated unless :attr:`create_is_repeatable`.

        The engine has committed the intent before. It takes ``Refused`` and ``NotSent`` as "not
        opened", anything else as unknown.
        """

    @abstractmethod
    def inquire(self, gateway_payment_id: str, *, language: str = "fa") -> Inquiry:
        """Ask about a payment. Changes nothing at the gateway; repeated as often as needed.

        The engine compares id, reference, amount and currency with its own before it believes the
        status.
        """

    @abstractmethod
    def verify(self, gateway_payment_id: str, *, language: str = "fa") -> Verification:
        """Capture the money of a paid payment. Moves money: never repeat it inside this method.

        Called only for the payment that holds its order's claim. The engine takes any exception but
        ``NotSent`` and ``NotExecuted`` as "perhaps captured".
        """

    @abstractmethod
    def read_callback(self, parameters: Mapping[str, str]) -> Callback:
        """Read the callback's parameters. Never raises: what is missing or nonsense becomes None.

        Texts longer than 64 characters are nonsense.
        """

    def find(self, reference: str, *, since: datetime, until: datetime) -> Inquiry | None:
        """Look through the gateway's list for a payment whose create was never answered.

        Returns None only if it certainly never arrived. The search must be bounded in time and
        pages and raise ``NoAnswer`` when it reaches a bound. Raises ``CannotBeKnown`` if the
        gateway has no list.
        """
        raise CannotBeKnown("find", f"{self.name} has no list of payments")

    def reverse(self, gateway_payment_id: str, *, language: str = "fa") -> Reversal:
        """Take a whole capture back. Moves money, and may be called again until it is answered."""
        raise CannotBeKnown("reverse", f"{self.name} has no reversal")

    def refund(self, request: RefundRequest, *, language: str = "fa") -> RefundSeen:
        """Order that money goes back to the payer. Moves money: never repeat it inside this method.

        The engine has committed the intent before. It takes ``Refused`` and ``NotSent`` as "not
        ordered", anything else as unknown: then :meth:`refunds_of` is asked.
        """
        raise CannotBeKnown("refund", f"{self.name} has no refunds")

    def refunds_of(self, gateway_payment_id: str, *, language: str = "fa") -> Sequence[RefundSeen]:
        """Return every refund of a payment, the oldest first; empty if it certainly has none."""
        raise CannotBeKnown("refund inquiry", f"{self.name} has no refunds")

    def confirm_refund(
        self, gateway_payment_id: str, gateway_refund_id: str | None, *, language: str = "fa"
    ) -> None:
        """Let a refund begin that waits for the merchant's confirmation."""
        raise CannotBeKnown("refund confirmation", f"{self.name} has no refunds")

    def cancel_refund(
        self, gateway_payment_id: str, gateway_refund_id: str | None, *, language: str = "fa"
    ) -> None:
        """Stop a refund that has not begun yet. Raises Refused if it is too late."""
        raise CannotBeKnown("refund cancellation", f"{self.name} has no refunds")

    def changed_by_hand(
        self, since: datetime, until: datetime
    ) -> Iterator[Inquiry | UnreadableRow]:
        """Yield payments created in a span that the gateway's staff has captured or returned.

        Called where ``changes_by_hand`` is true: what is over may move on there.
        """
        yield from ()

    def payments_between(
        self, since: datetime, until: datetime
    ) -> Iterator[Inquiry | UnreadableRow]:
        """Yield what was created in a span, each payment once, reading on as it is iterated.

        Raises in the middle if the rest cannot be had. A gateway without a list yields nothing.
        """
        yield from ()

    def keep_fresh(self) -> bool:
        """Renew the access tokens if they are about to expire; return whether that was done."""
        return False

    def close(self) -> None:
        """Close pooled connections; further calls open new ones."""
