"""The gateway for adopters' own tests does what it is told, once, and remembers every call."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from payment_engine.errors import NoAnswer, NotFound, Refused
from payment_engine.gateway import InquiryStatus, PaymentRequest, VerificationStatus
from payment_engine.testing import Call, ScriptedGateway

ASKED = PaymentRequest("ours", 1000, "https://shop.example/callback", "09121234567")
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def gateway() -> ScriptedGateway:
    return ScriptedGateway()


@pytest.fixture
def opened(gateway: ScriptedGateway) -> str:
    return gateway.open(ASKED).gateway_payment_id


def test_a_scripted_answer_is_given_once_and_in_turn(gateway: ScriptedGateway, opened: str) -> None:
    gateway.answer("inquire", InquiryStatus.UNKNOWN, NoAnswer("inquire", "silence"))
    assert gateway.inquire(opened).status is InquiryStatus.UNKNOWN
    with pytest.raises(NoAnswer):
        gateway.inquire(opened)
    assert gateway.inquire(opened).status is InquiryStatus.UNPAID


def test_a_scripted_error_happens_before_anything_else(
    gateway: ScriptedGateway, opened: str
) -> None:
    gateway.pay(opened)
    gateway.answer("verify", Refused("verify", "no"), VerificationStatus.UNKNOWN)
    with pytest.raises(Refused):
        gateway.verify(opened)
    assert gateway.verify(opened).status is VerificationStatus.UNKNOWN
    assert gateway.inquire(opened).status is InquiryStatus.AWAITING_VERIFICATION


def test_a_lost_answer_is_lost_after_the_deed(gateway: ScriptedGateway, opened: str) -> None:
    gateway.pay(opened)
    gateway.lose_answer("verify")
    with pytest.raises(NoAnswer):
        gateway.verify(opened)
    assert gateway.inquire(opened).status is InquiryStatus.CAPTURED
    gateway.lose_answer("open")
    with pytest.raises(NoAnswer):
        gateway.open(ASKED)
    assert len(gateway.rows) == 2


def test_the_payer_and_time_move_a_payment(gateway: ScriptedGateway, opened: str) -> None:
    assert gateway.verify(opened).status is VerificationStatus.FAILED
    callback = gateway.read_callback(gateway.decline(opened))
    assert (callback.gateway_payment_id, callback.claims_success) == (opened, False)
    gateway.expire(opened)
    gateway.change(opened, amount_rials=1)
    assert gateway.inquire(opened).amount_rials == 1
    assert gateway.inquire(opened).status is InquiryStatus.EXPIRED


def test_a_missing_row_is_missed(gateway: ScriptedGateway, opened: str) -> None:
    del gateway.rows[opened]
    with pytest.raises(NotFound):
        gateway.inquire(opened)
    assert gateway.find("ours", since=NOW, until=NOW) is None
    assert list(gateway.payments_between(NOW, NOW)) == []


def test_every_call_is_remembered(gateway: ScriptedGateway, opened: str) -> None:
    gateway.inquire(opened, language="en")
    assert gateway.calls == [Call("open", ASKED, "fa"), Call("inquire", opened, "en")]
    assert gateway.calls_of("open") == [Call("open", ASKED, "fa")]


def test_an_answer_of_the_wrong_kind_is_a_mistake_of_the_test(
    gateway: ScriptedGateway, opened: str
) -> None:
    gateway.answer("inquire", "paid")
    with pytest.raises(TypeError, match="scripted was 'paid'"):
        gateway.inquire(opened)


def test_tokens_are_fresh_unless_it_is_said_that_they_were_renewed(
    gateway: ScriptedGateway,
) -> None:
    gateway.answer("keep_fresh", True)
    assert [gateway.keep_fresh(), gateway.keep_fresh()] == [True, False]
