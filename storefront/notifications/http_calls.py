"""Call other systems by HTTP with deadlines, and sign what is said to them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

import requests

from jibit_client.connection import DeadlineAdapter
from storefront.core.clock import Clock

TIMEOUT = (3.0, 10.0)  # seconds: to connect, for the whole answer


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    timeout: tuple[float, float] = TIMEOUT,
    most_bytes: int = 0,
) -> tuple[int, bytes]:
    """Return the status of the answer, and its first bytes. Raises requests.RequestException.

    A redirect is an answer like any other, and no proxy of the environment is used.
    """
    with _session() as session:
        answer = session.post(
            url, body, headers=headers, timeout=timeout, allow_redirects=False, stream=True
        )
        return answer.status_code, _beginning(answer, most_bytes)


def get_json(
    url: str, query: Mapping[str, str], timeout: tuple[float, float], most_bytes: int
) -> Any:
    """Return what another system of ours says in JSON.

    Raises requests.RequestException, also for what is longer or no JSON.
    """
    with _session() as session:
        answer = session.get(url, params=query, timeout=timeout, allow_redirects=False, stream=True)
        if answer.status_code != requests.codes.ok:
            raise requests.HTTPError(f"{answer.status_code} for {url}")
        try:
            return json.loads(_beginning(answer, most_bytes))
        except ValueError as error:
            raise requests.JSONDecodeError(str(error), "", 0) from error


def _session() -> requests.Session:
    session = requests.Session()  # one for each call: several threads deliver
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, DeadlineAdapter())
    return session


def _beginning(answer: requests.Response, most_bytes: int) -> bytes:
    read = b""
    for part in answer.iter_content(8192) if most_bytes else ():
        read += part
        if len(read) >= most_bytes:
            break
    return read[:most_bytes]


class SignedCaller:
    """POSTs JSON, signed with HMAC-SHA256 over ``{time}.{body}``.

    ``X-Storefront-Signature: t=<unix seconds>,v1=<hex>``, with one ``v1`` for each secret: a
    receiver that knows one of them is content.
    """

    def __init__(
        self,
        url: str,
        secrets: Iterable[str],
        clock: Clock,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self._url, self._clock, self._timeout = url, clock, timeout
        self._secrets = [secret.encode() for secret in secrets]

    def post(self, said: Mapping[str, Any]) -> int:
        """Return the status of the answer; what else the receiver says is not read.

        Raises requests.RequestException.
        """
        body = json.dumps(said, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Storefront-Signature": self.signature(body),
        }
        return post(self._url, body, headers, self._timeout)[0]

    def signature(self, body: bytes) -> str:
        """Return the header's value for a body, now."""
        seconds = int(self._clock().timestamp())
        signed = f"{seconds}.".encode() + body
        digests = (hmac.new(secret, signed, hashlib.sha256) for secret in self._secrets)
        return ",".join([f"t={seconds}", *(f"v1={digest.hexdigest()}" for digest in digests)])
