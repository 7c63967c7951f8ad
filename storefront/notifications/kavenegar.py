"""Send text messages through Kavenegar, after its document «REST» (https://kavenegar.com/rest.html).

The key stands in the path of each call, so neither an error of the library nor the address of a
call leaves this module, and the library's own log lines about it are dropped.
"""

from __future__ import annotations

import hashlib
import json
import logging
from typing import NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import requests

from storefront.notifications.dispatcher import NotDelivered, Undeliverable
from storefront.notifications.http_calls import post
from storefront.notifications.sms import Sms

HOST = "https://api.kavenegar.com"
SEND, ACCOUNT_INFO = "sms/send.json", "account/info.json"
MOST_BYTES = 64 * 1024
ACCEPTED = 200
# What concerns this one message and does not change: parameters, number, text, characters. All
# else is the account's (key, credit, line, address of this machine) or passes: it is tried again.
REFUSALS = frozenset({400, 406, 411, 413, 414, 417, 422})


class Account(NamedTuple):
    """Where an account is reached, and as whom it sends."""

    base: str
    key: str
    line: str | None

    @classmethod
    def from_url(cls, url: str) -> Account:
        """Read ``kavenegar://API_KEY@/?sender=LINE``; a host is one of this machine, for tests."""
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2]
        line = parse_qs(parts.query).get("sender", [None])[0]
        return cls(f"http://{place}" if place else HOST, unquote(parts.username or ""), line)


class KavenegarProvider:
    """Hands text messages to Kavenegar; ``shop`` tells apart shops that share an account.

    ``localid`` is made from the message's key: for twelve hours Kavenegar answers a repeated one
    with the message that it has, and sends nothing.
    """

    def __init__(self, account: Account, shop: str) -> None:
        self._account, self._shop = account, shop

    def send(self, sms: Sms) -> None:
        """Hand it over. Raises NotDelivered."""
        said = {"receptor": sms.to, "message": sms.text, "localid": self._local_id(sms.id)}
        if self._account.line:
            said["sender"] = self._account.line
        code, _ = self._call(SEND, urlencode(said).encode())
        if code in REFUSALS:
            raise Undeliverable(f"SMS: Kavenegar {code}")
        if code != ACCEPTED:
            raise NotDelivered(f"SMS: Kavenegar {code}")

    def credit_rials(self) -> int | None:
        """Return what the account has left, None if it does not say. Raises NotDelivered."""
        code, answer = self._call(ACCOUNT_INFO, b"")
        if code != ACCEPTED:
            raise NotDelivered(f"SMS: Kavenegar {code}")
        return _number_in(answer, "entries", "remaincredit", most=10**12)

    def _call(self, method: str, body: bytes) -> tuple[int, bytes]:
        """Return the answer and its own code. Raises NotDelivered if there is none."""
        url = f"{self._account.base}/v1/{quote(self._account.key, safe='')}/{method}"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            status, answer = post(url, body, headers, most_bytes=MOST_BYTES)
        except requests.RequestException as error:
            raise NotDelivered(f"SMS: {type(error).__name__}") from None
        code = _number_in(answer, "return", "status", most=9_999)
        if code is None:
            raise NotDelivered(f"SMS: HTTP {status}, not Kavenegar's answer")
        return code, answer

    def _local_id(self, key: str) -> str:
        """Return a number that others' programs hold exactly, the same in every try."""
        digest = hashlib.sha256(f"{self._shop} {key}".encode()).digest()
        return str(int.from_bytes(digest[:6]) + 1)


def _number_in(answer: bytes, part: str, name: str, most: int) -> int | None:
    try:
        number = json.loads(answer)[part][name]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return number if type(number) is int and 0 <= number <= most else None


def _without_the_key(record: logging.LogRecord) -> bool:
    return not any(method in record.getMessage() for method in (SEND, ACCOUNT_INFO))


logging.getLogger("urllib3.connectionpool").addFilter(_without_the_key)
