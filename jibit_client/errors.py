"""Define the exceptions of all calls: one small tree in which "no answer" and "no" are two classes.

::

    GatewayError
    ├── NoAnswer               the outcome is unknown: never assume failure, never repeat blindly
    │   ├── NotConnected       the request never left, for want of a connection or of a token:
    │   │                      nothing happened at the gateway
    │   ├── TimedOut           sent, but no answer in time
    │   ├── ConnectionLost     the connection broke before the whole answer was here
    │   ├── Unintelligible     an answer arrived that is not in the document's words (HTML, broken
    │   │                      JSON, wrong types, a redirect, a 4xx without the documented envelope,
    │   │                      an answer to another question) or is neither yes nor no (408, 425)
    │   └── ServerFailed       a 5xx: the gateway itself does not know
    ├── Refused                the gateway received the request and said no (4xx with its envelope)
    │   ├── InvalidRequest     400, 405, 406, 415 and any other 4xx
    │   ├── NotAuthenticated   401, also after one renewal; with or without an envelope
    │   │   └── CredentialsRefused   the credentials themselves: stop and tell a person
    │   ├── NotFound           404
    │   └── TooManyRequests    429, with or without an envelope
    └── CannotBeKnown          this gateway has no call that could tell; nothing was sent

Source: PPG v2.4, "Error Handling Mechanism". The wallet may say no inside a 200 as well: the
number of its envelope is then read as if it were the status. In PPG v3 some codes decide the class
of a 4xx, whatever its number: ``....not_found``, ``too_many_requests``, and those that reject the
token.
"""

from __future__ import annotations

from typing import Any


class GatewayError(Exception):
    """Carry the facts of a failed call: its name and what the gateway said.

    Attributes:
        operation: the call's name, e.g. ``"create"``.
        http_status: the HTTP status; None when no answer came, or when its fields are at fault.
        codes: the envelope's codes, in its order; empty when there was no envelope.
        messages: the envelope's messages, in the language that was asked for.
        fingerprint: the envelope's name for this failure, to be quoted to the gateway's support.
        retry_after: the seconds of the header ``Retry-After``; None without one.
    """

    def __init__(
        self,
        operation: str,
        reason: str,
        *,
        http_status: int | None = None,
        codes: tuple[str, ...] = (),
        messages: tuple[str, ...] = (),
        fingerprint: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.operation = operation
        self.reason = reason
        self.http_status = http_status
        self.codes = codes
        self.messages = messages
        self.fingerprint = fingerprint
        self.retry_after = retry_after
        super().__init__(self._sentence())

    def __reduce__(self) -> tuple[object, ...]:
        """Copy and pickle with every fact; BaseException would call us with the sentence alone."""
        facts = dict(self.__dict__)
        return _rebuilt, (type(self), facts.pop("operation"), facts.pop("reason"), facts)

    def _sentence(self) -> str:
        facts = [
            f"HTTP {self.http_status}" if self.http_status else "",
            ", ".join(self.codes),
            f"fingerprint {self.fingerprint}" if self.fingerprint else "",
        ]
        told = "; ".join(fact for fact in facts if fact)
        return f"{self.operation}: {self.reason}" + (f" ({told})" if told else "")


def _rebuilt(
    kind: type[GatewayError], operation: str, reason: str, facts: dict[str, Any]
) -> GatewayError:
    return kind(operation, reason, **facts)


class NoAnswer(GatewayError):
    """Raised when the outcome is unknown."""


class NotConnected(NoAnswer):
    """Raised when no connection, or no token, could be had: the request was never sent."""


class TimedOut(NoAnswer):
    """Raised when no complete answer came within the read timeout."""


class ConnectionLost(NoAnswer):
    """Raised when the connection broke before the complete answer had arrived."""


class Unintelligible(NoAnswer):
    """Raised when an answer does not follow the gateway's document."""


class ServerFailed(NoAnswer):
    """Raised for a 5xx: the gateway itself does not know what became of the request."""


class Refused(GatewayError):
    """Raised when the gateway received the request and said no."""


class InvalidRequest(Refused):
    """Raised for a faulty request: any 4xx without a class of its own."""


class NotAuthenticated(Refused):
    """Raised for a 401, after the tokens were renewed once."""


class CredentialsRefused(NotAuthenticated):
    """Raised when the merchant's credentials are refused: no retry helps, a person must look."""


class NotFound(Refused):
    """Raised for a 404: no such order, merchant or address."""


class TooManyRequests(Refused):
    """Raised for a 429: send fewer requests."""


class CannotBeKnown(GatewayError):
    """Raised when the gateway has no call that could tell; nothing was sent."""
