"""The scripted server, and a client connected to it: PPG, unless a module asks for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from jibit_client import PpgClient, WalletClient
from jibit_client.tokens import MemoryTokenStore, TokenPair
from testkit.clock import MovingClock
from tests.client.scripted import ScriptedServer
from tests.client.wires import PPG, AnyClient, Wire

Connect = Callable[..., AnyClient]
ConnectPpg = Callable[..., PpgClient]  # in a test of PPG alone
ConnectWallet = Callable[..., WalletClient]  # where ``wire`` is the wallet's


@pytest.fixture
def wire() -> Wire:
    """Which client's wire the server speaks."""
    return PPG


@pytest.fixture
def server(wire: Wire) -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    server.on(wire.generate, wire.tokens(1))
    yield server
    server.stop()


@pytest.fixture
def connect(server: ScriptedServer, wire: Wire, clock: MovingClock) -> Iterator[Connect]:
    """Connect a client to the scripted server; every argument of ``connect`` can be replaced."""
    opened: list[AnyClient] = []

    def connect(**replaced: Any) -> AnyClient:
        arguments: dict[str, Any] = {
            **wire.credentials,
            "base_url": f"{server.url}{wire.base_path}",
            "token_store": MemoryTokenStore(clock.now),
            "clock": clock.now,
            "sleep": clock.advance,
            "steady": clock.steady,
            "connect_timeout": 1.0,
            "read_timeout": 5.0,
        }
        client = wire.connect(**(arguments | replaced))
        opened.append(client)
        return client

    yield connect
    for client in opened:
        client.close()


@pytest.fixture
def client(connect: Connect) -> AnyClient:
    return connect()


@pytest.fixture
def impatient(connect: Connect, clock: MovingClock) -> Connect:
    """Connect a client that has its tokens already and waits 0.3 s for an answer.

    The tokens were got with patience, so that a busy machine does not fail the test with them.
    """

    def connect_impatiently(**replaced: Any) -> AnyClient:
        store = MemoryTokenStore(clock.now)
        connect(**{"token_store": store} | replaced).keep_fresh()
        return connect(**{"token_store": store, "read_timeout": 0.3} | replaced)

    return connect_impatiently


@pytest.fixture
def with_tokens(connect: Connect, clock: MovingClock) -> Connect:
    """Connect a client that has tokens although nobody was asked for them.

    Without, every failure would be that of the token call, and so NotConnected.
    """
    store = MemoryTokenStore(clock.now)
    fence = store.try_lease(1)
    assert fence is not None
    store.write(TokenPair("access-1", "refresh-1", clock.now()), fence)
    store.release(fence)
    return partial(connect, token_store=store)
