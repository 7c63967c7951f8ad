"""What the bindings pass on of a request, and what they make of a browser's nonsense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from payment_engine.gateway import Callback
from testkit.cases import naming
from tests.client.scripted import ScriptedServer
from tests.gateways.bindings import REQUEST, AnyGateway, Binding, everyone


@everyone
def test_an_amount_that_is_no_integer_is_never_sent(
    server: ScriptedServer, gateway: AnyGateway
) -> None:
    wrong: tuple[Any, ...] = (200_000.0, "200000", True)
    for amount in wrong:
        with naming(amount), pytest.raises(ValueError, match="integer"):
            gateway.open(replace(REQUEST, amount_rials=amount))
    assert server.heard == []


@everyone
def test_every_order_call_asks_for_the_payers_language(
    server: ScriptedServer, gateway: AnyGateway, binding: Binding
) -> None:
    wire = binding.wire
    server.on(wire.create, wire.opens())
    server.on(wire.inquiry, wire.tells())
    server.on(wire.verify, wire.verifies())
    for language in ("fa", "en"):
        gateway.open(replace(REQUEST, language=language))
        gateway.inquire(wire.identifier, language=language)
        gateway.verify(wire.identifier, language=language)
    calls = [heard for route in binding.calls() for heard in server.asked(route)]
    assert [heard.headers["Accept-Language"] for heard in calls] == ["fa", "en"] * 3


@everyone
def test_nonsense_in_a_callback_claims_nothing(gateway: AnyGateway) -> None:
    nonsense = "<script>alert(1)</script>"
    for brought in (
        {},
        dict.fromkeys(("amount", "refnum", "state", "orderId", "purchaseId", "status"), nonsense),
    ):
        with naming(brought):
            claim = gateway.read_callback(brought)
            assert claim == Callback(None, None, None, claims_success=False)
