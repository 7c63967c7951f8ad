"""A binding uses the engine's tokens, clock and deadlines once it is attached, else its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from payment_engine.errors import CredentialsRefused
from payment_engine.gateway import Surroundings
from payment_engine.gateways.jibit_ppg import JibitPpg
from payment_engine.gateways.jibit_wallet import JibitWallet
from payment_engine.tokens import StoredRefusals, StoredTokens
from payment_engine.turns import Turns
from testkit.cases import naming
from testkit.clock import MovingClock
from tests.client.scripted import ScriptedServer
from tests.gateways.bindings import AnyGateway, Binding, everyone
from tests.gateways.conftest import Connect


class Tokens:
    """A token store of the engine in memory; ``leases`` counts those that were given."""

    def __init__(self) -> None:
        self.pair: StoredTokens | None = None
        self.refused: StoredRefusals | None = None
        self.leases = 0
        self.leased = False

    def read(self) -> StoredTokens | None:
        return self.pair

    def try_lease(self, seconds: float) -> int | None:
        assert seconds > 0
        if self.leased:
            return None
        self.leases, self.leased = self.leases + 1, True
        return self.leases

    def write(self, pair: StoredTokens, fence: int) -> bool:
        if fence == self.leases:
            self.pair, self.refused = pair, None
        return fence == self.leases

    def release(self, fence: int) -> None:
        self.leased = self.leased and fence != self.leases

    def refusals(self) -> StoredRefusals | None:
        return self.refused

    def note_refusal(self, until: datetime) -> None:
        self.refused = StoredRefusals(self.refused.count + 1 if self.refused else 1, until)


class AlwaysMyTurn(Turns):
    """Turns that nobody else takes."""

    def try_take(self, urgent: bool, seconds: float) -> int | None:  # noqa: ARG002
        return 1

    def release(self, fence: int) -> None:
        """Keep nothing."""


class Engine:
    """What an engine lends: a token store for each account, the test's clock, and a deadline."""

    def __init__(self, clock: MovingClock) -> None:
        self.stores: dict[str, Tokens] = {}
        self.deadline: datetime | None = None
        self.surroundings = Surroundings(
            tokens=lambda account: self.stores.setdefault(account, Tokens()),
            clock=clock.now,
            nearest_deadline=lambda: self.deadline,
            turns=lambda _: AlwaysMyTurn(),
        )

    @property
    def store(self) -> Tokens:
        """The one store that was asked for."""
        (store,) = self.stores.values()
        return store


Attached = Callable[..., AnyGateway]


@pytest.fixture
def engine(clock: MovingClock) -> Engine:
    return Engine(clock)


@pytest.fixture
def attached(connect: Connect, engine: Engine) -> Attached:
    def attach() -> AnyGateway:
        gateway = connect()
        gateway.attach(engine.surroundings)
        return gateway

    return attach


@everyone
def test_an_account_is_named_after_gateway_address_and_merchant(
    server: ScriptedServer, binding: Binding, attached: Attached, engine: Engine
) -> None:
    attached()
    merchant = next(iter(binding.wire.credentials.values()))
    text = f"{server.url}{binding.wire.base_path} {merchant}"
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    assert list(engine.stores) == [f"{binding.name}-{digest}"]


def test_a_stored_pair_of_today_is_found_under_its_account(engine: Engine) -> None:
    ppg = JibitPpg(base_url="https://api.jibit.ir/ppg/v2", api_key="k", secret_key="s")
    wallet = JibitWallet(base_url="https://pg.jibit.mobi", username="7746", password="p")
    for gateway in (ppg, wallet):
        gateway.attach(engine.surroundings)
        gateway.close()
    assert list(engine.stores) == ["ppg-13654f5a8b37", "wallet-c58ddc5986c2"]


def test_two_accounts_at_one_gateway_have_two_names(connect: Connect, engine: Engine) -> None:
    for name in ("books", "tickets"):
        gateway = connect(name=name)
        assert gateway.name == name
        gateway.attach(engine.surroundings)
    assert [account.partition("-")[0] for account in engine.stores] == ["books", "tickets"]


@everyone
def test_attached_gateways_share_one_pair(
    server: ScriptedServer, binding: Binding, attached: Attached, engine: Engine, clock: MovingClock
) -> None:
    server.on(binding.wire.inquiry, binding.wire.tells())
    for gateway in (attached(), attached()):
        gateway.inquire(binding.wire.identifier)
    assert len(server.asked(binding.wire.generate)) == 1
    assert engine.store.pair == StoredTokens("access-1", "refresh-1", clock.now())
    assert engine.store.leased is False


@everyone
def test_a_pair_in_the_engines_store_is_used_and_renewed_there(
    server: ScriptedServer, binding: Binding, attached: Attached, engine: Engine, clock: MovingClock
) -> None:
    gateway = attached()
    engine.store.pair = StoredTokens("access-1", "refresh-1", clock.now())
    server.on(binding.wire.refresh, binding.wire.tokens(2))
    assert gateway.keep_fresh() is False
    clock.advance(20 * 3600)
    assert gateway.keep_fresh() is True
    assert server.asked(binding.wire.generate) == []
    assert server.asked(binding.wire.refresh)[0].body == binding.wire.refresh_body(1)
    assert engine.store.pair == StoredTokens("access-2", "refresh-2", clock.now())


@everyone
def test_refused_credentials_pause_every_attached_gateway(
    server: ScriptedServer, binding: Binding, attached: Attached, engine: Engine, clock: MovingClock
) -> None:
    server.on(binding.wire.generate, binding.wire.refuses(401))
    for gateway in (attached(), attached()):
        with pytest.raises(CredentialsRefused):
            gateway.keep_fresh()
    assert len(server.asked(binding.wire.generate)) == 1
    assert engine.store.refused == StoredRefusals(1, clock.now() + timedelta(seconds=1))
    clock.advance(1)
    server.on(binding.wire.generate, binding.wire.tokens(1))
    assert attached().keep_fresh() is True
    assert engine.store.refused is None


def test_the_pause_ends_in_time_for_the_engines_nearest_deadline(
    attached: Attached, server: ScriptedServer, binding: Binding, engine: Engine, clock: MovingClock
) -> None:
    gateway = attached()
    server.on(binding.wire.generate, binding.wire.refuses(401))
    engine.store.refused = StoredRefusals(6, clock.now())
    engine.deadline = clock.now() + timedelta(seconds=40)
    with pytest.raises(CredentialsRefused):
        gateway.keep_fresh()
    assert engine.store.refused == StoredRefusals(7, clock.now() + timedelta(seconds=10))


@everyone
def test_a_gateway_that_is_not_attached_keeps_its_tokens_in_memory(
    server: ScriptedServer, binding: Binding, gateway: AnyGateway
) -> None:
    server.on(binding.wire.inquiry, binding.wire.tells())
    for _ in range(2):
        assert gateway.inquire(binding.wire.identifier).status is binding.paid
    assert len(server.asked(binding.wire.generate)) == 1


@everyone
def test_a_gateway_has_the_names_that_payers_and_payments_know(
    binding: Binding, gateway: AnyGateway
) -> None:
    assert gateway.name == binding.name
    assert set(gateway.titles) == {"fa", "en"}
    is_card = binding.name != "wallet"
    assert gateway.has_list is is_card
    assert gateway.closes_after == timedelta(minutes=15 if is_card else 30)


@everyone
def test_an_impossible_base_url_is_refused_at_once(connect: Connect) -> None:
    for base_url in ("", "api.jibit.ir", "https://me:pw@api.jibit.ir"):
        with naming(base_url), pytest.raises(ValueError, match="base URL"):
            connect(base_url=base_url)
