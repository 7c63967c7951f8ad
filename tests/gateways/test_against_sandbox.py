"""The bindings and the sandbox, each written from the document, understand one another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from jibit_sandbox.core.callback import Callback
from jibit_sandbox.testing import SandboxWorld, running_sandbox
from payment_engine.errors import NoAnswer
from payment_engine.gateway import InquiryStatus, PaymentRequest, VerificationStatus
from payment_engine.gateways.jibit_ppg import JibitPpg
from payment_engine.gateways.jibit_wallet import JibitWallet
from testkit.clock import MovingClock
from tests.gateways.bindings import AnyGateway, Binding, everyone, of_wallet
from tests.gateways.conftest import Connect

SPAN = timedelta(hours=1)
references = count(1)
worlds = count(1)


@pytest.fixture(scope="session")
def bank() -> Iterator[SandboxWorld]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def world(bank: SandboxWorld) -> SandboxWorld:
    """A world that no other test has seen."""
    return bank.world(f"binding-{next(worlds)}")


@pytest.fixture
def gateway(connect: Connect, world: SandboxWorld, binding: Binding) -> AnyGateway:
    return connect(**binding.wire.in_world(world))


def request(amount_rials: int = 200_000, **changed: Any) -> PaymentRequest:
    return PaymentRequest(
        f"reference-{next(references)}",
        amount_rials,
        "https://merchant.ir/callback?ours=1",
        "09121234567",
        **changed,
    )


def parameters(callback_url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(callback_url).query))


def brought(callback: Callback) -> dict[str, str]:
    """What the browser brings, in its address and in its form."""
    return parameters(callback.url) | dict(callback.form or {})


@everyone
def test_a_purchase_from_create_to_captured(
    world: SandboxWorld, gateway: AnyGateway, binding: Binding
) -> None:
    asked = request()
    opened = gateway.open(asked)
    assert opened.reference == asked.reference
    assert gateway.inquire(opened.gateway_payment_id).status is binding.unpaid
    claim = gateway.read_callback(brought(world.callback(opened.redirect_url)))
    assert claim.gateway_payment_id == opened.gateway_payment_id
    assert (claim.said, claim.claims_success) == (binding.claims_paid, True)
    paid = gateway.inquire(opened.gateway_payment_id)
    assert paid.status is binding.paid
    assert paid.reference == asked.reference
    assert (paid.amount_rials, paid.currency) == (200_000, "RIALS")
    assert gateway.verify(opened.gateway_payment_id).status is VerificationStatus.SUCCESSFUL
    assert gateway.inquire(opened.gateway_payment_id).status is binding.captured
    assert world.order(opened.gateway_payment_id)["state"] == "captured"


def test_a_card_payment_tells_its_amount_at_once_and_its_card_at_last(
    world: SandboxWorld, gateway: JibitPpg
) -> None:
    opened = gateway.open(request())
    claim = gateway.read_callback(parameters(world.pay(opened.redirect_url)))
    assert claim.amount_rials == 200_000
    card = gateway.inquire(opened.gateway_payment_id).payer_card
    assert card is not None
    assert "******" in card


@of_wallet
def test_a_wallet_payment_tells_its_tracking_number_once_it_is_paid(
    world: SandboxWorld, gateway: JibitWallet
) -> None:
    asked = request()
    opened = gateway.open(asked)
    assert gateway.inquire(opened.gateway_payment_id).tracking_number is None
    world.pay(opened.redirect_url)
    tracking_number = gateway.inquire(opened.gateway_payment_id).tracking_number
    verification = gateway.verify(opened.gateway_payment_id)
    assert tracking_number is not None
    assert verification.tracking_number == tracking_number
    assert verification.reference == asked.reference
    assert verification.amount_rials == 200_000


@of_wallet
def test_the_wallet_refuses_to_verify_what_nobody_paid(
    world: SandboxWorld, gateway: JibitWallet
) -> None:
    opened = gateway.open(request())
    assert gateway.verify(opened.gateway_payment_id).status is VerificationStatus.FAILED
    assert gateway.inquire(opened.gateway_payment_id).status is InquiryStatus.UNPAID
    world.pay(opened.redirect_url)
    assert gateway.verify(opened.gateway_payment_id).status is VerificationStatus.SUCCESSFUL


@of_wallet
def test_a_payer_who_cancels_at_the_wallet(world: SandboxWorld, gateway: JibitWallet) -> None:
    opened = gateway.open(request())
    claim = gateway.read_callback(parameters(world.cancel(opened.redirect_url)))
    assert (claim.said, claim.claims_success) == ("CANCEL_BY_USER", False)
    assert gateway.inquire(opened.gateway_payment_id).status is InquiryStatus.FAILED
    assert gateway.verify(opened.gateway_payment_id).status is VerificationStatus.FAILED


@pytest.mark.parametrize("how", ["decline", "cancel"])
def test_a_payer_who_does_not_pay(world: SandboxWorld, gateway: JibitPpg, how: str) -> None:
    opened = gateway.open(request())
    claim = gateway.read_callback(parameters(getattr(world, how)(opened.redirect_url)))
    assert (claim.said, claim.claims_success) == ("FAILED", False)
    assert gateway.inquire(opened.gateway_payment_id).status is InquiryStatus.FAILED
    assert gateway.verify(opened.gateway_payment_id).status is VerificationStatus.FAILED


@everyone
def test_an_order_that_nobody_verifies_expires(world: SandboxWorld, gateway: AnyGateway) -> None:
    world.clock.freeze()
    opened = gateway.open(request())
    world.pay_and_vanish(opened.redirect_url)
    expires_at = gateway.inquire(opened.gateway_payment_id).expires_at
    assert expires_at in (None, world.clock.now() + timedelta(minutes=15))
    world.clock.advance(901)
    assert gateway.inquire(opened.gateway_payment_id).status is InquiryStatus.EXPIRED
    assert gateway.verify(opened.gateway_payment_id).status is VerificationStatus.FAILED


def test_a_national_code_reaches_the_gateway(gateway: JibitPpg) -> None:
    opened = gateway.open(request(national_code="0499370899"))
    assert gateway.client.inquire(opened.gateway_payment_id).national_code == "0499370899"


def test_a_create_whose_answer_is_lost_is_found_in_the_list(
    world: SandboxWorld, gateway: JibitPpg, clock: MovingClock
) -> None:
    gateway.open(request())
    asked = request()
    world.behave("reset_after_commit", operation="create")
    with pytest.raises(NoAnswer):
        gateway.open(asked)
    assert len(world.requests_seen(operation="create")) == 2
    span = {"since": clock.now() - SPAN, "until": clock.now() + SPAN}
    orphan = gateway.find(asked.reference, **span)
    assert orphan is not None
    assert orphan.reference == asked.reference
    assert gateway.find("never-sent", **span) is None


def test_the_list_gives_each_payment_of_a_span_once(gateway: JibitPpg, clock: MovingClock) -> None:
    opened = {gateway.open(request()).gateway_payment_id for _ in range(3)}
    rows = list(gateway.payments_between(clock.now() - SPAN, clock.now() + SPAN))
    assert [row.gateway_payment_id for row in rows if row.gateway_payment_id not in opened] == []
    assert len(rows) == 3
