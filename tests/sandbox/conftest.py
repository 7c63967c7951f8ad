"""One sandbox for all tests of a process, a world for each test, and a merchant in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
import requests

from jibit_sandbox.testing import SandboxWorld, running_sandbox
from tests.sandbox.described import Reader
from tests.sandbox.merchant import Merchant, joined
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.wallet_merchant import WalletMerchant

numbers = count(1)


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[SandboxWorld]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def reader(shared_sandbox: SandboxWorld) -> Reader:
    """Knows the sandbox's OpenAPI document."""
    answer = requests.get(f"{shared_sandbox.base_url}/openapi.json", timeout=10)
    return Reader(answer.json())


@pytest.fixture
def world(shared_sandbox: SandboxWorld) -> SandboxWorld:
    """A world that no other test has seen."""
    return shared_sandbox.world(f"test-{next(numbers)}")


@pytest.fixture
def merchant(world: SandboxWorld) -> Iterator[Merchant]:
    """A merchant of that world, with a fresh token."""
    with joined(Merchant(world)) as merchant:
        yield merchant


@pytest.fixture
def payee(world: SandboxWorld) -> Iterator[WalletMerchant]:
    """A merchant of that world at the wallet gateway, with a fresh token."""
    with joined(WalletMerchant(world)) as payee:
        yield payee


@pytest.fixture
def v3(world: SandboxWorld) -> Iterator[V3Merchant]:
    """A merchant of that world at PPG v3, with a fresh token."""
    with joined(V3Merchant(world)) as v3:
        yield v3


@pytest.fixture(params=[Merchant, WalletMerchant], ids=["ppg", "wallet"])
def either(request: pytest.FixtureRequest, world: SandboxWorld) -> Iterator[Merchant]:
    """A merchant at each of the two gateways, for what both do alike."""
    with joined(request.param(world)) as either:
        yield either
