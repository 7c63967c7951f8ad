"""The adapter and the sandbox, each written from the document, understand one another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from jibit_client import InitiateRequest, PpgClient, WalletClient
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
from jibit_client.ppg.messages import CallbackParameters, CreateOrderRequest
from jibit_client.ppg.vocabulary import Currency
from jibit_client.tokens import MemoryTokenStore
from jibit_sandbox.testing import SandboxWorld, running_sandbox
from testkit.cases import naming
from testkit.clock import MovingClock
from tests.client.wires import PPG, WALLET, Wire

AnyClient = PpgClient | WalletClient  # the sandbox speaks their gateways
Connect = Callable[..., AnyClient]

CALLBACK = "https://merchant.ir/callback?ours=1"
SPAN = timedelta(hours=1)
both = pytest.mark.parametrize("wire", [PPG, WALLET], ids=lambda wire: wire.name)
CAPTURED = {"ppg": "SUCCESS", "wallet": "PURCHASE_CONFIRM_BY_MERCHANT"}
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
    """What a client needs in order to be a merchant of this world."""
    return wire.in_world(world)


@pytest.fixture
def client(connect: Connect, of_world: dict[str, Any]) -> AnyClient:
    return connect(**of_world)


@dataclass(frozen=True)
class Opened:
    """An order that a client of either kind has created."""

    order_identifier: str
    switching_url: str
    reference_number: str


def create(client: AnyClient, amount: int = 200_000, language: str = "fa") -> Opened:
    """Create an order whose reference no other test uses."""
    sent = (amount, f"reference-{next(references)}", "09121234567", CALLBACK)
    if isinstance(client, PpgClient):
        card = client.create(CreateOrderRequest(*sent), language=language)
        return Opened(card.order_identifier, card.psp_switching_url, card.reference_number)
    wallet = client.initiate(InitiateRequest(*sent), language=language)
    return Opened(wallet.order_id, wallet.redirect_url, wallet.merchant_order_id)


def parameters(callback_url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(callback_url).query))


def ask(client: AnyClient, operation: str, identifier: str) -> object:
    """Make the call of this name, about this order where it is about one."""
    if operation == "create":
        return create(client)
    if isinstance(client, PpgClient) and operation == "list":
        return client.orders()
    return {"verify": client.verify, "inquiry": client.inquire}[operation](identifier)


def calls(world: SandboxWorld, operation: str) -> int:
    return len(world.requests_seen(operation=operation))


@both
def test_a_purchase_from_create_to_captured(
    world: SandboxWorld, client: AnyClient, wire: Wire
) -> None:
    opened = create(client)
    assert client.inquire(opened.order_identifier).said in ("IN_PROGRESS", "INITIAL")
    claim = parameters(world.pay(opened.switching_url))
    assert opened.order_identifier in claim.values()
    paid = client.inquire(opened.order_identifier)
    assert paid.said in ("IN_PROGRESS", "PURCHASE_BY_USER")
    assert paid.amount == 200_000
    client.verify(opened.order_identifier)
    assert client.inquire(opened.order_identifier).said == CAPTURED[wire.name]
    assert world.order(opened.order_identifier)["state"] == "captured"


@pytest.mark.parametrize("wire", [WALLET], ids=["wallet"])
@pytest.mark.parametrize("shape", ["flat", "enveloped", "both"])
def test_the_wallets_inquiry_is_read_in_every_shape(
    world: SandboxWorld, client: WalletClient, shape: str
) -> None:
    world.switch(wallet_inquiry=shape)
    opened = create(client)
    world.pay(opened.switching_url)
    assert client.inquire(opened.order_identifier).said == "PURCHASE_BY_USER"


def test_toman_on_the_wire_are_rials_in_the_shop(world: SandboxWorld, client: PpgClient) -> None:
    created = client.create(
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
    claim = CallbackParameters.read(parameters(world.pay(created.psp_switching_url)))
    inquiry = client.inquire(created.order_identifier)
    assert (inquiry.amount_rials, inquiry.currency) == (200_000, Currency.TOMAN)
    assert claim.amount == 200_000
    order = client.inquire(created.order_identifier)
    assert (order.description, order.additional_data) == ("دو کتاب", '{"a": 1}')
    assert order.user_identifier == "09121234567"
    assert order.init_payer_ip == "127.0.0.1"


def test_a_forced_card_and_a_national_code_are_accepted(client: PpgClient) -> None:
    order = CreateOrderRequest(
        200_000,
        "forced-1",
        "09121234567",
        CALLBACK,
        payer_card_number="6037991234561234",
        force_payer_card_number=True,
        national_code="0499370899",
    )
    opened = client.create(order)
    assert client.inquire(opened.order_identifier).national_code == "0499370899"


def test_refusals_come_in_the_shoppers_language_with_a_fingerprint_that_can_be_found(
    world: SandboxWorld, client: PpgClient
) -> None:
    said = {}
    for language in ("fa", "en"):
        with pytest.raises(InvalidRequest) as caught:
            create(client, 99, language)
        assert caught.value.codes == ("order_create.amount.positive",)
        assert caught.value.http_status == 400
        assert caught.value.fingerprint is not None
        assert len(world.requests_seen(fingerprint=caught.value.fingerprint)) == 1
        said[language] = caught.value.messages
    assert said["fa"] != said["en"]


@pytest.mark.parametrize(("wire", "codes"), [(PPG, ("order.not_found",)), (WALLET, ("404",))])
def test_an_order_of_nobody_is_not_found(client: AnyClient, codes: tuple[str, ...]) -> None:
    for ask in (client.inquire, client.verify):
        with pytest.raises(NotFound) as caught:
            ask("0aaaaaa0")
        assert caught.value.codes == codes


@both
def test_a_verify_whose_answer_is_lost_has_captured_the_money(
    world: SandboxWorld, client: AnyClient, wire: Wire
) -> None:
    opened = create(client)
    world.pay(opened.switching_url)
    world.behave("reset_after_commit", operation="verify")
    with pytest.raises(ConnectionLost):
        client.verify(opened.order_identifier)
    assert calls(world, "verify") == 1
    assert client.inquire(opened.order_identifier).said == CAPTURED[wire.name]


@pytest.mark.one_case_in(4)
@pytest.mark.parametrize(
    ("wire", "operation"),
    [
        *((PPG, operation) for operation in ("create", "verify", "inquiry", "list")),
        *((WALLET, operation) for operation in ("create", "verify", "inquiry")),
    ],
)
def test_every_failure_has_its_place_in_the_tree_and_is_met_once(
    world: SandboxWorld, client: AnyClient, operation: str
) -> None:
    for behaviour, error in (
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
    ):
        with naming(behaviour, error):
            opened = create(client)
            world.pay(opened.switching_url)
            before = calls(world, operation)
            world.behave(behaviour, operation=operation)
            with pytest.raises(GatewayError) as caught:
                ask(client, operation, opened.order_identifier)
            assert type(caught.value) is error
            assert caught.value.operation == operation
            assert calls(world, operation) == before + 1


@pytest.mark.parametrize("behaviour", ["wrong_types", "no_fields"])
def test_fields_of_wrong_types_are_unintelligible(
    world: SandboxWorld, client: PpgClient, behaviour: str
) -> None:
    identifier = create(client).order_identifier
    world.behave(behaviour, times=4)
    for ask in (client.inquire, client.verify, lambda _: create(client)):
        with pytest.raises(Unintelligible):
            ask(identifier)
    page = client.orders()
    assert (page.elements, len(page.unreadable)) == ((), 2)


@both
def test_a_gateway_that_hangs_after_the_capture_times_out(
    world: SandboxWorld,
    client: AnyClient,
    wire: Wire,
    impatient: Connect,
    of_world: dict[str, Any],
) -> None:
    opened = create(client)
    world.pay(opened.switching_url)
    world.behave("hang_after_commit", operation="verify")
    with pytest.raises(TimedOut):
        impatient(**of_world).verify(opened.order_identifier)
    world.wait_until_held()
    world.release()
    assert client.inquire(opened.order_identifier).said == CAPTURED[wire.name]


@pytest.mark.long
@pytest.mark.parametrize("first_page", [0, 1])
@pytest.mark.parametrize("total_spelling", ["both", "documented", "correct"])
def test_the_list_is_walked_whatever_its_first_page_and_its_spelling(
    world: SandboxWorld,
    client: PpgClient,
    clock: MovingClock,
    first_page: int,
    total_spelling: str,
) -> None:
    world.switch(first_page=first_page, total_spelling=total_spelling)
    opened = {create(client).order_identifier for _ in range(7)}
    span = (clock.now() - SPAN, clock.now() + SPAN)
    walked = [order.id for order in client.orders_between(*span, size=3)]
    assert (len(walked), set(walked)) == (7, opened)
    assert calls(world, "list") == 3
    page = client.orders(size=3)
    assert (page.number_of_elements, page.size, page.has_next) == (7, 3, True)


def test_orders_made_while_the_list_is_walked_make_none_appear_twice(
    client: PpgClient, clock: MovingClock
) -> None:
    opened = [create(client).order_identifier for _ in range(6)]
    walked = []
    for order in client.orders_between(clock.now() - SPAN, clock.now() + SPAN, size=2):
        walked.append(order.id)
        if len(walked) in (1, 3):
            create(client)  # the newest stands first: all others move on
    assert len(walked) == len(set(walked))
    assert set(opened) <= set(walked)


def test_a_duplicate_in_the_list_is_given_once(
    world: SandboxWorld, client: PpgClient, clock: MovingClock
) -> None:
    opened = {create(client).order_identifier for _ in range(3)}
    world.behave("list_duplicate", operation="list", times=None)
    walked = list(client.orders_between(clock.now() - SPAN, clock.now() + SPAN))
    assert sorted(order.id for order in walked) == sorted(opened)


def test_the_list_is_filtered_by_status_and_time(
    world: SandboxWorld, client: PpgClient, clock: MovingClock
) -> None:
    opened = create(client)
    world.decline(opened.switching_url)
    create(client)
    failed = client.orders(status="FAILED")
    assert [order.id for order in failed.elements] == [opened.order_identifier]
    assert client.orders(until=clock.now() - SPAN).elements == ()
    assert len(client.orders(since=clock.now() - SPAN).elements) == 2


@both
@pytest.mark.parametrize(
    ("behaviour", "refreshes", "generates"), [("token_expired", 1, 1), ("token_revoked", 1, 2)]
)
def test_a_dead_token_is_replaced_and_the_order_created_once(
    world: SandboxWorld, client: AnyClient, behaviour: str, refreshes: int, generates: int
) -> None:
    create(client)
    world.behave(behaviour, operation="create")
    create(client)
    create(client)
    assert (calls(world, "refresh"), calls(world, "generate")) == (refreshes, generates)
    assert len(world.orders()) == 3


@both
def test_a_refused_refresh_falls_back_to_generate(world: SandboxWorld, client: AnyClient) -> None:
    create(client)
    world.behave("token_expired", operation="create")
    world.behave("refresh_refused")
    create(client)
    assert (calls(world, "refresh"), calls(world, "generate")) == (1, 2)


@both
def test_a_refresh_whose_answer_is_lost_falls_back_to_generate(
    world: SandboxWorld, client: AnyClient
) -> None:
    create(client)
    world.behave("token_expired", operation="create")
    world.behave("reset_after_commit", operation="refresh")  # the old pair is dead, the new unknown
    create(client)
    assert (calls(world, "refresh"), calls(world, "generate")) == (1, 2)


@both
def test_refused_credentials_stop_everything(
    world: SandboxWorld, connect: Connect, of_world: dict[str, Any], wire: Wire
) -> None:
    client = connect(**of_world | {wire.secret: "somebody-elses"})
    for _ in range(3):
        with pytest.raises(CredentialsRefused):
            create(client)
    assert world.orders() == []


@both
def test_a_day_later_the_worker_has_refreshed_and_the_shop_noticed(
    world: SandboxWorld, connect: Connect, of_world: dict[str, Any], clock: MovingClock
) -> None:
    clock.followed_by(world.clock.advance)
    store = MemoryTokenStore(clock.now)
    worker, shop = (connect(**of_world, token_store=store) for _ in range(2))
    create(shop)
    for _ in range(8):
        clock.advance(20 * 3600)
        assert worker.keep_fresh() is True
        create(shop)
    assert (calls(world, "generate"), calls(world, "refresh")) == (1, 8)
    assert calls(world, "create") == 9  # no call met a dead token


@both
def test_a_shop_that_slept_until_its_refresh_token_died_wakes_up_by_itself(
    world: SandboxWorld, client: AnyClient, wire: Wire, clock: MovingClock
) -> None:
    clock.followed_by(world.clock.advance)
    create(client)
    clock.advance((wire.refresh_lives_hours + 1) * 3600)
    create(client)
    assert calls(world, "generate") == 2


@both
def test_a_gateway_whose_clock_runs_ahead_costs_one_renewal(
    world: SandboxWorld, client: AnyClient
) -> None:
    create(client)
    world.clock.advance(25 * 3600)
    create(client)
    assert (calls(world, "refresh"), calls(world, "generate")) == (1, 1)


@both
def test_sixteen_cold_threads_share_one_generate(
    world: SandboxWorld, connect: Connect, of_world: dict[str, Any]
) -> None:
    client = connect(**of_world, sleep=time.sleep)
    with ThreadPoolExecutor(16) as threads:
        opened = list(threads.map(lambda _: create(client), range(16)))
    assert len({each.order_identifier for each in opened}) == 16
    assert calls(world, "generate") == 1
