"""The client and the sandbox of PPG v3, each written from the sheet, understand one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from jibit_client.errors import (
    CredentialsRefused,
    GatewayError,
    InvalidRequest,
    NoAnswer,
    NotFound,
    TooManyRequests,
)
from jibit_client.ppg_v3.callback import CallbackParameters
from jibit_client.ppg_v3.client import PpgV3Client
from jibit_client.ppg_v3.creation import CreatePurchaseRequest, CreatePurchaseResponse
from jibit_client.ppg_v3.histories import HistoryFilter
from jibit_client.ppg_v3.outcomes import VerifyResponse
from jibit_client.ppg_v3.refunds import RefundRequest
from jibit_client.ppg_v3.vocabulary import (
    CallbackStatus,
    HealthStatus,
    PurchaseState,
    ReverseStatus,
    TransferState,
    VerifyStatus,
)
from jibit_sandbox.testing import SandboxWorld, running_sandbox
from testkit.clock import MovingClock
from tests.client.wires import PPG_V3, Wire

Connect = Callable[..., PpgV3Client]
AMOUNT, WAGE = 250_000, 10_000
references, worlds = count(1), count(1)


@pytest.fixture
def wire() -> Wire:
    return PPG_V3


@pytest.fixture(scope="module")
def bank() -> Iterator[SandboxWorld]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def world(bank: SandboxWorld, clock: MovingClock) -> SandboxWorld:
    """A world that no other test has seen; it may refuse nothing but what a test asks for."""
    world = bank.world(f"v3-client-{next(worlds)}")
    world.clock.freeze(clock.now())
    clock.followed_by(world.clock.advance)
    world.switch(v3_refund=True, v3_reverse=True)
    return world


@pytest.fixture
def client(connect: Connect, world: SandboxWorld) -> PpgV3Client:
    return connect(**PPG_V3.in_world(world))


def request(**fields: Any) -> CreatePurchaseRequest:
    usual: dict[str, Any] = {
        "amount_rials": AMOUNT,
        "wage_rials": WAGE,
        "client_reference_number": f"R-{next(references)}",
        "callback_url": "https://merchant.ir/callback?ours=1",
        "additional_data": {"بسته": 1},
    }
    return CreatePurchaseRequest(**(usual | fields))


def paid(world: SandboxWorld, client: PpgV3Client, **fields: Any) -> CreatePurchaseResponse:
    """A purchase whose payer has paid."""
    opened = client.create(request(**fields))
    world.callback(opened.psp_switching_url)
    return opened


def captured(world: SandboxWorld, client: PpgV3Client, **fields: Any) -> str:
    """The id of a purchase that was paid and verified."""
    opened = paid(world, client, **fields)
    assert client.verify(opened.purchase_id).status is VerifyStatus.SUCCESSFUL
    return opened.purchase_id


@pytest.mark.parametrize("empty", ["absent", "null"])
def test_a_purchase_from_create_to_captured(
    world: SandboxWorld, client: PpgV3Client, empty: str
) -> None:
    world.switch(v3_empty_fields=empty)
    asked = request()
    opened = client.create(asked)
    assert opened.psp_switching_url == client.payment_url(opened.purchase_id)
    assert client.inquire(opened.purchase_id).state is PurchaseState.IN_PROGRESS
    assert client.verify(opened.purchase_id).status is VerifyStatus.NOT_VERIFIABLE
    sent = world.callback(opened.psp_switching_url)
    assert sent.url == asked.callback_url
    claim = CallbackParameters.read(sent.form or {})
    assert (claim.purchase_id, claim.status) == (opened.purchase_id, CallbackStatus.SUCCESSFUL)
    assert (claim.amount_rials, claim.wage_rials) == (AMOUNT, WAGE)
    ready = client.inquire(opened.purchase_id)
    assert ready.state is PurchaseState.READY_TO_VERIFY
    assert (ready.amount_rials, ready.wage_rials) == (AMOUNT, WAGE)
    assert ready.psp_masked_card_number == claim.payer_masked_card_number is not None
    assert ready.psp_rrn == claim.psp_rrn is not None
    assert client.verify(opened.purchase_id).status is VerifyStatus.SUCCESSFUL
    done = client.inquire(opened.purchase_id)
    assert (done.state, done.odd_fields) == (PurchaseState.SUCCESS, ())
    assert done.additional_data == '{"بسته": 1}'


@pytest.mark.parametrize("form", ["status", "error"])
def test_both_forms_of_an_outcome_are_one(
    world: SandboxWorld, client: PpgV3Client, form: str
) -> None:
    world.switch(v3_repeated=form, v3_invalid_state=form)
    purchase_id = captured(world, client)
    assert client.verify(purchase_id).status is VerifyStatus.ALREADY_VERIFIED
    unpaid = client.create(request()).purchase_id
    assert client.verify(unpaid).status is VerifyStatus.NOT_VERIFIABLE
    assert client.reverse(unpaid).status is ReverseStatus.NOT_REVERSIBLE
    assert client.reverse(purchase_id).status is ReverseStatus.SUCCESSFUL
    assert client.reverse(purchase_id).status is ReverseStatus.ALREADY_REVERSED
    assert client.inquire(purchase_id).state is PurchaseState.REVERSED


def test_a_lost_create_is_sent_once_more_and_found_by_its_reference(
    world: SandboxWorld, client: PpgV3Client
) -> None:
    asked = request()
    world.behave("reset_after_commit", operation="create")
    with pytest.raises(NoAnswer):
        client.create(asked)
    with pytest.raises(InvalidRequest) as refused:
        client.create(asked)
    assert refused.value.codes == ("clientReferenceNumber.duplicated",)
    found = client.inquire_by_reference(asked.client_reference_number)
    world.callback(client.payment_url(found.purchase_id))
    assert client.verify(found.purchase_id).status is VerifyStatus.SUCCESSFUL


@pytest.mark.parametrize("behaviour", ["reset_after_commit", "error_500_after_commit"])
def test_a_lost_verification_is_known_when_it_is_asked_again(
    world: SandboxWorld, client: PpgV3Client, behaviour: str
) -> None:
    opened = paid(world, client)
    world.behave(behaviour, operation="verify")
    with pytest.raises(NoAnswer):
        client.verify(opened.purchase_id)
    assert client.inquire(opened.purchase_id).state is PurchaseState.SUCCESS
    assert client.verify(opened.purchase_id).status is VerifyStatus.ALREADY_VERIFIED


def test_who_cancels_has_failed_and_who_does_nothing_expires(
    world: SandboxWorld, client: PpgV3Client, clock: MovingClock
) -> None:
    cancelled, left = client.create(request()), client.create(request())
    claim = CallbackParameters.read(
        world.callback(cancelled.psp_switching_url, "cancel").form or {}
    )
    assert (claim.status, claim.fail_reason) == (CallbackStatus.FAILED, "CANCELLED_BY_USER")
    assert client.inquire(cancelled.purchase_id).state is PurchaseState.FAILED
    clock.advance(15 * 60 + 1)
    assert client.inquire(left.purchase_id).state is PurchaseState.EXPIRED


def test_a_captured_purchase_is_refunded_in_parts(
    world: SandboxWorld, client: PpgV3Client, clock: MovingClock
) -> None:
    purchase_id = captured(world, client)
    first = client.refund(RefundRequest(purchase_id, amount_rials=100_000))
    assert (first.refund_id, first.partial_refund_index) == (purchase_id, 1)
    with pytest.raises(InvalidRequest) as refused:
        client.refund(RefundRequest(purchase_id, amount_rials=AMOUNT + WAGE))
    assert refused.value.codes == ("transfers.0.amount.exceeded_maximum_for_normal",)
    client.refund(RefundRequest(purchase_id))
    clock.advance(2 * 3600)
    inquiry = client.refund_inquiry(purchase_id)
    assert [each.state for each in inquiry.transfers] == [TransferState.TRANSFERRED] * 2
    assert sum(each.amount_rials for each in inquiry.transfers) == AMOUNT + WAGE
    assert inquiry.refunded_amount_rials == AMOUNT + WAGE
    purchase = client.inquire(purchase_id)
    assert (purchase.state, purchase.refunded) == (PurchaseState.SUCCESS, True)
    assert purchase.refundable_amount_rials == 0


def test_a_refund_is_cancelled_begun_early_confirmed_and_tried_again(
    world: SandboxWorld, client: PpgV3Client, clock: MovingClock
) -> None:
    cancelled, hurried, confirmed, failed = (captured(world, client) for _ in range(4))
    for purchase_id in (cancelled, hurried):
        client.refund(RefundRequest(purchase_id, cancellable=True))
    client.cancel_refund(cancelled)
    client.ignore_cancellable(hurried)
    world.switch(v3_refund_verification=True)
    client.refund(RefundRequest(confirmed))
    (waiting,) = client.refund_inquiry(confirmed).transfers
    assert waiting.state is TransferState.ON_HOLD_WAIT_FOR_VERIFY
    client.verify_refund(confirmed)
    world.switch(v3_refund_verification=False)
    client.refund(RefundRequest(failed))
    world.halt_refund(failed, "FAILED")
    client.retry_refund(failed)
    clock.advance(2 * 3600)
    states = [
        client.refund_inquiry(each).transfers[-1].state
        for each in (cancelled, hurried, confirmed, failed)
    ]
    assert states == [TransferState.CANCELLED, *[TransferState.TRANSFERRED] * 3]


def test_what_was_over_and_is_not_is_seen_in_histories_and_list(
    world: SandboxWorld, client: PpgV3Client, clock: MovingClock
) -> None:
    world.switch(v3_wide_histories=True)
    since = clock.now()
    opened = client.create(request())
    clock.advance(3600)
    assert client.inquire(opened.purchase_id).state is PurchaseState.EXPIRED
    world.contradict(opened.purchase_id, "MANUALLY_SUCCESS")
    assert client.inquire(opened.purchase_id).state is PurchaseState.MANUALLY_SUCCESS
    span = HistoryFilter(
        since, clock.now() + timedelta(minutes=1), statuses=(PurchaseState.MANUALLY_SUCCESS,)
    )
    (change,) = client.histories(span).elements
    assert (change.purchase_id, change.new_state) == (
        opened.purchase_id,
        PurchaseState.MANUALLY_SUCCESS,
    )


def test_the_list_is_walked_to_its_end(client: PpgV3Client, clock: MovingClock) -> None:
    made = {client.create(request()).purchase_id for _ in range(7)}
    since, until = clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=1)
    walked = list(client.purchases_between(since, until, size=3))
    assert sorted(each.purchase_id for each in walked) == sorted(made)


def test_the_reports_are_read(world: SandboxWorld, client: PpgV3Client) -> None:
    captured(world, client)
    assert {each.balance_type for each in client.balances().balances} >= {"WLT", "STL"}
    assert client.terminals().elements
    assert client.health().status is HealthStatus.UP
    assert client.fee(AMOUNT) > 0
    assert client.settlements().page_number == 1


@pytest.mark.parametrize("status", [400, 401])
def test_wrong_keys_are_refused_whatever_the_status(
    world: SandboxWorld, connect: Connect, status: int
) -> None:
    world.switch(v3_bad_credentials=status)
    stranger = connect(**PPG_V3.in_world(world) | {"secret_key": "of somebody else"})
    with pytest.raises(CredentialsRefused):
        stranger.create(request())


def test_a_revoked_token_is_renewed_once_and_the_call_repeated_once(
    world: SandboxWorld, client: PpgV3Client
) -> None:
    opened = paid(world, client)
    world.behave("token_revoked", operation="verify")
    assert client.verify(opened.purchase_id).status is VerifyStatus.SUCCESSFUL
    assert len(world.requests_seen(operation="verify")) == 2


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [("too_many_requests", TooManyRequests), ("error_500", NoAnswer), ("truncated_json", NoAnswer)],
)
def test_trouble_has_its_class(
    world: SandboxWorld, client: PpgV3Client, behaviour: str, expected: type[GatewayError]
) -> None:
    opened = paid(world, client)
    world.behave(behaviour, operation="inquiry")
    with pytest.raises(expected):
        client.inquire(opened.purchase_id)


def test_nobody_sees_the_purchases_of_another_merchant(
    bank: SandboxWorld, world: SandboxWorld, client: PpgV3Client, connect: Connect
) -> None:
    opened = paid(world, client)
    other = connect(**PPG_V3.in_world(bank.world(f"v3-other-{next(worlds)}")))
    with pytest.raises(NotFound):
        other.inquire(opened.purchase_id)
    with pytest.raises(NotFound):
        other.verify(opened.purchase_id)


def test_a_switched_off_feature_refuses_in_words(world: SandboxWorld, client: PpgV3Client) -> None:
    purchase_id = captured(world, client)
    world.switch(v3_refund=False, v3_reverse=False)
    with pytest.raises(InvalidRequest) as refund:
        client.refund(RefundRequest(purchase_id))
    with pytest.raises(InvalidRequest) as reverse:
        client.reverse(purchase_id)
    assert refund.value.codes == ("refund.not_supported",)
    assert reverse.value.codes == ("reverse.is_not_enabled",)


def test_a_verification_is_no_amount(world: SandboxWorld, client: PpgV3Client) -> None:
    opened = paid(world, client)
    answer = client.verify(opened.purchase_id)
    assert isinstance(answer, VerifyResponse)
    assert answer.raw == {"status": "SUCCESSFUL"}
