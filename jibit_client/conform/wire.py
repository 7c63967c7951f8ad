"""Ask a gateway and keep its answer as it came: status, fields, codes. A refusal is an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from itertools import count
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from ..answers import MAX_BODY_BYTES, Failure, FailureReader, decode, no_answer
from ..bounds import LONGEST_CODE, LONGEST_MESSAGE, LONGEST_WORD, MOST_ERRORS
from ..connection import DeadlineAdapter
from ..redaction import HIDDEN, redact_text
from ..transport import USER_AGENT, checked_base_url
from .pace import OutOfTime, Pace
from .target import Target

__all__ = ["Answer", "OutOfTime", "Wire"]

SHORTEST_SECRET: Final = 4  # a shorter one would also hide ordinary words


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold one answer. ``body`` is empty where the answer is no JSON object.

    ``codes`` and ``messages`` are masked and bounded; ``body`` is not, and is never shown.
    ``instead`` says what came where a gateway would have sent JSON, such as a page.
    """

    status: int
    body: Mapping[str, object] = field(default_factory=dict, repr=False)
    codes: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    instead: str = ""

    @property
    def ok(self) -> bool:
        """Return whether the gateway did what it was asked for."""
        return 200 <= self.status < 300 and not self.codes and not self.instead

    @property
    def said(self) -> str:
        """Return status and codes, for a person."""
        instead = (self.instead,) if self.instead else ()
        return ", ".join((f"HTTP {self.status}", *self.codes, *instead))


class _Received(NamedTuple):
    status: int
    body: bytes
    headers: Mapping[str, str]


class Wire:
    """Send single requests; no redirect is followed and no cookie kept.

    Nothing is sent again but what a 429 has refused, and only if the target says so.
    """

    def __init__(self, target: Target, read_failure: FailureReader) -> None:
        """Send nothing yet. Raises ValueError for an impossible base URL."""
        self.base_url = checked_base_url(target.base_url)
        self._read_failure = read_failure
        self._language = target.language
        self._pace = Pace(target)
        self.calls = 0  # so many were sent
        self.date: datetime | None = None  # what the last answer said of the gateway's clock
        self._secrets = set(target.credentials.values())
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, DeadlineAdapter())

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def keep_secret(self, *values: str) -> None:
        """Hide these values in whatever is shown from now on."""
        self._secrets.update(values)

    def shown(self, text: str, most: int = LONGEST_WORD) -> str:
        """Return what the gateway sent, without secrets and personal data, in ``most`` letters."""
        for secret in self._secrets:
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, HIDDEN)
        return redact_text(text[:most])

    def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Mapping[str, object] | None = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
        language: str | None = None,
    ) -> Answer:
        """Send one request, with ``body`` as JSON or ``text`` as it stands.

        Raises NoAnswer, and OutOfTime when no time is left for the check.
        """
        sent = {
            "Accept": "application/json",
            "Accept-Language": language or self._language,
            "User-Agent": USER_AGENT,
        }
        data = text if body is None else json.dumps(body)
        if data is not None:
            sent["Content-Type"] = "application/json"
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        for waits in count():
            received = self._send(method, path, data, sent | dict(headers or {}))
            retry_after = received.headers.get("Retry-After")
            if received.status != 429 or not self._pace.waited(retry_after, waits):
                break
        return self._answer(received)

    def _send(
        self, method: str, path: str, data: str | None, headers: Mapping[str, str]
    ) -> _Received:
        timeout = self._pace.wait_for_turn()
        self.calls += 1
        try:
            with self._session.request(
                method,
                f"{self.base_url}{path}",
                data=None if data is None else data.encode(),
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = response.raw.read(MAX_BODY_BYTES + 1, decode_content=True)
        except (requests.RequestException, HTTPError) as error:
            unknown, cause = no_answer("check", error)
            raise unknown from cause
        self.date = _moment(response.headers.get("Date", ""))
        return _Received(response.status_code, body, response.headers)

    def _answer(self, received: _Received) -> Answer:
        decoded, _ = decode(received.body)
        failure = self._read_failure(decoded) or Failure()
        return Answer(
            received.status,
            decoded if isinstance(decoded, dict) else {},
            tuple(self.shown(code, LONGEST_CODE) for code in failure.codes[:MOST_ERRORS]),
            tuple(self.shown(told, LONGEST_MESSAGE) for told in failure.messages[:MOST_ERRORS]),
            "" if isinstance(decoded, dict) else self._instead(received),
        )

    def _instead(self, received: _Received) -> str:
        """Return what came in place of a JSON object; nothing for an empty answer."""
        if 300 <= received.status < 400:
            return f"a redirect to {self._place(received.headers.get('Location', ''))}"
        if "html" in received.headers.get("Content-Type", "").lower():
            return "an HTML page"
        return "no JSON object" if received.body.strip() else ""

    def _place(self, location: str) -> str:
        """Return the address of a redirect without its query, which may have secrets."""
        try:
            parts = urlsplit(urljoin(f"{self.base_url}/", location))
        except ValueError:
            return "no address"
        return self.shown(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}", 200)


def _moment(date: str) -> datetime | None:
    """Return what a ``Date`` header names, aware; None if there is none or it cannot be read."""
    try:
        found = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else None
