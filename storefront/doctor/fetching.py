"""Fetch an address of the shop as a browser would: no redirect is followed, nothing is kept."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import NamedTuple

from urllib3 import PoolManager, Timeout

SECONDS = Timeout(connect=5.0, read=10.0)
MOST_BYTES = 2_000_000


class Answer(NamedTuple):
    """Status, first bytes and where it leads."""

    status: int
    body: bytes
    location: str


def fetch(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return the answer of a GET. Raises urllib3's HTTPError.

    Who is believed is what the system believes (``SSL_CERT_FILE``), and no proxy is used.
    """
    trusted = ssl.create_default_context()
    with PoolManager(ssl_context=trusted, timeout=SECONDS, retries=False) as pool:
        answer = pool.request("GET", url, headers=headers, redirect=False, preload_content=False)
        body = answer.read(MOST_BYTES)
        answer.close()
    return Answer(answer.status, body, answer.headers.get("Location", ""))
