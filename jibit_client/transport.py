"""Send JSON calls to one gateway; return decoded JSON or raise GatewayError.

Nothing here retries, follows a redirect or keeps a cookie. Before urllib3 uses a pooled connection
it checks whether the server has closed it, and opens a new one if so: nothing was sent then. A
connection that breaks later raises ConnectionLost, because a create or a verify may have arrived
and only the caller knows what to do about that.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from . import __version__
from .answers import MAX_BODY_BYTES, FailureReader, decode, failed, no_answer
from .connection import DeadlineAdapter
from .errors import GatewayError, Unintelligible
from .redaction import redact_text

USER_AGENT: Final = f"jibit-client/{__version__}"

wire_log: Final = logging.getLogger("jibit_client.wire")


@dataclass(frozen=True, slots=True)
class Call:
    """Describe one request. ``body`` is sent as JSON; ``language`` is that of the error messages.

    ``typed``: send a JSON Content-Type even without a body, as the wallet's document asks for.
    ``may_be_empty``: a 2xx without a body is an answer too, None.
    """

    operation: str
    method: str
    path: str
    query: Mapping[str, str | Sequence[str]] | None = None
    body: Mapping[str, object] | None = field(default=None, repr=False)  # may hold credentials
    language: str = "fa"
    typed: bool = False
    may_be_empty: bool = False


class _Received(NamedTuple):
    status: int
    body: bytes
    retry_after: str | None


class Transport:
    """Call one gateway over one session; thread-safe.

    ``base_url`` may end with a slash. ``connect_timeout`` and ``read_timeout`` are
    seconds: the first for each address of the host, the handshake included, and again for each
    piece that is sent; the second from the request being sent to the last byte of the answer. Only
    looking the host's name up is left to the system. ``trust_env`` lets the environment name
    proxies and a certificate bundle.
    """

    def __init__(
        self,
        base_url: str,
        read_failure: FailureReader,
        *,
        connect_timeout: float = 3.0,
        read_timeout: float = 10.0,
        pool_size: int = 16,
        trust_env: bool = False,
    ) -> None:
        self._base_url = checked_base_url(base_url)
        self._server = urlsplit(self._base_url).netloc  # for the log
        self._read_failure = read_failure
        self._session = requests.Session()
        self._session.trust_env = trust_env
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, DeadlineAdapter(pool_maxsize=pool_size))
        self._adapter = self._session.get_adapter(self._base_url)
        # Read once: Session.send would read the environment again for every call.
        self._settings: dict[str, Any] = dict(
            self._session.merge_environment_settings(self._base_url, {}, True, None, None)
        )
        self._settings["timeout"] = (connect_timeout, read_timeout)

    def close(self) -> None:
        """Close the pooled connections; a call under way ends as it ends."""
        self._session.close()

    def call(self, call: Call, token: str | None = None, attempt: int = 1) -> object:
        """Make the call and return the decoded JSON of a 2xx that is not a failure in itself.

        ``attempt`` is for the log: 2 for a call that is repeated with a new token. Raises every
        class of ``errors`` but CredentialsRefused, which the token manager raises.
        """
        started = perf_counter()
        try:
            status, answer = self._exchange(call, token)
        except GatewayError as error:
            outcome = error.http_status or type(error).__name__
            self._log(call, attempt, outcome, started, error.fingerprint)
            raise
        self._log(call, attempt, status, started)
        return answer

    def _exchange(self, call: Call, token: str | None) -> tuple[int, object]:
        try:
            status, body, retry_after = self._send(self._request(call, token))
        except (requests.RequestException, HTTPError) as error:
            unknown, cause = no_answer(call.operation, error)
            raise unknown from cause
        if call.may_be_empty and 200 <= status < 300 and not body.strip():
            return status, None
        answer, complaint = decode(body)
        failure = None if complaint else self._read_failure(answer)
        if not 200 <= status < 300 or (failure and failure.number is not None):
            raise failed(call.operation, status, failure, retry_after)
        if complaint:
            raise Unintelligible(call.operation, complaint, http_status=status)
        return status, answer

    def _request(self, call: Call, token: str | None) -> requests.PreparedRequest:
        """Build the request by hand: PreparedRequest.prepare checks what is known here."""
        request = requests.PreparedRequest()
        request.method = call.method
        query = f"?{urlencode(call.query, doseq=True)}" if call.query else ""
        request.url = f"{self._base_url}{call.path}{query}"
        headers = {
            "Accept": "application/json",
            "Accept-Language": "en" if call.language.startswith("en") else "fa",
            "User-Agent": USER_AGENT,
        }
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if call.typed or call.body is not None:
            headers["Content-Type"] = "application/json"
        if call.body is not None:
            request.body = json.dumps(call.body).encode()
            headers["Content-Length"] = str(len(request.body))
        request.headers = CaseInsensitiveDict(headers)
        return request

    def _send(self, request: requests.PreparedRequest) -> _Received:
        """Send through the adapter: Session.send adds unwanted redirects, cookies and hooks."""
        response = self._adapter.send(request, **self._settings)
        try:
            body = response.raw.read(MAX_BODY_BYTES + 1, decode_content=True)
        finally:
            response.raw.close()  # a connection whose answer was read to its end is pooled by now
        return _Received(response.status_code, body, response.headers.get("Retry-After"))

    def _log(
        self,
        call: Call,
        attempt: int,
        outcome: int | str,
        started: float,
        fingerprint: str | None = None,
    ) -> None:
        """Tell of a call that is over; the record has its facts as attributes, too."""
        level = logging.INFO if isinstance(outcome, int) and outcome < 400 else logging.WARNING
        if not wire_log.isEnabledFor(level):
            return
        path, took = redact_text(call.path), round((perf_counter() - started) * 1000, 1)
        facts: dict[str, object] = {"operation": call.operation, "outcome": outcome}
        facts |= {"milliseconds": took, "attempt": attempt, "server": self._server}
        facts |= {"fingerprint": fingerprint} if fingerprint else {}
        told = f" fingerprint {fingerprint}" if fingerprint else ""
        line = "%s %s %s %.0f ms%s"
        wire_log.log(level, line, call.method, path, outcome, took, told, extra=facts)


def checked_base_url(base_url: str) -> str:
    """Return the address without a slash at its end. Raises ValueError for an impossible one."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the gateway's base URL must be http(s)://host/...")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("the gateway's base URL must have no user, query or fragment")
    return base_url.rstrip("/")
