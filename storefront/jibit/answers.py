"""What an answer of the wire, or its absence, means: decoded JSON, or an error of the tree."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from http.client import HTTPException, RemoteDisconnected
from typing import Final, NamedTuple, NoReturn

import requests
from urllib3.exceptions import DecodeError, NewConnectionError, ReadTimeoutError

from .errors import (
    ConnectionLost,
    GatewayError,
    InvalidRequest,
    NoAnswer,
    NotAuthenticated,
    NotConnected,
    NotFound,
    Refused,
    ServerFailed,
    TimedOut,
    TooManyRequests,
    Unintelligible,
)
from .redaction import redact_text

MAX_BODY_BYTES: Final = 1024 * 1024


class Failure(NamedTuple):
    """What a gateway's own words say of a failure.

    ``number`` is for a gateway that may tell a failure with a 2xx: it makes the answer one.
    """

    codes: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    fingerprint: str | None = None
    number: int | None = None


FailureReader = Callable[[object], Failure | None]  # None: not the gateway's own words


def no_answer(operation: str, error: Exception) -> tuple[NoAnswer, BaseException]:
    """The error of the tree for what requests or urllib3 raised, and the cause to chain to it.

    The cause is the innermost one: requests' own exceptions carry the request, and its token.
    """
    cause = _innermost(error)
    kind, reason = _what_happened(error, cause)
    return kind(operation, reason), cause


def _innermost(error: BaseException) -> BaseException:
    inner = getattr(error, "reason", None) or next(
        (each for each in reversed(error.args) if isinstance(each, BaseException)), None
    )
    return _innermost(inner) if isinstance(inner, BaseException) else error


def _what_happened(error: Exception, cause: BaseException) -> tuple[type[NoAnswer], str]:
    if isinstance(cause, NewConnectionError):  # to the gateway or to a proxy
        return NotConnected, "no connection could be made"
    if isinstance(cause, (ReadTimeoutError, TimeoutError)):
        return TimedOut, "no whole answer in time"
    if isinstance(error, DecodeError) or _is_not_http(error, cause):
        return Unintelligible, "the answer is not HTTP"
    return ConnectionLost, "the connection broke before the whole answer was here"


def _is_not_http(error: Exception, cause: BaseException) -> bool:
    """Whether the head of the answer made no sense; requests raises for the head, not the body."""
    return (
        isinstance(error, requests.RequestException)
        and isinstance(cause, HTTPException)
        and not isinstance(cause, RemoteDisconnected)
    )


def decode(body: bytes) -> tuple[object, str | None]:
    """The decoded body, or a complaint about it."""
    if len(body) > MAX_BODY_BYTES:
        return None, f"the answer is longer than {MAX_BODY_BYTES} bytes"
    try:
        text = body.decode("utf-8-sig")
        answer = _json.decode(text)
        if "\\u" in text:  # only an escape can smuggle in what no database stores
            _refuse_unstorable(text, answer)
    except (ValueError, RecursionError):
        return None, "the answer is not JSON" if body.strip() else "the answer is empty"
    return answer, None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _refuse_unstorable(text: str, answer: object) -> None:
    json.dumps(answer, ensure_ascii=False).encode()  # a lone surrogate is a UnicodeEncodeError
    if _NUL.search(text):
        raise ValueError("a NUL in a text")


_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_json: Final = json.JSONDecoder(parse_constant=_refuse_constant)

_REFUSALS: Final[dict[int, type[Refused]]] = {
    401: NotAuthenticated,
    404: NotFound,
    429: TooManyRequests,
}
# Believed on their status alone: anything between us and the gateway may send them, and what to
# do is the same. Any other 4xx must come in the gateway's own words to count as its "no".
_PLAIN: Final = frozenset({401, 429})


def failed(operation: str, status: int, failure: Failure | None) -> GatewayError:
    """The error of the tree for an answer that is a failure, with what the gateway said of it."""
    kind: type[GatewayError]
    meant = _meant(status, failure)
    if 500 <= meant < 600:
        kind, reason = ServerFailed, "the gateway failed"
    elif 400 <= meant < 500 and (failure or meant in _PLAIN):
        kind, reason = _REFUSALS.get(meant, InvalidRequest), "refused"
    else:
        kind, reason = Unintelligible, "not an answer of the gateway"
    told = failure or Failure()
    return kind(
        operation,
        reason,
        http_status=status,
        codes=tuple(redact_text(code) for code in told.codes),
        messages=tuple(redact_text(message) for message in told.messages),
        fingerprint=redact_text(told.fingerprint) if told.fingerprint else None,
    )


def _meant(status: int, failure: Failure | None) -> int:
    """HTTP's status, but that of a 2xx gives way to the gateway's number where that could be one.

    Any other number is a plain "no": which numbers there are is not documented.
    """
    if not 200 <= status < 300 or failure is None or failure.number is None:
        return status
    return failure.number if 400 <= failure.number < 600 else 400
