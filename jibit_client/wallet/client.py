"""Call the wallet gateway v2.1: one method for each section of the document."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Self, Unpack

from ..authenticated_client import AuthenticatedClient, BaseClient, ClientOptions
from ..fields import for_a_path, warn_of_odd
from ..token_endpoint import TokenEndpointSpec
from ..tokens import TokenLifetimes
from ..transport import Call
from .messages import (
    InitiateRequest,
    InitiateResponse,
    InquiryResponse,
    VerifyResponse,
    read_failure,
    read_result,
)

#: Sections "Token" and "Refresh Token". The document names no lifetimes; the tokens that it shows
#: carry 24 hours and 90 days.
TOKENS: Final = TokenEndpointSpec(
    generate_path="/authenticate",
    refresh_path="/authenticate/refresh",
    access_name="token",
    refresh_name="refreshToken",
    read=read_result,
    lifetimes=TokenLifetimes(access=timedelta(hours=24), refresh=timedelta(days=90)),
)


class WalletClient(BaseClient):
    """Create, verify and inquire orders; thread-safe, make one per process.

    Use :meth:`connect`. Every method may raise GatewayError; ``language`` ("fa" or "en") is that of
    its messages.
    """

    @classmethod
    def connect(
        cls, *, base_url: str, username: str, password: str, **options: Unpack[ClientOptions]
    ) -> Self:
        """Return a client; nothing is sent yet.

        Raises ValueError for an impossible base URL, TypeError for a credential that is no text.
        """
        credentials = {"username": username, "password": password}
        return cls(AuthenticatedClient(base_url, read_failure, TOKENS, credentials, **options))

    def initiate(self, order: InitiateRequest, *, language: str = "fa") -> InitiateResponse:
        """Create an order ("Order Initiate"). It has no idempotency key: never repeat it."""
        call = Call("create", "POST", "/order/initiate", body=order.wire(), language=language)
        answer = InitiateResponse.read(self._authenticated.call(call), order)
        warn_of_odd(call.operation, answer.odd_fields)
        return answer

    def verify(self, order_id: str, *, language: str = "fa") -> VerifyResponse:
        """Capture the money ("Verify"), within 15 minutes of "Order Initiate".

        The introduction speaks of 30 minutes, the table of statuses of 15.
        """
        path = f"/order/verify/{for_a_path(order_id)}"
        call = Call("verify", "POST", path, language=language, typed=True)
        answer = VerifyResponse.read(self._authenticated.call(call))
        warn_of_odd(call.operation, answer.odd_fields)
        return answer

    def inquire(self, order_id: str, *, language: str = "fa") -> InquiryResponse:
        """Ask about an order ("Inquiry"). The answer does not name it: compare the reference."""
        path = f"/order/inquiry/{for_a_path(order_id)}"
        call = Call("inquiry", "GET", path, language=language, typed=True)
        answer = InquiryResponse.read(self._authenticated.call(call))
        warn_of_odd(call.operation, answer.odd_fields)
        return answer
