"""A visitor with a cookie jar and no eyes: costs little itself, and times each answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from time import perf_counter
from urllib.parse import urlencode, urlsplit

from urllib3 import HTTPConnectionPool
from urllib3.response import BaseHTTPResponse

from testkit.http_shopper import some_address

_HIDDEN = re.compile(r'<input [^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


class Visitor:
    """One browser of one shop. ``seconds`` is how long the last answer took."""

    def __init__(self, pool: HTTPConnectionPool) -> None:
        self._pool = pool
        self._cookies: dict[str, str] = {}
        self._address = some_address()
        self.location = self.page = ""
        self.seconds = 0.0

    def get(self, address: str) -> None:
        """Open a page."""
        self._request("GET", address)

    def send(self, address: str, typed: Mapping[str, str]) -> None:
        """Send the form of this page."""
        self._request("POST", address, {**self._hidden(), **typed})

    def _request(self, method: str, address: str, fields: Mapping[str, str] | None = None) -> None:
        headers = {"Cookie": "; ".join(f"{name}={v}" for name, v in self._cookies.items())}
        headers["X-Forwarded-For"] = self._address
        body = None if fields is None else urlencode(fields)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        began = perf_counter()
        answer = self._pool.urlopen(method, path, body, headers, redirect=False, retries=False)
        self.seconds = perf_counter() - began
        self._take(method, address, answer)

    def _take(self, method: str, address: str, answer: BaseHTTPResponse) -> None:
        if answer.status not in (200, 303):
            raise RuntimeError(f"{method} {address}: {answer.status} {answer.data[:500]!r}")
        for line in answer.headers.getlist("Set-Cookie"):
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        self.location = answer.headers.get("Location", "")
        self.page = answer.data.decode()

    def _hidden(self) -> dict[str, str]:
        fields = (dict(_ATTRIBUTE.findall(field)) for field in _HIDDEN.findall(self.page))
        return {field["name"]: field["value"] for field in fields}
