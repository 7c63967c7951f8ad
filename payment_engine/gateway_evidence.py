"""Gather what the gateway said about a payment this time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from payment_engine.errors import GatewayError, NotFound
from payment_engine.gateway import Inquiry, InquiryStatus, Verification, VerificationStatus


@dataclass(frozen=True, slots=True)
class GatewayEvidence:
    """Hold what the gateway said this time.

    ``inquiry`` and ``verification`` are None if there was no usable answer.

    Attributes:
        mismatches: names of the facts in which the inquiry differs from the payment.
        verified: a verification was sent.
        verification_answered: with a clear yes or no.
        errors: what went wrong on the way.
        rival_has_claim: nothing was verified, because another payment of the order has the claim.
        captured_by_itself: the gateway has captured the money, and nobody had asked for it.
        unwanted: that is money which the order cannot keep.
        asked_at: when the inquiry was sent.
    """

    inquiry: Inquiry | None = None
    mismatches: tuple[str, ...] = ()
    verified: bool = False
    verification: Verification | None = None
    verification_answered: bool = False
    errors: tuple[GatewayError, ...] = ()
    rival_has_claim: bool = False
    captured_by_itself: bool = False
    unwanted: bool = False
    asked_at: datetime | None = None

    @property
    def captured(self) -> bool:
        """Return whether the gateway has just captured the money."""
        return self.answer is VerificationStatus.SUCCESSFUL

    @property
    def not_found(self) -> bool:
        """Return whether the gateway said that it has no such payment, and nothing else."""
        return self.inquiry is None and any(isinstance(error, NotFound) for error in self.errors)

    @property
    def answer(self) -> VerificationStatus | None:
        """Return the status of the verification, None without an answer."""
        return self.verification.status if self.verification else None

    @property
    def odd_fields(self) -> list[str]:
        """Return the names of the fields that decide nothing and made no sense."""
        answers = (self.inquiry, self.verification)
        return list(dict.fromkeys(name for said in answers if said for name in said.odd_fields))

    @property
    def tracking_number(self) -> str | None:
        """Return what the payer may quote to the gateway's support, if it was given."""
        answers = (self.verification, self.inquiry)
        return next(
            (said.tracking_number for said in answers if said and said.tracking_number), None
        )

    def same_price(self, other: GatewayEvidence) -> bool:
        """Return whether both inquiries name the same amount and differ in the same facts."""
        ours, theirs = self.inquiry, other.inquiry
        if ours is None or theirs is None or self.mismatches != other.mismatches:
            return False
        return ours.amount_rials == theirs.amount_rials

    def _why_failed(self) -> dict[str, Any]:
        """Return the gateway's reason for a payment that failed, if it gave one."""
        if self.inquiry is None or self.inquiry.status is not InquiryStatus.FAILED:
            return {}
        return {"fail_reason": self.inquiry.fail_reason, "fail_words": self.inquiry.fail_words}

    def facts(self) -> dict[str, Any]:
        """Return what the payment's history keeps of it."""
        facts: dict[str, Any] = {
            "inquiry": self.inquiry.said if self.inquiry else None,
            **self._why_failed(),
            "verification": self.answer,
            "differences": list(self.mismatches),
            "errors": [error.facts() for error in self.errors],
        }
        return {name: value for name, value in facts.items() if value}
