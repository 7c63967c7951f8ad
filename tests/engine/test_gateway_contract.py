"""The shipped gateways, and the scripted one, keep the contract of the port."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

import pytest

from jibit_sandbox.testing import SandboxWorld
from payment_engine.errors import NoAnswer
from payment_engine.gateway import Gateway, OpenedPayment
from payment_engine.gateways.jibit_ppg import JibitPpg
from payment_engine.gateways.jibit_ppg_v3 import JibitPpgV3
from payment_engine.gateways.jibit_wallet import JibitWallet
from payment_engine.testing import GatewayContract, ScriptedGateway
from payment_engine.testing.gateway_contract import Pay

NOBODY = "http://127.0.0.1:9"  # the port of "discard", which nobody serves


class AtTheSandbox(GatewayContract):
    @pytest.fixture
    def world(self, running: SandboxWorld) -> SandboxWorld:
        return running.world(f"w{secrets.token_hex(6)}")

    @pytest.fixture
    def pay(self, world: SandboxWorld) -> Pay:
        def pay(opened: OpenedPayment) -> Mapping[str, str]:
            return dict(parse_qsl(urlsplit(world.pay(opened.redirect_url)).query))

        return pay


class TestJibitPpg(AtTheSandbox):
    @pytest.fixture
    def gateway(self, world: SandboxWorld) -> Iterator[Gateway]:
        yield from connected(
            JibitPpg(
                base_url=world.ppg_base_url, api_key=world.api_key, secret_key=world.secret_key
            )
        )

    @pytest.fixture
    def unreachable(self) -> Iterator[Gateway]:
        yield from connected(JibitPpg(base_url=NOBODY, api_key="key", secret_key="secret"))


class TestJibitPpgV3(AtTheSandbox):
    unknown_id = "100000000000000001"

    @pytest.fixture
    def world(self, running: SandboxWorld) -> SandboxWorld:
        world = running.world(f"w{secrets.token_hex(6)}")
        world.switch(v3_refund=True, v3_reverse=True)
        return world

    @pytest.fixture
    def pay(self, world: SandboxWorld) -> Pay:
        return lambda opened: world.callback(opened.redirect_url).form or {}

    @pytest.fixture
    def gateway(self, world: SandboxWorld) -> Iterator[Gateway]:
        yield from connected(
            JibitPpgV3(
                base_url=world.ppg_v3_base_url, api_key=world.api_key, secret_key=world.secret_key
            )
        )

    @pytest.fixture
    def unreachable(self) -> Iterator[Gateway]:
        yield from connected(JibitPpgV3(base_url=NOBODY, api_key="key", secret_key="secret"))


class TestJibitWallet(AtTheSandbox):
    @pytest.fixture
    def gateway(self, world: SandboxWorld) -> Iterator[Gateway]:
        yield from connected(
            JibitWallet(
                base_url=world.wallet_base_url, username=world.username, password=world.password
            )
        )

    @pytest.fixture
    def unreachable(self) -> Iterator[Gateway]:
        yield from connected(JibitWallet(base_url=NOBODY, username="name", password="secret"))


class TestScriptedGateway(GatewayContract):
    @pytest.fixture
    def gateway(self) -> ScriptedGateway:
        gateway = ScriptedGateway()
        gateway.can_refund = gateway.can_reverse = True
        return gateway

    @pytest.fixture
    def unreachable(self) -> ScriptedGateway:
        gateway = ScriptedGateway()
        for operation in ("open", "inquire", "verify"):
            gateway.answer(operation, NoAnswer(operation, "nobody answers"))
        return gateway

    @pytest.fixture
    def pay(self, gateway: ScriptedGateway) -> Pay:
        return lambda opened: gateway.pay(opened.gateway_payment_id)


def connected(gateway: Gateway) -> Iterator[Gateway]:
    """Yield a gateway, and close its connections afterwards."""
    yield gateway
    gateway.close()
