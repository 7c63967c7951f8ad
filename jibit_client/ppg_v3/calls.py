"""Call refunds and reports of PPG v3; ``client`` adds what takes a payment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from ..authenticated_client import BaseClient
from ..errors import Unintelligible
from ..fields import for_a_path, given, warn_of_odd, whole
from ..transport import Call
from .fields import Message
from .histories import (
    HISTORY_PAGE_SIZE,
    LARGEST_HISTORY_PAGE,
    MOST_HISTORY_PAGES,
    HistoryFilter,
    HistoryPage,
)
from .pages import PAGE_SIZE, Page, page_query
from .refunds import RefundInquiry, RefundRequest, RefundResponse
from .reports import Balances, Health, Terminals, read_total_fee
from .settlements import Settlement

ResultT = TypeVar("ResultT", bound=Message)


class MessageCalls(BaseClient):
    """Make a call and read its answer."""

    def _read(self, call: Call, read: Callable[[object], ResultT]) -> ResultT:
        answer = read(self._authenticated.call(call))
        warn_of_odd(call.operation, answer.odd_fields)
        return answer


class RefundCalls(MessageCalls):
    """Return captured money by bank transfer. No call is repeated: after NoAnswer, inquire."""

    def refund(self, request: RefundRequest, *, language: str = "fa") -> RefundResponse:
        """Ask for a refund ("Refund Purchase"); it is accepted, not done."""
        body = request.wire()
        call = Call("refund", "POST", "/purchases/refund", body=body, language=language)
        return self._read(call, RefundResponse.read)

    def refund_inquiry(self, refund_id: str, *, language: str = "fa") -> RefundInquiry:
        """Ask what became of a purchase's refunds. Those of another one are Unintelligible."""
        call = Call("refund inquiry", "GET", _refund_path(refund_id), language=language)
        inquiry = self._read(call, RefundInquiry.read)
        if any(each.refund_id not in (None, refund_id) for each in inquiry.transfers):
            raise Unintelligible("refund inquiry", "refundId is not the one that was asked for")
        return inquiry

    def verify_refund(
        self, refund_id: str, *, transfer_id: str | None = None, language: str = "fa"
    ) -> None:
        """Confirm a refund that waits for it, where the merchant's refunds must be confirmed."""
        self._act("refund verify", refund_id, "verify", transfer_id, language)

    def retry_refund(
        self, refund_id: str, *, transfer_id: str | None = None, language: str = "fa"
    ) -> None:
        """Start a failed transfer again."""
        self._act("refund retry", refund_id, "retry", transfer_id, language)

    def cancel_refund(
        self, refund_id: str, *, transfer_id: str | None = None, language: str = "fa"
    ) -> None:
        """Stop a cancellable refund within its hour."""
        self._act("refund cancel", refund_id, "cancel", transfer_id, language)

    def ignore_cancellable(
        self, refund_id: str, *, transfer_id: str | None = None, language: str = "fa"
    ) -> None:
        """Start a cancellable refund before its hour is over."""
        self._act(
            "refund ignore-cancellable", refund_id, "ignore-cancellable", transfer_id, language
        )

    def _act(
        self, operation: str, refund_id: str, action: str, transfer_id: str | None, language: str
    ) -> None:
        """Name one transfer with ``transfer_id`` if the purchase has several."""
        path = f"{_refund_path(refund_id)}/{action}"
        body = given({"transferId": transfer_id})
        call = Call(operation, "POST", path, body=body, language=language, may_be_empty=True)
        answer = self._authenticated.call(call)
        if answer is not None and (not isinstance(answer, Mapping) or "errors" in answer):
            raise Unintelligible(operation, "the answer is neither empty nor an object")


class ReportCalls(MessageCalls):
    """Read what the gateway knows about the merchant's account."""

    def histories(
        self,
        criteria: HistoryFilter,
        *,
        page: int = 1,
        size: int = HISTORY_PAGE_SIZE,
        next_page_id: str | None = None,
        language: str = "fa",
    ) -> HistoryPage:
        """Return one page of changes of state; ``next_page_id`` of the last page beats ``page``."""
        limits = {"most_pages": MOST_HISTORY_PAGES, "largest": LARGEST_HISTORY_PAGE}
        query = criteria.query() | page_query(page, size, **limits)
        if next_page_id is not None:
            query["nextPageId"] = for_a_path(next_page_id)
        call = Call("histories", "GET", "/purchases/histories", query=query, language=language)
        return self._read(call, HistoryPage.read)

    def balances(self, *, language: str = "fa") -> Balances:
        """Return the merchant's balances."""
        return self._read(Call("balances", "GET", "/balances", language=language), Balances.read)

    def terminals(self, *, language: str = "fa") -> Terminals:
        """Return the merchant's terminals and the checks that are on for each."""
        call = Call("terminals", "GET", "/terminals/list", language=language)
        return self._read(call, Terminals.read)

    def settlements(
        self,
        *,
        settlement_id: str | None = None,
        page: int = 1,
        size: int = PAGE_SIZE,
        language: str = "fa",
    ) -> Page[Settlement]:
        """Return one page of the transfers to the merchant's bank account."""
        query = page_query(page, size)
        if settlement_id is not None:
            query["settlementId"] = for_a_path(settlement_id)
        call = Call("settlements", "GET", "/settlements", query=query, language=language)
        return self._read(call, _settlements)

    def health(self, *, language: str = "fa") -> Health:
        """Return whether the gateway and its PSPs are up."""
        return self._read(Call("health", "GET", "/app/health", language=language), Health.read)

    def fee(self, amount_rials: int, wage_rials: int | None = None, *, language: str = "fa") -> int:
        """Return the fee of such a purchase. Undocumented: one other client makes this call."""
        wage = None if wage_rials is None else whole(wage_rials)
        body = given({"amount": whole(amount_rials), "wage": wage})
        call = Call("fee", "POST", "/purchases/fee", body=body, language=language)
        return read_total_fee(self._authenticated.call(call))


def _settlements(answer: object) -> Page[Settlement]:
    return Page.read("settlements", answer, Settlement.read)


def _refund_path(refund_id: str) -> str:
    return f"/purchases/refunds/{for_a_path(refund_id)}"
