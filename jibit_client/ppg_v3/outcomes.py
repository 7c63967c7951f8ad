"""Read the answers to verify and reverse, each of which has two forms that mean the same.

The document has a status and an error code for the same outcome and does not say which one comes.
Here they are one result: ``said`` is the status or the code, word for word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

from ..bounds import LONGEST_WORD
from ..errors import Refused
from ..fields import recognised
from .fields import V3Fields
from .vocabulary import ReverseStatus, VerifyStatus

Raw = Mapping[str, object]
ResultT = TypeVar("ResultT", bound=StrEnum)

_VERIFY_CODES: Final = {
    "payment.already_verified": VerifyStatus.ALREADY_VERIFIED,
    "purchase.invalid_state": VerifyStatus.NOT_VERIFIABLE,
    "purchase.already_reversed": VerifyStatus.REVERSED,
}
_REVERSE_CODES: Final = {
    "purchase.already_reversed": ReverseStatus.ALREADY_REVERSED,
    "purchase.not_reversible": ReverseStatus.NOT_REVERSIBLE,
    "purchase.invalid_state": ReverseStatus.NOT_REVERSIBLE,
}


@dataclass(frozen=True, slots=True)
class VerifyResponse:
    """Hold the outcome of "Verify Purchase". It names no amount: inquire before you verify.

    ``raw`` is the answer; of a refusal, its fingerprint and codes.
    """

    status: VerifyStatus
    said: str
    raw: Raw = field(repr=False)

    @classmethod
    def read(cls, answer: object) -> VerifyResponse:
        """Read the answer."""
        said, raw = _status(V3Fields("verify", answer))
        return cls(recognised(VerifyStatus, said), said, raw)

    @classmethod
    def read_refusal(cls, refusal: Refused) -> VerifyResponse:
        """Read a refusal; raise it if its codes are not an outcome."""
        status, said = _outcome(refusal, _VERIFY_CODES)
        return cls(status, said, _told(refusal))


@dataclass(frozen=True, slots=True)
class ReverseResponse:
    """Hold the outcome of "Reverse Purchase". UNKNOWN must be sent again.

    ``raw`` is the answer; of a refusal, its fingerprint and codes.
    """

    status: ReverseStatus
    said: str
    raw: Raw = field(repr=False)

    @classmethod
    def read(cls, answer: object) -> ReverseResponse:
        """Read the answer."""
        said, raw = _status(V3Fields("reverse", answer))
        return cls(recognised(ReverseStatus, said), said, raw)

    @classmethod
    def read_refusal(cls, refusal: Refused) -> ReverseResponse:
        """Read a refusal; raise it if its codes are not an outcome."""
        status, said = _outcome(refusal, _REVERSE_CODES)
        return cls(status, said, _told(refusal))


def _status(fields: V3Fields) -> tuple[str, Raw]:
    return fields.word("status"), fields.raw


def _outcome(refusal: Refused, known: Mapping[str, ResultT]) -> tuple[ResultT, str]:
    """Return what all codes of a refusal agree on; raise it if they do not, or if one is new."""
    outcomes = {known.get(code) for code in refusal.codes}
    outcome = outcomes.pop() if len(outcomes) == 1 else None
    if outcome is None:
        raise refusal
    return outcome, refusal.codes[0][:LONGEST_WORD]


def _told(refusal: Refused) -> Raw:
    return {
        "fingerprint": refusal.fingerprint,
        "errors": [{"code": code} for code in refusal.codes],
    }
