"""Map HTTP responses and transport errors to decoded JSON or to exceptions of ``errors``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from http.client import HTTPException, RemoteDisconnected
from typing import Final, NamedTuple, NoReturn

import requests
from urllib3.exceptions import DecodeError, NewConnectionError, ReadTimeoutError

from .bounds import (
    LONGEST_CODE,
    LONGEST_FINGERPRINT,
    LONGEST_MESSAGE,
    LONGEST_RETRY_AFTER,
    MOST_ERRORS,
)
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
from .redaction import HIDDEN, redact_text

MAX_BODY_BYTES: Final = 1024 * 1024
_LONGEST_NUMBER: Final = 32  # a card or mobile number, separators included, is shorter


class Failure(NamedTuple):
    """Hold what a gateway's error envelope says.

    ``number`` is for a gateway that may report a failure with a 2xx: it marks the answer as one.
    ``meant`` is for a gateway whose codes tell more than its 4xx: the status that they amount to.
    """

    codes: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    fingerprint: str | None = None
    number: int | None = None
    meant: int | None = None


FailureReader = Callable[[object], Failure | None]  # None: not the gateway's envelope


def texts_among(values: Iterable[object]) -> tuple[str, ...]:
    """Return as texts the texts and integers among an envelope's codes or messages."""
    return tuple(str(value) for value in values if value and type(value) in (str, int))


def read_errors(answer: object) -> Failure | None:
    """Read ``{"fingerprint": ..., "errors": [{"code": ..., "message": ...}]}``; None if it is not.

    The envelope of both PPGs: section "Error Handling Mechanism" of v2.4.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("errors"), list):
        return None
    errors = [error for error in answer["errors"] if isinstance(error, dict)]
    fingerprint = answer.get("fingerprint")
    return Failure(
        codes=texts_among(error.get("code") for error in errors),
        messages=texts_among(error.get("message") for error in errors),
        fingerprint=fingerprint if isinstance(fingerprint, str) else None,
    )


def no_answer(operation: str, error: Exception) -> tuple[NoAnswer, BaseException]:
    """Return the exception for what requests or urllib3 raised, and the cause to chain to it.

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
    """Return whether the response's head is not HTTP; requests raises for the head only."""
    return (
        isinstance(error, requests.RequestException)
        and isinstance(cause, HTTPException)
        and not isinstance(cause, RemoteDisconnected)
    )


def decode(body: bytes) -> tuple[object, str | None]:
    """Return the decoded body, or a complaint about it.

    A text may hold what no database stores, written as an escape: the readers of fields look for
    it, and redaction replaces it, so that a broken letter in a description costs only that.
    """
    if len(body) > MAX_BODY_BYTES:
        return None, f"the answer is longer than {MAX_BODY_BYTES} bytes"
    try:
        return _json.decode(body.decode("utf-8-sig")), None
    except (ValueError, RecursionError):
        return None, "the answer is not JSON" if body.strip() else "the answer is empty"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_json: Final = json.JSONDecoder(parse_constant=_refuse_constant)

_REFUSALS: Final[dict[int, type[Refused]]] = {
    401: NotAuthenticated,
    404: NotFound,
    429: TooManyRequests,
}
# Believed on their status alone: anything between us and the gateway may send them, and what to
# do is the same. Any other 4xx must come in the gateway's own words to count as its "no".
_PLAIN: Final = frozenset({401, 429})
# Somebody gave up waiting for the request, or wants it again: that is no "no", envelope or not.
_UNCLEAR: Final = frozenset({408, 425})


def failed(
    operation: str, status: int, failure: Failure | None, retry_after: str | None = None
) -> GatewayError:
    """Return the exception for a response that is a failure, with the gateway's codes and messages.

    They are masked, and bounded in number and length. Source: PPG v2.4, "Error Handling Mechanism".
    """
    kind: type[GatewayError]
    meant = _meant(status, failure)
    if status in _UNCLEAR:
        kind, reason = Unintelligible, "neither yes nor no"
    elif 500 <= meant < 600:
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
        codes=_kept(told.codes, LONGEST_CODE),
        messages=_kept(told.messages, LONGEST_MESSAGE),
        fingerprint=next(iter(_kept((told.fingerprint or "",), LONGEST_FINGERPRINT)), None),
        retry_after=seconds_of(retry_after),
    )


def seconds_of(header: str | None) -> int | None:
    """Return the seconds of a Retry-After; its other form, a date, needs two clocks that agree."""
    if header is None or not re.fullmatch("[0-9]{1,9}", header):
        return None
    return min(int(header), LONGEST_RETRY_AFTER)


def _kept(texts: tuple[str, ...], most: int) -> tuple[str, ...]:
    """Return the first texts, masked and cut to ``most`` characters each."""
    return tuple(_masked(text, most) for text in texts[:MOST_ERRORS] if text)


def _masked(text: str, most: int) -> str:
    """Mask and cut. A long text is cut before as well, since masking a mebibyte may take minutes;
    what that cut may have halved, so that no mask knows it, is cut off after the masking."""
    if len(text) <= most:
        return redact_text(text)[:most]
    return redact_text(text[: most + _LONGEST_NUMBER])[:-_LONGEST_NUMBER][:most] or HIDDEN


def _meant(status: int, failure: Failure | None) -> int:
    """Return the HTTP status; for a 2xx with an error number, that number if it could be a status.

    Any other number counts as 400: the wallet's document does not list its numbers. A 4xx that is
    not believed on its status alone is what its codes mean.
    """
    if failure and failure.meant and 400 <= status < 500 and status not in _PLAIN:
        return failure.meant
    if not 200 <= status < 300 or failure is None or failure.number is None:
        return status
    return failure.number if 400 <= failure.number < 600 else 400
