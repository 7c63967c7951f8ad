"""What the engine names by a class or a code is said in words, in every history."""

from __future__ import annotations

from types import ModuleType

import pytest

import jibit_client.errors
import payment_engine.errors
from payment_engine.discrepancies import Kind
from storefront.orders.gateway_words import ANSWERS, DISCREPANCY_KINDS


@pytest.mark.parametrize("module", [jibit_client.errors, payment_engine.errors])
def test_every_error_of_a_gateway_has_words(module: ModuleType) -> None:
    kinds = {name for name, each in vars(module).items() if isinstance(each, type)}
    errors = {name for name in kinds if issubclass(getattr(module, name), module.GatewayError)}
    assert errors - {"GatewayError"} <= set(ANSWERS)


def test_every_discrepancy_has_words() -> None:
    assert set(DISCREPANCY_KINDS) == set(Kind)
