"""The scripted server, and a binding connected to it: PPG, unless a test asks for another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from testkit.clock import MovingClock
from tests.client.scripted import ScriptedServer
from tests.gateways.bindings import PPG, AnyGateway, Binding

Connect = Callable[..., AnyGateway]


@pytest.fixture
def binding() -> Binding:
    """Which gateway is connected."""
    return PPG


@pytest.fixture
def server(binding: Binding) -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    server.on(binding.wire.generate, binding.wire.tokens(1))
    yield server
    server.stop()


@pytest.fixture
def connect(server: ScriptedServer, binding: Binding, clock: MovingClock) -> Iterator[Connect]:
    """Construct a gateway that speaks to the scripted server; every argument can be replaced."""
    opened: list[AnyGateway] = []

    def connect(**replaced: Any) -> AnyGateway:
        arguments: dict[str, Any] = {
            **binding.wire.credentials,
            "base_url": f"{server.url}{binding.wire.base_path}",
            "clock": clock.now,
            "sleep": clock.advance,
            "steady": clock.steady,
            "connect_timeout": 1.0,
            "read_timeout": 5.0,
        }
        gateway = binding.gateway(**(arguments | replaced))
        opened.append(gateway)
        return gateway

    yield connect
    for gateway in opened:
        gateway.close()


@pytest.fixture
def gateway(connect: Connect) -> AnyGateway:
    return connect()
