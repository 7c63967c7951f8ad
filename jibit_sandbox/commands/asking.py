"""Ask a running sandbox over HTTP, with the standard library alone: a command starts at once."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from http.client import HTTPException
from ssl import SSLCertVerificationError
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from jibit_sandbox.commands.arguments import default_url

TIMEOUT = 70  # seconds
JSON = {"Content-Type": "application/json"}
DISTRUST = (
    "its certificate is not trusted. Set SSL_CERT_FILE to the file that the sandbox names at its"
    " start: it lies beside the database and ends in .ca.pem"
)


class NotAnswered(OSError):
    """Nothing answered at the address, or the answer was cut."""


class Answer(NamedTuple):
    """Status and body of an answer."""

    status: int
    body: str

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class NoRedirect(HTTPRedirectHandler):
    """Leave every redirect to the caller."""

    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = build_opener(ProxyHandler({}), NoRedirect)


def send(
    url: str, method: str = "GET", body: str = "", headers: Mapping[str, str] | None = None
) -> Answer:
    """Send one request; raise NotAnswered where there is no whole answer."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"{url} is no address like http://127.0.0.1:8001")
    data = body.encode() if body or method != "GET" else None
    request = Request(url, data, dict(headers or {}), method=method)  # noqa: S310 - checked above
    try:
        with OPENER.open(request, timeout=TIMEOUT) as answer:
            return Answer(answer.status, answer.read().decode("utf-8", "replace"))
    except HTTPError as error:
        return Answer(error.code, error.read().decode("utf-8", "replace"))
    except (URLError, HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or error
        refuse_distrust(url, reason)
        raise NotAnswered(f"No sandbox answers at {url}: {reason}") from None


def refuse_distrust(url: str, reason: object) -> None:
    """Raise ValueError where only the certificate is wrong: waiting would not help."""
    is_trusted = not isinstance(reason, SSLCertVerificationError)
    if not is_trusted:
        raise ValueError(f"{url}: {DISTRUST}")


def url_of(said: Namespace) -> str:
    """Return the sandbox's address; raise ValueError for one with a path."""
    url = str(said.url or default_url()).rstrip("/")
    parts = urlsplit(url)
    if parts.path or parts.query or parts.fragment:
        raise ValueError(f"{url}: name the address without a path: {parts.scheme}://{parts.netloc}")
    return url


def control(said: Namespace, method: str, path: str, body: str = "", **query: Any) -> Any:
    """Call the control API about the command's world; raise ValueError with its sentence."""
    asked = urlencode({"world": said.world} | query)
    answer = send(f"{url_of(said)}/_sandbox/{path}?{asked}", method, body, JSON if body else {})
    found = answer.json
    if answer.status >= 400 or found is None:
        error = found.get("error") if isinstance(found, dict) else None
        raise ValueError(error or f"{url_of(said)} answers {answer.status}: is it a sandbox?")
    return found
