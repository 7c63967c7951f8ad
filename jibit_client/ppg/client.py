"""Call PPG v2.4: one method for each section of the document."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Self, Unpack

from ..answers import read_errors
from ..authenticated_client import AuthenticatedClient, BaseClient, ClientOptions
from ..errors import TimedOut, Unintelligible
from ..fields import Fields, for_a_path, warn_of_odd, wire_moment
from ..token_endpoint import TokenEndpointSpec
from ..tokens import TokenLifetimes
from ..transport import Call
from .messages import (
    CreateOrderRequest,
    CreateOrderResponse,
    InquiryResponse,
    OrdersPage,
    VerifyResponse,
)

#: Sections "Authentication Mechanism" and "Refresh Tokens Request". The access token is "Valid for
#: 24 hours"; the refresh token's life is not documented, other clients keep it 48 hours.
TOKENS: Final = TokenEndpointSpec(
    generate_path="/tokens/generate",
    refresh_path="/tokens/refresh",
    access_name="accessToken",
    refresh_name="refreshToken",
    read=Fields,
    lifetimes=TokenLifetimes(access=timedelta(hours=24), refresh=timedelta(hours=48)),
)

#: The document names neither a default nor a largest size; other clients' 250 would be the end.
PAGE_SIZE: Final = 100

#: New orders shift others to the next page, but never this many pages in a row.
MOST_STALE_PAGES: Final = 3

#: A million orders in one span are more than any merchant has, so such a list does not end.
MOST_PAGES: Final = 10_000

log: Final = logging.getLogger("jibit_client.ppg")


class PpgClient(BaseClient):
    """Create, verify, inquire and list orders; thread-safe, make one per process.

    Use :meth:`connect`. Every method may raise GatewayError; ``language`` ("fa" or "en") is that of
    its messages. ``monotonic`` counts the seconds of ``orders_between``.
    """

    def __init__(
        self, authenticated: AuthenticatedClient, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(authenticated)
        self._monotonic = monotonic

    @classmethod
    def connect(
        cls, *, base_url: str, api_key: str, secret_key: str, **options: Unpack[ClientOptions]
    ) -> Self:
        """Return a client; nothing is sent yet.

        Raises ValueError for an impossible base URL, TypeError for a credential that is no text.
        """
        credentials = {"apiKey": api_key, "secretKey": secret_key}
        authenticated = AuthenticatedClient(base_url, read_errors, TOKENS, credentials, **options)
        return cls(authenticated, monotonic=options.get("steady", time.monotonic))

    def create(self, order: CreateOrderRequest, *, language: str = "fa") -> CreateOrderResponse:
        """Create an order ("Create Order"). Without an idempotency key: never repeat it blindly."""
        call = Call("create", "POST", "/orders", body=order.wire(), language=language)
        return CreateOrderResponse.read(self._authenticated.call(call), order)

    def verify(self, order_identifier: str, *, language: str = "fa") -> VerifyResponse:
        """Capture the money ("Verify Order", a GET), within 15 minutes of the creation."""
        path = f"{_order_path(order_identifier)}/verify"
        return VerifyResponse.read(
            self._authenticated.call(Call("verify", "GET", path, language=language))
        )

    def inquire(self, order_identifier: str, *, language: str = "fa") -> InquiryResponse:
        """Ask about an order ("Inquiry Order"). An answer about another one is Unintelligible."""
        path = _order_path(order_identifier)
        answer = self._authenticated.call(Call("inquiry", "GET", path, language=language))
        order = InquiryResponse.read(answer)
        warn_of_odd("inquiry", order.odd_fields)
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
        """Return one page of "Orders List"; ``since`` and ``until`` are its ``from`` and ``to``."""
        filters = {
            "page": page,
            "size": size,
            "status": status,
            "from": since and wire_moment(since),
            "to": until and wire_moment(until),
        }
        query = {name: str(value) for name, value in filters.items() if value is not None}
        call = Call("list", "GET", "/orders", query=query, language=language)
        answer = OrdersPage.read(self._authenticated.call(call))
        warn_of_odd("list", answer.odd_fields)
        return answer

    def orders_between(
        self,
        since: datetime,
        until: datetime,
        *,
        status: str | None = None,
        size: int = PAGE_SIZE,
        language: str = "fa",
        unreadable: list[object] | None = None,
        most_pages: int = MOST_PAGES,
        most_seconds: float | None = None,
    ) -> Iterator[InquiryResponse]:
        """Yield every order of "Orders List" in a span of time once, page by page.

        Orders made meanwhile push others on to the next page: those are not given twice. Filtered
        by ``status``, an order whose status changes meanwhile pulls others back to a page that has
        been read: ask without that filter when every order counts. Rows that make no sense are
        left out, and gathered in ``unreadable`` where that is given.

        Raises Unintelligible if there is more after ``most_pages``, and TimedOut if there is more
        after ``most_seconds``, which count from the first request and include what the caller does
        between two orders. A page that has been asked for is waited for.
        """
        ask = partial(
            self.orders, size=size, status=status, since=since, until=until, language=language
        )
        seen: set[str] = set()
        stale = 0
        for answer in self._pages(ask, most_pages, most_seconds):
            fresh = {each.id: each for each in answer.elements if each.id not in seen}
            yield from fresh.values()
            seen.update(fresh)
            if answer.unreadable:
                log.warning("%d unreadable orders in the list", len(answer.unreadable))
            if unreadable is not None:
                unreadable.extend(answer.unreadable)
            stale = 0 if fresh else stale + 1
            if answer.goes_on and stale == MOST_STALE_PAGES:
                raise Unintelligible("list", "the list repeats itself")

    def _pages(
        self, ask: Callable[..., OrdersPage], most_pages: int, most_seconds: float | None
    ) -> Iterator[OrdersPage]:
        """Ask for page after page, within both bounds.

        Whether pages are counted from 0 or 1 is not documented: the first request names no page,
        and its answer tells.
        """
        started = self._monotonic()
        page: int | None = None
        for _ in range(most_pages):
            if most_seconds is not None and self._monotonic() - started >= most_seconds:
                raise TimedOut("list", f"the list did not end in {most_seconds:g} seconds")
            answer = ask(page=page)
            yield answer
            if not answer.goes_on:
                return
            page = (answer.page_number if page is None else page) + 1
        raise Unintelligible("list", f"the list did not end in {most_pages} pages")


def _order_path(order_identifier: str) -> str:
    return f"/orders/{for_a_path(order_identifier)}"
