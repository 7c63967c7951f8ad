"""Define what the application decides about its payments, with safe defaults."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from payment_engine.bounds import is_web_address

PREFIX = re.compile(r"[a-z0-9]{0,8}")
NUMBER_LENGTH = 32  #: of the hexadecimal number that every reference ends in
NUMBER = re.compile(rf"[0-9a-f]{{{NUMBER_LENGTH}}}")
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Hold the rules of one application. Durations are timedelta.

    Attributes:
        callback_url: where the gateway sends the browser back; ``{reference}`` is replaced. From
            configuration, never from a request's Host header.
        redirect_hosts: ``host`` or ``host:port`` of the pages that a payer may be sent to.
        window: how long a payment can be made and verified; the gateway's document says how long.
        recover_after: how often an open payment is asked about inside its window.
        ask_again_after: how long apart questions are that visitors cause about one payment, however
            many callbacks come; as long as the engine's own questions are at their most frequent.
        patience: after so long a call to a gateway has certainly ended: at least three times
            connect and read timeout together, since a call may renew its tokens first.
        settle_after: how long a gateway must keep saying SUCCESS after its end of a payment until
            that can only mean captured; at least an hour at a real gateway.
        refund_settles_after: how long a gateway must keep saying that it has no such refund until
            an unanswered one is sent again.
        max_attempts: payments that the gateway opened, per order.
        verify_without_callback: ask for the capture at every inquiry. If not, a payment whose
            callback never came is only verified when it is known to be paid, or at its last chance.
        breaker_failures: calls in a row without an answer that open the circuit breaker.
        breaker_pause: how long it stays open before one new payment is tried.
        create_slots: threads of a process that may wait at once for a payment to be opened.
        ask_slots: threads of a process that may wait at once for an inquiry or a verification.
        reference_prefix: what the references of new payments begin with, of 0 to 8 of ``a-z0-9``.
            Of applications with one account at a gateway each has its own: what the gateway lists
            of another one's is counted by reconciliation, and is no discrepancy.
    """

    callback_url: str
    redirect_hosts: frozenset[str] | set[str] | tuple[str, ...] = field(default_factory=frozenset)
    window: timedelta = timedelta(minutes=15)
    recover_after: timedelta = timedelta(seconds=60)
    ask_again_after: timedelta = timedelta(seconds=5)
    patience: timedelta = timedelta(seconds=39)
    settle_after: timedelta = timedelta(hours=1)
    refund_settles_after: timedelta = timedelta(minutes=10)
    max_attempts: int = 3
    verify_without_callback: bool = True
    breaker_failures: int = 5
    breaker_pause: timedelta = timedelta(seconds=30)
    create_slots: int = 8
    ask_slots: int = 8
    reference_prefix: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for a callback URL without a place for the reference, or a prefix."""
        if "{reference}" not in self.callback_url:
            raise ValueError("callback_url needs a {reference}")
        if not PREFIX.fullmatch(self.reference_prefix):
            raise ValueError("reference_prefix has 0 to 8 characters of a-z and 0-9")

    def is_foreign(self, reference: str) -> bool:
        """Return whether another application's payment bears this reference; no without a prefix.

        The last 32 characters are the number, whatever stands before them is the prefix: so "eyvan"
        is not taken for "eyvan2".
        """
        if not self.reference_prefix:
            return False
        prefix, number = reference[:-NUMBER_LENGTH], reference[-NUMBER_LENGTH:]
        return prefix != self.reference_prefix or not NUMBER.fullmatch(number)

    def callback_for(self, reference: str) -> str:
        """Return the callback URL of the payment with this reference."""
        return self.callback_url.replace("{reference}", reference)

    def may_redirect_to(self, url: str) -> bool:
        """Return whether a payer may be sent to ``url``: a known host, encrypted unless local."""
        if not is_web_address(url):
            return False
        parts = urlsplit(url)
        local = parts.hostname in LOCAL_HOSTS
        return parts.netloc.lower() in self.redirect_hosts and (
            parts.scheme == "https" or (local and parts.scheme == "http")
        )
