"""The decision table, cell by cell: what a payment is, given what the gateway said."""

from __future__ import annotations

import itertools

import pytest

from payment_engine.decision import verdict
from payment_engine.gateway import InquiryStatus, VerificationStatus
from payment_engine.states import PaymentState
from testkit.cases import naming

S, F, E = InquiryStatus.SUCCESS, InquiryStatus.FAILED, InquiryStatus.EXPIRED
P, U, X = InquiryStatus.IN_PROGRESS, InquiryStatus.UNKNOWN, InquiryStatus.UNRECOGNISED
N, W = InquiryStatus.UNPAID, InquiryStatus.AWAITING_VERIFICATION
C, R = InquiryStatus.CAPTURED, InquiryStatus.REVERSED
SILENCE = None

# One row for each answer to the verification, one letter for each latest inquiry:
# paid, failed, expired, returned, a(waiting payer), d(oubt).
INQUIRIES = (P, S, F, E, U, X, SILENCE, N, W, C, R)
TABLE = {
    VerificationStatus.SUCCESSFUL: "p p p p p p p p p p p",
    VerificationStatus.FAILED: "a d f e d d d a d p r",
    VerificationStatus.UNKNOWN: "d d f e d d d d d p r",
    VerificationStatus.UNRECOGNISED: "d d f e d d d d d p r",
    SILENCE: "d d f e d d d a d p r",
}
LETTERS = {
    "p": PaymentState.PAID,
    "f": PaymentState.FAILED,
    "e": PaymentState.EXPIRED,
    "r": PaymentState.RETURNED,
    "a": PaymentState.AWAITING_PAYER,
    "d": PaymentState.IN_DOUBT,
}
CELLS = [
    (inquiry, verification, LETTERS[letter])
    for verification, row in TABLE.items()
    for inquiry, letter in zip(INQUIRIES, row.split(), strict=True)
]


def test_each_cell_of_the_table() -> None:
    for inquiry, verification, state in CELLS:
        with naming(inquiry, verification, state):
            assert verdict(inquiry, verification) is state


def test_the_table_has_a_cell_for_every_pair_of_answers() -> None:
    pairs = set(itertools.product([*InquiryStatus, None], [*VerificationStatus, None]))
    assert {(inquiry, verification) for inquiry, verification, _ in CELLS} == pairs


@pytest.mark.parametrize("inquiry", [P, N])
def test_a_failed_verification_frees_nothing_while_an_earlier_one_is_unanswered(
    inquiry: InquiryStatus,
) -> None:
    state = verdict(inquiry, VerificationStatus.FAILED, unanswered=True)
    assert state is PaymentState.IN_DOUBT


def test_success_means_captured_only_once_settled_and_while_a_verification_is_unanswered() -> None:
    for verification in (*VerificationStatus, None):
        for unanswered in (True, False):
            for settled in (True, False):
                with naming(verification, unanswered, settled):
                    paid = verification is VerificationStatus.SUCCESSFUL or (unanswered and settled)
                    state = verdict(S, verification, unanswered=unanswered, settled=settled)
                    assert state is (PaymentState.PAID if paid else PaymentState.IN_DOUBT)


def test_nothing_but_success_is_believed_for_being_late() -> None:
    for inquiry in (P, W, U, X, SILENCE):
        with naming(inquiry):
            assert verdict(inquiry, None, unanswered=True, settled=True) is PaymentState.IN_DOUBT
