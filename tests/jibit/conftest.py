"""The scripted server, and a PPG gateway connected to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from storefront.jibit.ppg import PpgGateway
from storefront.jibit.tokens import MemoryTokenStore, TokenPair
from tests.jibit.documents import GENERATE, PAIR
from tests.jibit.scripted import ScriptedServer, says
from tests.rig.clock import MovingClock

Connect = Callable[..., PpgGateway]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    server.on(GENERATE, says(PAIR))
    yield server
    server.stop()


@pytest.fixture
def connect(server: ScriptedServer, clock: MovingClock) -> Iterator[Connect]:
    """Connect a gateway to the scripted server; every argument of ``connect`` can be replaced."""
    opened: list[PpgGateway] = []

    def connect(**replaced: Any) -> PpgGateway:
        arguments: dict[str, Any] = {
            "base_url": f"{server.url}/ppg/v2",
            "api_key": "the-api-key",
            "secret_key": "the-secret-key",
            "token_store": MemoryTokenStore(clock.now),
            "clock": clock.now,
            "sleep": clock.advance,
            "connect_timeout": 1.0,
            "read_timeout": 5.0,
        }
        gateway = PpgGateway.connect(**(arguments | replaced))
        opened.append(gateway)
        return gateway

    yield connect
    for gateway in opened:
        gateway.close()


@pytest.fixture
def gateway(connect: Connect) -> PpgGateway:
    return connect()


@pytest.fixture
def impatient(connect: Connect, clock: MovingClock) -> Connect:
    """Connect a gateway that has its tokens already and waits 0.3 s for an answer.

    The tokens were got with patience, so that a busy machine does not fail the test with them.
    """

    def connect_impatiently(**replaced: Any) -> PpgGateway:
        store = MemoryTokenStore(clock.now)
        connect(**{"token_store": store} | replaced).keep_fresh()
        return connect(**{"token_store": store, "read_timeout": 0.3} | replaced)

    return connect_impatiently


@pytest.fixture
def with_tokens(connect: Connect, clock: MovingClock) -> Connect:
    """Connect a gateway that has tokens although nobody was asked for them.

    Without, every failure would be that of the token call, and so NotConnected.
    """
    store = MemoryTokenStore(clock.now)
    fence = store.try_lease(1)
    assert fence is not None
    store.write(TokenPair("access-1", "refresh-1", clock.now()), fence)
    store.release(fence)
    return partial(connect, token_store=store)
