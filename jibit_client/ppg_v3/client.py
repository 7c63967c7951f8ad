"""Call PPG v3: one method for each operation of the document, and a few that combine them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Self, Unpack

from ..authenticated_client import AuthenticatedClient, ClientOptions
from ..errors import NotFound, Refused, Unintelligible
from ..fields import Fields, for_a_path
from ..jwt_lifetimes import JwtLifetimes
from ..token_endpoint import TokenEndpointSpec
from ..transport import Call
from .calls import RefundCalls, ReportCalls
from .creation import CreatePurchaseRequest, CreatePurchaseResponse
from .failures import read_failure
from .outcomes import ReverseResponse, VerifyResponse
from .pages import PAGE_SIZE, Page, page_query
from .purchases import Purchase, PurchaseFilter
from .refunds import wire_key
from .walking import PurchaseWalk

#: The document does not tell how long tokens live; other clients have seen 24 and 48 hours.
TOKENS: Final = TokenEndpointSpec(
    generate_path="/tokens",
    refresh_path="/tokens/refresh",
    access_name="accessToken",
    refresh_name="refreshToken",
    read=Fields,
    lifetimes=JwtLifetimes(access=timedelta(hours=23), refresh=timedelta(hours=47)),
    refresh_sends_access=False,
)

#: A million purchases in one span are more than any merchant has, so such a list does not end.
MOST_CALLS: Final = 10_000


class PpgV3Client(RefundCalls, ReportCalls):
    """Take card payments, return them and read the reports; thread-safe, make one per process.

    Use :meth:`connect`. Every method may raise GatewayError; ``language`` ("fa" or "en") is that of
    its messages. The gateway serves one list call at a time for each merchant, whatever process
    makes it, and refuses a second one with TooManyRequests.
    """

    def __init__(
        self,
        authenticated: AuthenticatedClient,
        base_url: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(authenticated)
        self._base_url = base_url.rstrip("/")
        self._monotonic = monotonic

    @classmethod
    def connect(
        cls, *, base_url: str, api_key: str, secret_key: str, **options: Unpack[ClientOptions]
    ) -> Self:
        """Return a client; nothing is sent yet.

        Raises ValueError for an impossible base URL, TypeError for a credential that is no text.
        """
        credentials = {"apiKey": api_key, "secretKey": secret_key}
        authenticated = AuthenticatedClient(base_url, read_failure, TOKENS, credentials, **options)
        return cls(authenticated, base_url, monotonic=options.get("steady", time.monotonic))

    def create(
        self, request: CreatePurchaseRequest, *, language: str = "fa"
    ) -> CreatePurchaseResponse:
        """Create a purchase ("Create Purchase").

        After NoAnswer the caller may send the same request once more: if the first one arrived it
        is refused with ``clientReferenceNumber.duplicated``, and ``inquire_by_reference`` finds it.
        """
        call = Call("create", "POST", "/purchases", body=request.wire(), language=language)
        return self._read(call, lambda answer: CreatePurchaseResponse.read(answer, request))

    def payment_url(self, purchase_id: str) -> str:
        """Return where a payer pays this purchase, for a create whose answer was lost."""
        return f"{self._base_url}{_purchase_path(purchase_id)}/payments"

    def verify(self, purchase_id: str, *, language: str = "fa") -> VerifyResponse:
        """Capture the money ("Verify Purchase"), within 15 minutes of the creation.

        The answer has no amount: inquire first. ALREADY_VERIFIED is a success only if the purchase
        is captured and is ours in id, reference and amount.
        """
        path = f"{_purchase_path(purchase_id)}/verify"
        try:
            answer = self._authenticated.call(Call("verify", "POST", path, language=language))
        except Refused as refusal:
            return VerifyResponse.read_refusal(refusal)
        return VerifyResponse.read(answer)

    def reverse(
        self,
        purchase_id: str | None = None,
        *,
        client_reference_number: str | None = None,
        language: str = "fa",
    ) -> ReverseResponse:
        """Give the whole amount back ("Reverse Purchase"), soon after the capture.

        Name the purchase in one of the two ways. Refused with ``reverse.is_not_enabled`` unless the
        merchant has the feature.
        """
        body = wire_key(purchase_id, client_reference_number)
        call = Call("reverse", "POST", "/purchases/reverse", body=body, language=language)
        try:
            answer = self._authenticated.call(call)
        except Refused as refusal:
            return ReverseResponse.read_refusal(refusal)
        return ReverseResponse.read(answer)

    def inquire(self, purchase_id: str, *, language: str = "fa") -> Purchase:
        """Return the purchase with this id. Raises NotFound if the gateway lists none."""
        page = self._list("inquiry", PurchaseFilter(purchase_id=for_a_path(purchase_id)), language)
        return _the_one(page, lambda each: each.purchase_id == purchase_id)

    def inquire_by_reference(
        self, client_reference_number: str, *, language: str = "fa"
    ) -> Purchase:
        """Return the purchase with our reference. Raises NotFound if the gateway lists none."""
        wanted = PurchaseFilter(client_reference_number=client_reference_number)
        page = self._list("inquiry", wanted, language)
        return _the_one(page, lambda each: each.client_reference_number == client_reference_number)

    def purchases(
        self,
        criteria: PurchaseFilter,
        *,
        page: int = 1,
        size: int = PAGE_SIZE,
        language: str = "fa",
    ) -> Page[Purchase]:
        """Return one page of "Filter Purchases", which has 20 pages of at most 250 rows.

        Raises ValueError for another page or size.
        """
        return self._list("list", criteria, language, page, size)

    def purchases_between(
        self,
        since: datetime,
        until: datetime,
        *,
        criteria: PurchaseFilter | None = None,
        size: int = PAGE_SIZE,
        language: str = "fa",
        unreadable: list[object] | None = None,
        most_pages: int = MOST_CALLS,
        most_seconds: float | None = None,
    ) -> Iterator[Purchase]:
        """Yield every purchase created in a span of time once, in no certain order.

        ``criteria`` are those but for the span. Rows that make no sense are left out, and gathered
        in ``unreadable`` where that is given. Raises Unintelligible if there is more after
        ``most_pages``, and TimedOut if there is more after ``most_seconds``, which include what the
        caller does between two purchases.
        """
        wanted = criteria or PurchaseFilter()

        def ask(since: datetime, until: datetime, page: int) -> Page[Purchase]:
            span = replace(wanted, since=since, until=until)
            return self.purchases(span, page=page, size=size, language=language)

        walk = PurchaseWalk(
            ask,
            self._monotonic,
            most_pages=most_pages,
            most_seconds=most_seconds,
            unreadable=unreadable,
        )
        return walk.purchases(since, until)

    def _list(
        self,
        operation: str,
        criteria: PurchaseFilter,
        language: str,
        page: int = 1,
        size: int | None = None,
    ) -> Page[Purchase]:
        query = criteria.query() | page_query(page, size)
        call = Call(operation, "GET", "/purchases", query=query, language=language)
        return self._read(call, lambda answer: Page.read(operation, answer, Purchase.read))


def _the_one(page: Page[Purchase], is_it: Callable[[Purchase], bool]) -> Purchase:
    """Return the row that was asked for: a gateway may ignore a filter, or list others with it."""
    found = [each for each in page.elements if is_it(each)]
    if len(found) == 1:
        return found[0]
    for row in page.unreadable:
        Purchase.read(row, "inquiry")  # it raises, and says what is wrong
    if page.elements or page.has_next:
        raise Unintelligible("inquiry", "the list does not show just the one that was asked for")
    raise NotFound("inquiry", "the gateway lists no such purchase")


def _purchase_path(purchase_id: str) -> str:
    return f"/purchases/{for_a_path(purchase_id)}"
