"""Provide a gateway in memory for tests: it behaves well unless it is told to misbehave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from payment_engine.errors import GatewayError, NoAnswer, NotFound, Refused
from payment_engine.gateway import (
    Callback,
    Gateway,
    Inquiry,
    InquiryStatus,
    OpenedPayment,
    PaymentRequest,
    RefundRequest,
    RefundSeen,
    RefundStatus,
    Reversal,
    ReversalStatus,
    UnreadableRow,
    Verification,
    VerificationStatus,
)

LONGEST_NAME = 64

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Call:
    """Hold a call that came: ``about`` is the request, the gateway's id, or the span."""

    operation: str
    about: Any
    language: str = ""


class ScriptedGateway(Gateway):
    """Take payments in memory; put ``ScriptedGateway.host`` into the policy's ``redirect_hosts``.

    The payer acts by :meth:`pay`, :meth:`decline` and :meth:`expire`, the bank by
    :meth:`settle_refund`, a terminal with auto-verify by :meth:`capture`. Misbehaviour is queued by
    operation ("open", "inquire", "verify", "find", "list", "keep_fresh", "refund", "refunds",
    "reverse"): :meth:`answer` replaces the next answers, :meth:`lose_answer` carries the next call
    out and raises NoAnswer all the same. ``calls`` are all calls that came, the oldest first;
    ``rows`` is the whole ledger, ``refunds`` its refunds by payment. What the gateway can do, such
    as ``can_refund``, is set on it.
    """

    name = "scripted"
    titles: Mapping[str, str] = {"fa": "درگاه آزمایشی", "en": "Scripted"}
    has_list = True
    host = "gateway.test"

    def __init__(self, name: str = "scripted") -> None:
        self.name = name
        self.calls: list[Call] = []
        self.requests: dict[str, PaymentRequest] = {}
        self.rows: dict[str, Inquiry] = {}
        self.refunds: dict[str, list[RefundSeen]] = defaultdict(list)
        self._scripts: dict[str, list[object]] = defaultdict(list)
        self._lost: dict[str, int] = defaultdict(int)

    def answer(self, operation: str, *answers: object) -> None:
        """Queue answers for the next calls of an operation.

        An exception is raised, and nothing has happened at the gateway. A status changes only the
        status of the answer. Anything else is returned as it is.
        """
        self._scripts[operation] += answers

    def lose_answer(self, operation: str, times: int = 1) -> None:
        """Carry the next calls of an operation out, and raise NoAnswer instead of answering."""
        self._lost[operation] += times

    def pay(self, gateway_payment_id: str) -> dict[str, str]:
        """Let the payer pay; return what the browser brings back to the callback URL."""
        return self._come_back(gateway_payment_id, InquiryStatus.AWAITING_VERIFICATION)

    def decline(self, gateway_payment_id: str) -> dict[str, str]:
        """Let the bank say no; return what the browser brings back to the callback URL."""
        return self._come_back(gateway_payment_id, InquiryStatus.FAILED)

    def expire(self, gateway_payment_id: str) -> None:
        """End a payment that was not verified, paid or not: the payer has the money back."""
        self._set(gateway_payment_id, InquiryStatus.EXPIRED)

    def capture(self, gateway_payment_id: str) -> None:
        """Capture a payment without being asked to, as a terminal with auto-verify does."""
        self._set(gateway_payment_id, InquiryStatus.CAPTURED)

    def settle_refund(
        self, gateway_payment_id: str, status: RefundStatus, said: str | None = None
    ) -> None:
        """Let the bank go on with the last refund of a payment."""
        refunds = self.refunds[gateway_payment_id]
        refunds[-1] = replace(refunds[-1], status=status, said=said or status.upper())

    def returned_rials(self, gateway_payment_id: str) -> int:
        """Return how much of a payment went back to the payer, in Rials."""
        row = self._row(gateway_payment_id)
        if row.status is InquiryStatus.REVERSED:
            return row.amount_rials
        ended = (RefundStatus.FAILED, RefundStatus.CANCELLED)
        refunds = self.refunds[gateway_payment_id]
        return sum(each.amount_rials for each in refunds if each.status not in ended)

    def change(self, gateway_payment_id: str, **changed: Any) -> None:
        """Change what the ledger says of a payment, e.g. ``amount_rials``."""
        self.rows[gateway_payment_id] = replace(self._row(gateway_payment_id), **changed)

    def calls_of(self, operation: str) -> list[Call]:
        """Return the calls of one operation, the oldest first."""
        return [call for call in self.calls if call.operation == operation]

    # the port

    def open(self, request: PaymentRequest) -> OpenedPayment:
        """Create a payment that nobody has paid yet."""
        scripted = self._called("open", request, request.language)
        if scripted is not None:
            return _whole(scripted, OpenedPayment)
        name = f"theirs-{len(self.rows) + 1}"
        said = InquiryStatus.UNPAID
        self.requests[name] = request
        self.rows[name] = Inquiry(
            name, request.reference, request.amount_rials, "RIALS", said, said.upper()
        )
        self._answer_gets_lost("open")
        return OpenedPayment(name, request.reference, f"https://{self.host}/{name}")

    def inquire(self, gateway_payment_id: str, *, language: str = "fa") -> Inquiry:
        """Return what the ledger says. Raises NotFound."""
        scripted = self._called("inquire", gateway_payment_id, language)
        if isinstance(scripted, InquiryStatus):
            return replace(self._row(gateway_payment_id), status=scripted, said=scripted.upper())
        if scripted is not None:
            return _whole(scripted, Inquiry)
        self._answer_gets_lost("inquire")
        return self._row(gateway_payment_id)

    def verify(self, gateway_payment_id: str, *, language: str = "fa") -> Verification:
        """Capture what has been paid; repeat the success of what was captured."""
        scripted = self._called("verify", gateway_payment_id, language)
        if isinstance(scripted, VerificationStatus):
            return Verification(scripted, scripted.upper())
        if scripted is not None:
            return _whole(scripted, Verification)
        paid = (InquiryStatus.AWAITING_VERIFICATION, InquiryStatus.CAPTURED)
        status = VerificationStatus.FAILED
        if self._row(gateway_payment_id).status in paid:
            self._set(gateway_payment_id, InquiryStatus.CAPTURED)
            status = VerificationStatus.SUCCESSFUL
        self._answer_gets_lost("verify")
        return Verification(status, status.upper())

    def reverse(self, gateway_payment_id: str, *, language: str = "fa") -> Reversal:
        """Take a capture back; repeat the success of what was taken back."""
        scripted = self._called("reverse", gateway_payment_id, language)
        if isinstance(scripted, ReversalStatus):
            return Reversal(scripted, scripted.upper())
        possible = (InquiryStatus.CAPTURED, InquiryStatus.REVERSED)
        is_possible = self._row(gateway_payment_id).status in possible
        if is_possible:
            self._set(gateway_payment_id, InquiryStatus.REVERSED)
        self._answer_gets_lost("reverse")
        status = ReversalStatus.DONE if is_possible else ReversalStatus.NOT_POSSIBLE
        return Reversal(status, status.upper())

    def refund(self, request: RefundRequest, *, language: str = "fa") -> RefundSeen:
        """Order a transfer of what is left at most. Raises Refused."""
        scripted = self._called("refund", request, language)
        if scripted is not None:
            return _whole(scripted, RefundSeen)
        named = request.gateway_payment_id
        left = self._row(named).amount_rials - self.returned_rials(named)
        if request.amount_rials > left or self._row(named).status is not InquiryStatus.CAPTURED:
            raise Refused("refund", "that much is not there", codes=("amount.exceeded",))
        number = len(self.refunds[named]) + 1
        made = RefundSeen(
            f"{named}-{number}", request.amount_rials, RefundStatus.IN_PROGRESS, "STARTED"
        )
        self.refunds[named].append(made)
        self._answer_gets_lost("refund")
        return made

    def refunds_of(self, gateway_payment_id: str, *, language: str = "fa") -> list[RefundSeen]:
        """Return the refunds of a payment."""
        scripted = self._called("refunds", gateway_payment_id, language)
        if scripted is not None:
            return _whole(scripted, list)
        return list(self.refunds[gateway_payment_id])

    def confirm_refund(
        self, gateway_payment_id: str, gateway_refund_id: str | None, *, language: str = "fa"
    ) -> None:
        """Let the last refund begin."""
        self._called("confirm", (gateway_payment_id, gateway_refund_id), language)
        self.settle_refund(gateway_payment_id, RefundStatus.IN_PROGRESS)

    def cancel_refund(
        self, gateway_payment_id: str, gateway_refund_id: str | None, *, language: str = "fa"
    ) -> None:
        """Stop the last refund."""
        self._called("cancel", (gateway_payment_id, gateway_refund_id), language)
        self.settle_refund(gateway_payment_id, RefundStatus.CANCELLED)

    def changed_by_hand(
        self, since: datetime, until: datetime
    ) -> Iterator[Inquiry | UnreadableRow]:
        """Yield what is captured or reversed."""
        self._called("changed", (since, until))
        moved = (InquiryStatus.CAPTURED, InquiryStatus.REVERSED)
        yield from [row for row in self.rows.values() if row.status in moved]

    def read_callback(self, parameters: Mapping[str, str]) -> Callback:
        """Read ``id`` and ``status``."""
        named, said = (parameters.get(name) for name in ("id", "status"))
        paid = said == InquiryStatus.AWAITING_VERIFICATION
        return Callback(_sensible(named), _sensible(said), None, claims_success=paid)

    def find(self, reference: str, *, since: datetime, until: datetime) -> Inquiry | None:
        """Look through the whole ledger."""
        scripted = self._called("find", (reference, since, until))
        if scripted is not None:
            return _whole(scripted, Inquiry)
        return next((row for row in self.rows.values() if row.reference == reference), None)

    def payments_between(
        self, since: datetime, until: datetime
    ) -> Iterator[Inquiry | UnreadableRow]:
        """Yield the whole ledger."""
        self._called("list", (since, until))
        yield from list(self.rows.values())

    def keep_fresh(self) -> bool:
        """Say whether the scripted answer is true; False without one."""
        return bool(self._called("keep_fresh", datetime.now(UTC)))

    def _come_back(self, gateway_payment_id: str, status: InquiryStatus) -> dict[str, str]:
        self._set(gateway_payment_id, status)
        return {"id": gateway_payment_id, "status": status.value}

    def _set(self, gateway_payment_id: str, status: InquiryStatus) -> None:
        self.change(gateway_payment_id, status=status, said=status.upper())

    def _row(self, gateway_payment_id: str) -> Inquiry:
        if gateway_payment_id not in self.rows:
            raise NotFound("inquire", "there is no such payment")
        return self.rows[gateway_payment_id]

    def _called(self, operation: str, about: object, language: str = "") -> object:
        """Note a call; raise or return what was scripted for it, None if nothing was."""
        self.calls.append(Call(operation, about, language))
        script = self._scripts[operation]
        answer = script.pop(0) if script else None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _answer_gets_lost(self, operation: str) -> None:
        if self._lost[operation]:
            self._lost[operation] -= 1
            raise self.silence(operation)

    @staticmethod
    def silence(operation: str) -> GatewayError:
        """Return the error of a call that was not answered in time."""
        return NoAnswer(operation, "no whole answer in time")


def _whole(answer: object, kind: type[AnswerT]) -> AnswerT:
    if not isinstance(answer, kind):
        raise TypeError(f"scripted was {answer!r}, expected is an exception or {kind.__name__}")
    return answer


def _sensible(text: str | None) -> str | None:
    return text if text and text.isprintable() and len(text) <= LONGEST_NAME else None
