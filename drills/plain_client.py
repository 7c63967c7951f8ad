"""A client that costs the generator little: one connection, cookies, no redirects, no parsing."""

from __future__ import annotations

import gzip
import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

TIMEOUT = 20.0  # seconds
BROKEN = 0  # the status of a request that had no answer
LOST = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Site:
    """Where the web server in front of the shop is, and the certificate that it shows."""

    port: int
    certificate: Path

    @property
    def origin(self) -> str:
        """What all its addresses begin with."""
        return f"https://127.0.0.1:{self.port}"


@lru_cache(maxsize=1)
def trusting(certificate: Path) -> ssl.SSLContext:
    """Return what a client needs to believe the web server; the same one for all clients."""
    return ssl.create_default_context(cafile=str(certificate))


@dataclass(frozen=True)
class Answer:
    """What came back; the body is read and unpacked when somebody asks for its text."""

    status: int
    location: str = ""
    body: bytes = b""
    packed: bool = False

    @property
    def text(self) -> str:
        """The page."""
        return (gzip.decompress(self.body) if self.packed else self.body).decode()

    @property
    def refused(self) -> bool:
        """Whether the client is over a limit."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS


class PlainClient:
    """One visitor, who comes from an address of this machine, such as 127.0.0.2."""

    def __init__(self, site: Site, address: str) -> None:
        self._origin = site.origin
        self._connection = http.client.HTTPSConnection(
            "127.0.0.1",
            site.port,
            timeout=TIMEOUT,
            source_address=(address, 0),
            context=trusting(site.certificate),
        )
        self._cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form."""
        form = {"Content-Type": "application/x-www-form-urlencoded", "Referer": self._origin + "/"}
        return self._ask("POST", path, urlencode(fields).encode(), form)

    def forget(self) -> None:
        """Throw the cookies away, as somebody new."""
        self._cookies.clear()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None, more: Mapping[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {"Accept-Encoding": "gzip", "Cookie": cookies, **more}
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            return self._read(response)
        except LOST:
            self._connection.close()  # the next request opens it again
            return Answer(BROKEN)

    def _read(self, response: http.client.HTTPResponse) -> Answer:
        for cookie in response.headers.get_all("Set-Cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        packed = response.headers.get("Content-Encoding") == "gzip"
        location = response.headers.get("Location", "")
        return Answer(response.status, location, response.read(), packed)
