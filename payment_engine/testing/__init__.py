"""Test applications, stores and gateways. Needs pytest.

``ScriptedGateway`` takes payments in memory and answers as a test wants. ``StoreContract`` and
``GatewayContract`` are test classes: subclass one, give it its fixtures, and pytest runs every
promise of the port against your store or gateway.
"""

import pytest

# Before the contracts are imported, or their failures would not show the values compared.
for _contract in (
    "gateway",
    "payments",
    "queue",
    "refunds",
    "callbacks",
    "ledgers",
    "tokens",
    "turns",
):
    pytest.register_assert_rewrite(f"{__name__}.{_contract}_contract")

from payment_engine.testing.gateway_contract import GatewayContract  # noqa: E402
from payment_engine.testing.scripted_gateway import Call, ScriptedGateway  # noqa: E402
from payment_engine.testing.store_contract import StoreContract  # noqa: E402

__all__ = ["Call", "GatewayContract", "ScriptedGateway", "StoreContract"]
