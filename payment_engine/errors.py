"""Define what can go wrong at a gateway: a tree in which "no answer" and "no" are two classes.

::

    GatewayError
    ├── NoAnswer               the outcome is unknown: never assume failure, never repeat blindly
    │   ├── NotSent            the request never left: nothing happened at the gateway
    │   │   └── NoTurn         others used the gateway all the while that this one waited
    │   └── Unreadable         an answer came that is not in the document's words
    ├── Refused                the gateway received the request and said no
    │   ├── NotExecuted        it did not authenticate us, so nothing was carried out
    │   │   └── CredentialsRefused   the merchant's credentials: a person must look
    │   ├── NotFound           it has no such payment
    │   └── TooManyRequests    slow down
    └── CannotBeKnown          this gateway has no call that could tell; nothing was sent

A :class:`~payment_engine.gateway.Gateway` raises these to the engine.
"""

from __future__ import annotations

from typing import Any

from payment_engine.bounds import LONGEST_CODE, LONGEST_FINGERPRINT, LONGEST_MESSAGE, MOST_ERRORS
from payment_engine.redaction import redact_text


class GatewayError(Exception):
    """Carry the facts that a person needs to follow a failed call up.

    Reason, codes and fingerprint are masked, cut and made printable here, since they may be in the
    gateway's words and end in a log line.

    Attributes:
        operation: the call, e.g. ``"create"``.
        reason: a sentence without secrets or personal data.
        kind: the name of the gateway's own error class, for the history; else this class's name.
        http_status: None when no answer came.
        codes: the gateway's own error codes.
        fingerprint: the gateway's own name for this failure, to be quoted to its support.
    """

    def __init__(
        self,
        operation: str,
        reason: str,
        *,
        kind: str | None = None,
        http_status: int | None = None,
        codes: tuple[str, ...] = (),
        fingerprint: str | None = None,
    ) -> None:
        self.operation = operation
        self.reason = _cut(reason, LONGEST_MESSAGE)
        self.kind = kind or type(self).__name__
        self.http_status = http_status
        self.codes = tuple(_cut(code, LONGEST_CODE) for code in codes[:MOST_ERRORS])
        self.fingerprint = _cut(fingerprint, LONGEST_FINGERPRINT) if fingerprint else None
        super().__init__(self._sentence())

    def __reduce__(self) -> tuple[object, ...]:
        """Copy and pickle with every fact; BaseException would pass the sentence alone."""
        facts = dict(self.__dict__)
        return _rebuilt, (type(self), facts.pop("operation"), facts.pop("reason"), facts)

    def facts(self) -> dict[str, Any]:
        """Return the error as the payment's history keeps it."""
        return {
            "answer": self.kind,
            "reason": self.reason,
            "http_status": self.http_status,
            "codes": list(self.codes),
            "fingerprint": self.fingerprint,
        }

    def _sentence(self) -> str:
        facts = [
            f"HTTP {self.http_status}" if self.http_status else "",
            ", ".join(self.codes),
            f"fingerprint {self.fingerprint}" if self.fingerprint else "",
        ]
        known = "; ".join(fact for fact in facts if fact)
        return f"{self.operation}: {self.reason}" + (f" ({known})" if known else "")


def _cut(word: str, most: int) -> str:
    return redact_text(word[: 2 * most])[:most]


def _rebuilt(
    error_class: type[GatewayError], operation: str, reason: str, facts: dict[str, Any]
) -> GatewayError:
    return error_class(operation, reason, **facts)


class NoAnswer(GatewayError):
    """Raised when the outcome is unknown: the call may have been carried out."""


class NotSent(NoAnswer):
    """Raised when the request was never sent, so that the gateway has not seen it."""


class NoTurn(NotSent):
    """Raised when others had the turn as long as this call could wait; ask again later.

    It tells nothing about the gateway.
    """


class Unreadable(NoAnswer):
    """Raised when an answer does not follow the gateway's document."""


class Refused(GatewayError):
    """Raised when the gateway received the request and said no."""


class NotExecuted(Refused):
    """Raised when the gateway did not authenticate us, so that it carried nothing out."""


class CredentialsRefused(NotExecuted):
    """Raised when the merchant's credentials are refused: no retry helps, a person must look."""


class NotFound(Refused):
    """Raised when the gateway has no such payment."""


class TooManyRequests(Refused):
    """Raised when the gateway wants fewer requests."""


class CannotBeKnown(GatewayError):
    """Raised when the gateway has no call that could tell, now or later; nothing was sent."""
