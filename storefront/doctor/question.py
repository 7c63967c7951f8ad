"""Ask the shop itself, through the web server in front, how a request reaches it.

The question is signed with SECRET_KEY, is answered once and for a minute only, and its answer is
signed, too: nobody else learns how many web servers the shop believes.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import Request
from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

ANSWERED_FOR = 60  # seconds
MOST_ENTRIES = 10  # of X-Forwarded-For that an answer repeats
LONGEST = 100  # characters of each


@dataclass(frozen=True, slots=True)
class Seen:
    """How a request reached the shop.

    ``address`` and ``scheme`` are what the shop believes, ``forwarded`` all that
    ``X-Forwarded-For`` said, ``trusted`` the setting that the running shop has.
    """

    number: str
    address: str
    scheme: str
    host: str
    forwarded: tuple[str, ...]
    trusted: int


def new_question(key: str) -> tuple[str, str]:
    """Return the number of a new question, and the question itself."""
    number = secrets.token_hex(16)
    return number, str(_questions(key).dumps(number))


def number_of(key: str, question: str) -> str | None:
    """Return the number of a question that this key has signed within the last minute."""
    try:
        return str(_questions(key).loads(question, max_age=ANSWERED_FOR))
    except BadData:
        return None


def answer(key: str, number: str, request: Request, trusted: int) -> str:
    """Return the signed answer to a question that came with this request."""
    said = ",".join(request.headers.getlist("X-Forwarded-For"))
    entries = [entry.strip()[:LONGEST] for entry in said.split(",") if entry.strip()]
    seen = Seen(
        number,
        request.remote_addr or "",
        request.scheme,
        request.host,
        tuple(entries[-MOST_ENTRIES:]),
        trusted,
    )
    return str(_answers(key).dumps(asdict(seen)))


def read_answer(key: str, number: str, said: bytes) -> Seen | None:
    """Return what the shop saw; None for what this key has not signed, or for another question."""
    try:
        found: Mapping[str, Any] = _answers(key).loads(said)
        seen = Seen(**{**found, "forwarded": tuple(found["forwarded"])})
    except (BadData, TypeError, KeyError):
        return None
    return seen if seen.number == number else None


def _questions(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt="storefront doctor's question")


def _answers(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="storefront doctor's answer")
