"""What can be asked of PPG v2.4: a method for each section of the document."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from ..errors import Unintelligible
from ..keeper import TokenKeeper
from ..tokens import TokenLifetimes, TokenPair
from ..transport import Call, Transport
from .messages import (
    CreateOrderRequest,
    CreateOrderResponse,
    InquiryResponse,
    OrdersPage,
    VerifyResponse,
    is_order_identifier,
    read_tokens,
    wire_moment,
)

# Access: "Valid for 24 hours" in the document. Refresh: not documented, other clients keep it 48.
TOKEN_LIFETIMES: Final = TokenLifetimes(access=timedelta(hours=24), refresh=timedelta(hours=48))

# The document names neither a default nor a largest size; other clients' 250 would be the end.
PAGE_SIZE: Final = 100

# So many pages in a row without a new order are no shifting any more, but a list without an end.
MOST_STALE_PAGES: Final = 3

log: Final = logging.getLogger("storefront.jibit.ppg")


class PpgTokens:
    """Sections "Authentication Mechanism" and "Refresh Tokens Request"."""

    def __init__(
        self,
        transport: Transport,
        api_key: str,
        secret_key: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._transport = transport
        self._credentials = {"apiKey": api_key, "secretKey": secret_key}
        self._clock = clock

    def generate(self) -> TokenPair:
        """A new pair for the credentials; earlier pairs live on."""
        return self._post("generate", self._credentials)

    def refresh(self, pair: TokenPair) -> TokenPair:
        """A new pair for an old one, of which both tokens are needed; the old one dies."""
        body = {"accessToken": pair.access_token, "refreshToken": pair.refresh_token}
        return self._post("refresh", body)

    def _post(self, operation: str, body: dict[str, str]) -> TokenPair:
        asked_at = self._clock()
        # English: these messages are for the operator, no shopper sees them
        call = Call(operation, "POST", f"/tokens/{operation}", body=body, language="en")
        return read_tokens(operation, self._transport.call(call), asked_at)


class PpgClient:
    """The orders. Every method raises GatewayError; ``language`` is that of its messages."""

    def __init__(self, transport: Transport, tokens: TokenKeeper) -> None:
        self._transport = transport
        self._tokens = tokens

    def create(self, order: CreateOrderRequest, *, language: str = "fa") -> CreateOrderResponse:
        """Section "Create Order". Has no idempotency key: unanswered, it may have been heard."""
        call = Call("create", "POST", "/orders", body=order.wire(), language=language)
        return CreateOrderResponse.read(self._authorised(call), order)

    def verify(self, order_identifier: str, *, language: str = "fa") -> VerifyResponse:
        """Section "Verify Order": a GET that captures the money, within 15 minutes of creation."""
        path = f"{_order_path(order_identifier)}/verify"
        return VerifyResponse.read(self._authorised(Call("verify", "GET", path, language=language)))

    def inquire(self, order_identifier: str, *, language: str = "fa") -> InquiryResponse:
        """Section "Inquiry Order". An answer about another order is Unintelligible."""
        path = _order_path(order_identifier)
        answer = self._authorised(Call("inquiry", "GET", path, language=language))
        order = InquiryResponse.read(answer)
        if order.id != order_identifier:
            raise Unintelligible("inquiry", "id is not the one that was asked for")
        return order

    def orders(
        self,
        *,
        page: int | None = None,
        size: int | None = None,
        status: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        language: str = "fa",
    ) -> OrdersPage:
        """Section "Orders List", one page; ``since`` and ``until`` are its from and to."""
        filters = {
            "page": page,
            "size": size,
            "status": status,
            "from": since and wire_moment(since),
            "to": until and wire_moment(until),
        }
        query = {name: str(value) for name, value in filters.items() if value is not None}
        call = Call("list", "GET", "/orders", query=query, language=language)
        return OrdersPage.read(self._authorised(call))

    def orders_between(
        self,
        since: datetime,
        until: datetime,
        *,
        status: str | None = None,
        size: int = PAGE_SIZE,
        language: str = "fa",
        unreadable: list[object] | None = None,
    ) -> Iterator[InquiryResponse]:
        """Every order of "Orders List" in a span of time, each once, page by page.

        Orders made meanwhile push others on to the next page: those are not given twice. Filtered
        by ``status``, an order whose status changes meanwhile pulls others back to a page that has
        been read: ask without that filter when every order counts. Rows that make no sense are
        left out, and gathered in ``unreadable`` where that is given.

        Whether pages are counted from 0 or 1 is not documented: the first request names no page,
        and its answer tells.
        """
        seen: set[str] = set()
        stale = 0
        page: int | None = None
        while True:
            answer = self.orders(
                page=page, size=size, status=status, since=since, until=until, language=language
            )
            fresh = {each.id: each for each in answer.elements if each.id not in seen}
            yield from fresh.values()
            seen.update(fresh)
            if answer.unreadable:
                log.warning("%d unreadable orders in the list", len(answer.unreadable))
            if unreadable is not None:
                unreadable.extend(answer.unreadable)
            if not answer.has_next or not (answer.elements or answer.unreadable):
                return
            stale = 0 if fresh else stale + 1
            if stale == MOST_STALE_PAGES:
                raise Unintelligible("list", "the list repeats itself")
            page = (answer.page_number if page is None else page) + 1

    def _authorised(self, call: Call) -> object:
        return self._tokens.authorised(
            call.operation, lambda token: self._transport.call(call, token)
        )


def _order_path(order_identifier: str) -> str:
    if not is_order_identifier(order_identifier):
        raise ValueError("not an order identifier")
    return f"/orders/{order_identifier}"
