"""A shop at PPG v3, for what only that gateway can: return money."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from jibit_sandbox.testing import SandboxWorld
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from testkit.settings import at_gateways
from tests.conftest import open_shop


@pytest.fixture
def v3_shop(
    stocked_database_url: str, sandbox: SandboxWorld, clock: MovingClock
) -> Iterator[ScenarioDriver]:
    """A shop whose customers pay through PPG v3, with refunds turned on."""
    sandbox.switch(v3_refund=True)
    named = at_gateways(sandbox, card="ppg_v3")
    with open_shop(stocked_database_url, sandbox, clock, **named) as app:
        yield ScenarioDriver(app, "ppg_v3")


@pytest.fixture
def driver(app: Flask) -> ScenarioDriver:
    """Shoppers and a worker of the usual shop, whose gateways have no refunds."""
    return ScenarioDriver(app)
