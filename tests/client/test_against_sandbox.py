"""The adapter and the sandbox, each written from the document, understand one another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from jibit_client.errors import (
    ConnectionLost,
    CredentialsRefused,
    GatewayError,
    InvalidRequest,
    NotFound,
    ServerFailed,
    TimedOut,
    TooManyRequests,
    Unintelligible,
)
from jibit_client.gateway import Inquiry, InquiryStatus, PaymentRequest, VerificationStatus
from jibit_client.ppg import PpgGateway
from jibit_client.ppg.messages import CreateOrderRequest
from jibit_client.ppg.vocabulary import Currency
from jibit_client.tokens import MemoryTokenStore
from jibit_client.wallet import WalletGateway
from jibit_sandbox.testing import SandboxWorld, running_sandbox
from tests.client.conftest import Connect
from tests.client.wires import PPG, WALLET, AnyGateway, Wire
from tests.rig.clock import MovingClock

SPAN = timedelta(hours=1)
both = pytest.mark.parametrize("wire", [PPG, WALLET], ids=lambda wire: wire.name)
references = count(1)
worlds = count(1)


@pytest.fixture(scope="session")
def bank() -> Iterator[SandboxWorld]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def world(bank: SandboxWorld) -> SandboxWorld:
    """A world that no other test has seen."""
    return bank.world(f"adapter-{next(worlds)}")


@pytest.fixture
def of_world(world: SandboxWorld, wire: Wire) -> dict[str, Any]:
    """What a gateway needs in order to be a merchant of this world."""
    return wire.in_world(world)


@pytest.fixture
def gateway(connect: Connect, of_world: dict[str, Any]) -> AnyGateway:
    return connect(**of_world)


@pytest.fixture
def of_wallet(world: SandboxWorld, clock: MovingClock) -> Iterator[WalletGateway]:
    """The wallet of the same world."""
    store = MemoryTokenStore(clock.now)
    gateway = WalletGateway.connect(**WALLET.in_world(world), token_store=store, clock=clock.now)
    yield gateway
    gateway.close()


def request(amount_rials: int = 200_000, **changed: Any) -> PaymentRequest:
    return PaymentRequest(
        **{
            "reference_number": f"reference-{next(references)}",
            "amount_rials": amount_rials,
            "callback_url": "https://merchant.ir/callback?ours=1",
            "user_identifier": "09121234567",
        }
        | changed
    )


def parameters(callback_url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(callback_url).query))


def calls(world: SandboxWorld, operation: str) -> int:
    return len(world.requests_seen(operation=operation))


def sought(gateway: PpgGateway, reference: str, clock: MovingClock) -> Inquiry | None:
    return gateway.find(reference, since=clock.now() - SPAN, until=clock.now() + SPAN)


@both
def test_a_purchase_from_create_to_captured(
    world: SandboxWorld, gateway: AnyGateway, wire: Wire
) -> None:
    asked = request()
    opened = gateway.open(asked)
    assert gateway.inquire(opened.order_identifier).status is wire.unpaid
    claim = gateway.read_callback(parameters(world.pay(opened.switching_url)))
    assert claim.order_identifier == opened.order_identifier
    assert claim.said == wire.claims_paid
    paid = gateway.inquire(opened.order_identifier)
    assert paid.status is wire.paid
    assert paid.reference_number == asked.reference_number
    assert (paid.amount_rials, paid.currency) == (200_000, "RIALS")
    assert gateway.verify(opened.order_identifier).status is VerificationStatus.SUCCESSFUL
    assert gateway.inquire(opened.order_identifier).status is wire.captured
    assert world.order(opened.order_identifier)["state"] == "captured"


def test_a_card_payment_tells_its_amount_at_once_and_its_card_at_last(
    world: SandboxWorld, gateway: PpgGateway
) -> None:
    opened = gateway.open(request())
    claim = gateway.read_callback(parameters(world.pay(opened.switching_url)))
    assert claim.amount_rials == 200_000
    card = gateway.inquire(opened.order_identifier).payer_card
    assert card is not None
    assert "******" in card


def test_a_wallet_payment_tells_its_tracking_number_once_it_is_paid(
    world: SandboxWorld, of_wallet: WalletGateway
) -> None:
    asked = request()
    opened = of_wallet.open(asked)
    assert of_wallet.inquire(opened.order_identifier).tracking_number is None
    world.pay(opened.switching_url)
    tracking_number = of_wallet.inquire(opened.order_identifier).tracking_number
    verification = of_wallet.verify(opened.order_identifier)
    assert tracking_number is not None
    assert verification.tracking_number == tracking_number
    assert verification.reference_number == asked.reference_number
    assert verification.amount_rials == 200_000


@pytest.mark.parametrize("shape", ["flat", "enveloped", "both"])
def test_the_wallets_inquiry_is_read_in_every_shape(
    world: SandboxWorld, of_wallet: WalletGateway, shape: str
) -> None:
    world.switch(wallet_inquiry=shape)
    opened = of_wallet.open(request())
    world.pay(opened.switching_url)
    assert of_wallet.inquire(opened.order_identifier).said == "PURCHASE_BY_USER"


def test_the_wallet_refuses_to_verify_what_nobody_paid(
    world: SandboxWorld, of_wallet: WalletGateway
) -> None:
    opened = of_wallet.open(request())
    assert of_wallet.verify(opened.order_identifier).status is VerificationStatus.FAILED
    assert of_wallet.inquire(opened.order_identifier).status is InquiryStatus.UNPAID
    world.pay(opened.switching_url)
    assert of_wallet.verify(opened.order_identifier).status is VerificationStatus.SUCCESSFUL


def test_a_shopper_who_cancels_at_the_wallet(world: SandboxWorld, of_wallet: WalletGateway) -> None:
    opened = of_wallet.open(request())
    claim = of_wallet.read_callback(parameters(world.cancel(opened.switching_url)))
    assert claim.said == "CANCEL_BY_USER"
    assert of_wallet.inquire(opened.order_identifier).status is InquiryStatus.FAILED
    assert of_wallet.verify(opened.order_identifier).status is VerificationStatus.FAILED


@pytest.mark.parametrize("how", ["decline", "cancel"])
def test_a_shopper_who_does_not_pay(world: SandboxWorld, gateway: PpgGateway, how: str) -> None:
    opened = gateway.open(request())
    claim = gateway.read_callback(parameters(getattr(world, how)(opened.switching_url)))
    assert claim.said == "FAILED"
    assert gateway.inquire(opened.order_identifier).status is InquiryStatus.FAILED
    assert gateway.verify(opened.order_identifier).status is VerificationStatus.FAILED


@both
def test_an_order_that_nobody_verifies_expires(world: SandboxWorld, gateway: AnyGateway) -> None:
    world.clock.freeze()
    opened = gateway.open(request())
    world.pay_and_vanish(opened.switching_url)
    expires_at = gateway.inquire(opened.order_identifier).expires_at
    assert expires_at in (None, world.clock.now() + timedelta(minutes=15))
    world.clock.advance(901)
    assert gateway.inquire(opened.order_identifier).status is InquiryStatus.EXPIRED
    assert gateway.verify(opened.order_identifier).status is VerificationStatus.FAILED


def test_toman_on_the_wire_are_rials_in_the_shop(world: SandboxWorld, gateway: PpgGateway) -> None:
    created = gateway.client.create(
        CreateOrderRequest(
            amount=20_000,
            currency=Currency.TOMAN,
            reference_number="toman-1",
            user_identifier="09121234567",
            callback_url="https://merchant.ir/callback",
            description="دو کتاب",
            additional_data='{"a": 1}',
        )
    )
    claim = gateway.read_callback(parameters(world.pay(created.psp_switching_url)))
    inquiry = gateway.inquire(created.order_identifier)
    assert (inquiry.amount_rials, inquiry.currency) == (200_000, "TOMAN")
    assert claim.amount_rials == 200_000
    order = gateway.client.inquire(created.order_identifier)
    assert (order.description, order.additional_data) == ("دو کتاب", '{"a": 1}')
    assert order.user_identifier == "09121234567"
    assert order.init_payer_ip == "127.0.0.1"


def test_a_forced_card_and_a_national_code_are_accepted(gateway: PpgGateway) -> None:
    opened = gateway.open(
        request(
            national_code="0499370899",
            payer_card_number="6037991234561234",
            force_payer_card_number=True,
        )
    )
    assert gateway.client.inquire(opened.order_identifier).national_code == "0499370899"


def test_refusals_come_in_the_shoppers_language_with_a_fingerprint_that_can_be_found(
    world: SandboxWorld, gateway: PpgGateway
) -> None:
    said = {}
    for language in ("fa", "en"):
        with pytest.raises(InvalidRequest) as caught:
            gateway.open(request(99, language=language))
        assert caught.value.codes == ("order_create.amount.positive",)
        assert caught.value.http_status == 400
        assert caught.value.fingerprint is not None
        assert len(world.requests_seen(fingerprint=caught.value.fingerprint)) == 1
        said[language] = caught.value.messages
    assert said["fa"] != said["en"]


@pytest.mark.parametrize(("wire", "codes"), [(PPG, ("order.not_found",)), (WALLET, ("404",))])
def test_an_order_of_nobody_is_not_found(gateway: AnyGateway, codes: tuple[str, ...]) -> None:
    for ask in (gateway.inquire, gateway.verify):
        with pytest.raises(NotFound) as caught:
            ask("0aaaaaa0")
        assert caught.value.codes == codes


def test_a_create_whose_answer_is_lost_is_found_in_the_list(
    world: SandboxWorld, gateway: PpgGateway, clock: MovingClock
) -> None:
    gateway.open(request())
    asked = request()
    world.behave("reset_after_commit", operation="create")
    with pytest.raises(ConnectionLost):
        gateway.open(asked)
    assert calls(world, "create") == 2
    orphan = sought(gateway, asked.reference_number, clock)
    assert orphan is not None
    assert orphan.reference_number == asked.reference_number
    assert sought(gateway, "never-sent", clock) is None


@both
def test_a_verify_whose_answer_is_lost_has_captured_the_money(
    world: SandboxWorld, gateway: AnyGateway, wire: Wire
) -> None:
    opened = gateway.open(request())
    world.pay(opened.switching_url)
    world.behave("reset_after_commit", operation="verify")
    with pytest.raises(ConnectionLost):
        gateway.verify(opened.order_identifier)
    assert calls(world, "verify") == 1
    assert gateway.inquire(opened.order_identifier).status is wire.captured


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("reset", ConnectionLost),
        ("reset_after_commit", ConnectionLost),
        ("truncated_body", ConnectionLost),
        ("error_500", ServerFailed),
        ("error_500_after_commit", ServerFailed),
        ("bad_gateway", ServerFailed),
        ("bad_gateway_after_commit", ServerFailed),
        ("too_many_requests", TooManyRequests),
        ("redirect", Unintelligible),
        ("truncated_json", Unintelligible),
        ("json_list", Unintelligible),
    ],
)
@pytest.mark.parametrize(
    ("wire", "operation"),
    [
        *((PPG, operation) for operation in ("create", "verify", "inquiry", "list")),
        *((WALLET, operation) for operation in ("create", "verify", "inquiry")),
    ],
)
def test_every_failure_has_its_place_in_the_tree_and_is_met_once(
    world: SandboxWorld,
    gateway: AnyGateway,
    behaviour: str,
    error: type[GatewayError],
    operation: str,
) -> None:
    opened = gateway.open(request())
    world.pay(opened.switching_url)
    identifier = opened.order_identifier
    before = calls(world, operation)
    world.behave(behaviour, operation=operation)
    with pytest.raises(GatewayError) as caught:
        {
            "create": lambda: gateway.open(request()),
            "verify": lambda: gateway.verify(identifier),
            "inquiry": lambda: gateway.inquire(identifier),
            "list": lambda: gateway.client.orders(),
        }[operation]()
    assert type(caught.value) is error
    assert caught.value.operation == operation
    assert calls(world, operation) == before + 1


@pytest.mark.parametrize("behaviour", ["wrong_types", "no_fields"])
def test_fields_of_wrong_types_are_unintelligible(
    world: SandboxWorld, gateway: PpgGateway, behaviour: str
) -> None:
    identifier = gateway.open(request()).order_identifier
    world.behave(behaviour, times=4)
    for ask in (gateway.inquire, gateway.verify, lambda _: gateway.open(request())):
        with pytest.raises(Unintelligible):
            ask(identifier)
    page = gateway.client.orders()
    assert (page.elements, len(page.unreadable)) == ((), 2)


@both
def test_a_gateway_that_hangs_after_the_capture_times_out(
    world: SandboxWorld,
    gateway: AnyGateway,
    wire: Wire,
    impatient: Connect,
    of_world: dict[str, Any],
) -> None:
    opened = gateway.open(request())
    world.pay(opened.switching_url)
    world.behave("hang_after_commit", operation="verify")
    with pytest.raises(TimedOut):
        impatient(**of_world).verify(opened.order_identifier)
    world.wait_until_held()
    world.release()
    assert gateway.inquire(opened.order_identifier).status is wire.captured


def test_words_that_the_document_does_not_have_survive(
    world: SandboxWorld, gateway: PpgGateway
) -> None:
    identifier = gateway.open(request()).order_identifier
    world.behave("unknown_status", operation="inquiry")
    world.behave("unknown_status", operation="verify")
    inquiry, verification = gateway.inquire(identifier), gateway.verify(identifier)
    assert (inquiry.status, inquiry.said) == (InquiryStatus.UNRECOGNISED, "TELEPORTED")
    assert verification.status is VerificationStatus.UNRECOGNISED
    world.behave("extra_fields", operation="inquiry")
    assert set(gateway.inquire(identifier).raw) > set(inquiry.raw)


def test_unknown_is_told_as_unknown(world: SandboxWorld, gateway: PpgGateway) -> None:
    opened = gateway.open(request())
    world.pay(opened.switching_url)
    world.behave("verify_unknown_after_commit", operation="verify")
    world.behave("inquiry_unknown", operation="inquiry")
    assert gateway.verify(opened.order_identifier).status is VerificationStatus.UNKNOWN
    assert gateway.inquire(opened.order_identifier).status is InquiryStatus.UNKNOWN
    assert gateway.inquire(opened.order_identifier).status is InquiryStatus.SUCCESS


def test_another_amount_currency_or_reference_is_given_as_it_is_told(
    world: SandboxWorld, gateway: PpgGateway
) -> None:
    identifier = gateway.open(request()).order_identifier
    world.behave("inquiry_other_amount", operation="inquiry", amount=1000)
    assert gateway.inquire(identifier).amount_rials == 1000
    world.behave("inquiry_other_currency", operation="inquiry")
    assert gateway.inquire(identifier).currency == "TOMAN"
    world.behave("inquiry_other_reference", operation="inquiry")
    assert gateway.inquire(identifier).reference_number == "SOMEBODY-ELSES"


@pytest.mark.parametrize("first_page", [0, 1])
@pytest.mark.parametrize("total_spelling", ["both", "documented", "correct"])
def test_the_list_is_walked_whatever_its_first_page_and_its_spelling(
    world: SandboxWorld,
    gateway: PpgGateway,
    clock: MovingClock,
    first_page: int,
    total_spelling: str,
) -> None:
    world.switch(first_page=first_page, total_spelling=total_spelling)
    opened = {gateway.open(request()).order_identifier for _ in range(7)}
    span = (clock.now() - SPAN, clock.now() + SPAN)
    walked = [order.id for order in gateway.client.orders_between(*span, size=3)]
    assert (len(walked), set(walked)) == (7, opened)
    assert calls(world, "list") == 3
    page = gateway.client.orders(size=3)
    assert (page.number_of_elements, page.size, page.has_next) == (7, 3, True)


def test_orders_made_while_the_list_is_walked_make_none_appear_twice(
    gateway: PpgGateway, clock: MovingClock
) -> None:
    opened = [gateway.open(request()).order_identifier for _ in range(6)]
    walked = []
    for order in gateway.client.orders_between(clock.now() - SPAN, clock.now() + SPAN, size=2):
        walked.append(order.id)
        if len(walked) in (1, 3):
            gateway.open(request())  # the newest stands first: all others move on
    assert len(walked) == len(set(walked))
    assert set(opened) <= set(walked)


def test_a_duplicate_in_the_list_is_given_once(
    world: SandboxWorld, gateway: PpgGateway, clock: MovingClock
) -> None:
    opened = {gateway.open(request()).order_identifier for _ in range(3)}
    world.behave("list_duplicate", operation="list", times=None)
    walked = list(gateway.client.orders_between(clock.now() - SPAN, clock.now() + SPAN))
    assert sorted(order.id for order in walked) == sorted(opened)


def test_the_list_is_filtered_by_status_and_time(
    world: SandboxWorld, gateway: PpgGateway, clock: MovingClock
) -> None:
    opened = gateway.open(request())
    world.decline(opened.switching_url)
    gateway.open(request())
    failed = gateway.client.orders(status="FAILED")
    assert [order.id for order in failed.elements] == [opened.order_identifier]
    assert gateway.client.orders(until=clock.now() - SPAN).elements == ()
    assert len(gateway.client.orders(since=clock.now() - SPAN).elements) == 2


@both
@pytest.mark.parametrize(
    ("behaviour", "refreshes", "generates"), [("token_expired", 1, 1), ("token_revoked", 1, 2)]
)
def test_a_dead_token_is_replaced_and_the_order_created_once(
    world: SandboxWorld, gateway: AnyGateway, behaviour: str, refreshes: int, generates: int
) -> None:
    gateway.open(request())
    world.behave(behaviour, operation="create")
    gateway.open(request())
    gateway.open(request())
    assert (calls(world, "refresh"), calls(world, "generate")) == (refreshes, generates)
    assert len(world.orders()) == 3


@both
def test_a_refused_refresh_falls_back_to_generate(world: SandboxWorld, gateway: AnyGateway) -> None:
    gateway.open(request())
    world.behave("token_expired", operation="create")
    world.behave("refresh_refused")
    gateway.open(request())
    assert (calls(world, "refresh"), calls(world, "generate")) == (1, 2)


@both
def test_a_refresh_whose_answer_is_lost_falls_back_to_generate(
    world: SandboxWorld, gateway: AnyGateway
) -> None:
    gateway.open(request())
    world.behave("token_expired", operation="create")
    world.behave("reset_after_commit", operation="refresh")  # the old pair is dead, the new unknown
    gateway.open(request())
    assert (calls(world, "refresh"), calls(world, "generate")) == (1, 2)


@both
def test_refused_credentials_stop_everything(
    world: SandboxWorld, connect: Connect, of_world: dict[str, Any], wire: Wire
) -> None:
    gateway = connect(**of_world | {wire.secret: "somebody-elses"})
    for _ in range(3):
        with pytest.raises(CredentialsRefused):
            gateway.open(request())
    assert world.orders() == []


@both
def test_a_day_later_the_worker_has_refreshed_and_the_shop_noticed(
    world: SandboxWorld, connect: Connect, of_world: dict[str, Any], clock: MovingClock
) -> None:
    clock.followed_by(world.clock.advance)
    store = MemoryTokenStore(clock.now)
    worker, shop = (connect(**of_world, token_store=store) for _ in range(2))
    shop.open(request())
    for _ in range(8):
        clock.advance(20 * 3600)
        assert worker.keep_fresh() is True
        shop.open(request())
    assert (calls(world, "generate"), calls(world, "refresh")) == (1, 8)
    assert calls(world, "create") == 9  # no call met a dead token


@both
def test_a_shop_that_slept_until_its_refresh_token_died_wakes_up_by_itself(
    world: SandboxWorld, gateway: AnyGateway, wire: Wire, clock: MovingClock
) -> None:
    clock.followed_by(world.clock.advance)
    gateway.open(request())
    clock.advance((wire.refresh_lives_hours + 1) * 3600)
    gateway.open(request())
    assert calls(world, "generate") == 2


@both
def test_a_gateway_whose_clock_runs_ahead_costs_one_renewal(
    world: SandboxWorld, gateway: AnyGateway
) -> None:
    gateway.open(request())
    world.clock.advance(25 * 3600)
    gateway.open(request())
    assert (calls(world, "refresh"), calls(world, "generate")) == (1, 1)


@both
def test_sixteen_cold_threads_share_one_generate(
    world: SandboxWorld, connect: Connect, of_world: dict[str, Any]
) -> None:
    gateway = connect(**of_world, sleep=time.sleep)
    with ThreadPoolExecutor(16) as threads:
        opened = list(threads.map(lambda _: gateway.open(request()), range(16)))
    assert len({each.order_identifier for each in opened}) == 16
    assert calls(world, "generate") == 1
