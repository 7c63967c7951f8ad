"""Worlds as files, orders in any state, and orders that are changed without waiting."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jibit_sandbox.testing import SandboxWorld
from testkit.cases import naming
from tests.sandbox.load_generator import process
from tests.sandbox.merchant import Merchant
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.wallet_merchant import WalletMerchant

STATES = ("awaiting", "paid", "captured", "failed", "expired")
ONLY_AT_V3 = ("unknown", "manually_captured", "reversed")


def fill(world: SandboxWorld) -> None:
    """Orders in every state at every gateway, and a world that is not as it began."""
    for gateway in ("ppg", "ppg_v3", "wallet"):
        for state in STATES + (ONLY_AT_V3 if gateway == "ppg_v3" else ()):
            world.make_order(gateway=gateway, state=state)
    world.switch(legacy=True, expiry_late=60)
    world.behave("delay", operation="verify", times=None, seconds=1)
    world.set_balance(5_000_000, "09120000000")
    world.chaos(seed=3)


def test_a_world_goes_through_a_file_unchanged(world: SandboxWorld) -> None:
    world.clock.freeze()
    fill(world)
    exported = world.export()
    world.reset()
    assert world.export() != exported
    world.load(json.loads(json.dumps(exported)))
    assert world.export() == exported
    world.load(exported)
    assert world.export() == exported


def test_paid_orders_of_a_real_client_go_through_a_file(
    merchant: Merchant, v3: V3Merchant, payee: WalletMerchant
) -> None:
    world = merchant.world
    world.clock.freeze()
    v3.world.switch(v3_refund=True)
    refunded = v3.verified(payerNationalCode="0084575948", description="دو کیلو سیب")
    v3.refund(refunded, amount=100_000)
    merchant.verify(merchant.paid(nationalCode="0084575948", payerCardNumber="6037991234567893"))
    paid = payee.paid()
    exported = world.export()
    assert "0084575948" not in json.dumps(exported)
    assert "6037991234567893" not in json.dumps(exported)
    world.load(exported)
    assert world.export() == exported
    assert payee.generate().ok
    assert payee.is_captured(payee.verify(paid))


def test_an_order_paid_14_minutes_ago_has_a_minute_left(
    merchant: Merchant, world: SandboxWorld
) -> None:
    order = world.make_order(state="paid", minutes_ago=14, reference_number="R-77")
    assert [step["state"] for step in order["transitions"]] == ["awaiting", "paid"]
    world.clock.advance(50)
    assert merchant.inquiry(order["identifier"]).json()["referenceNumber"] == "R-77"
    world.clock.advance(20)
    assert merchant.status(order["identifier"]) == "EXPIRED"


def test_a_made_order_can_be_verified_at_each_gateway(
    merchant: Merchant, v3: V3Merchant, payee: WalletMerchant
) -> None:
    for gateway, each in (("ppg", merchant), ("ppg_v3", v3), ("wallet", payee)):
        with naming(gateway):
            made = merchant.world.make_order(gateway=gateway, state="paid")["identifier"]
            answer = each.verify(made)
            assert answer.ok
            assert each.world.order(made)["state"] == "captured"


WRONG: list[tuple[Any, str]] = [
    ([], "the file must be an object {…}, not []"),
    ({"order": []}, "order: there is no such field; did you mean orders?"),
    ({"orders": {}}, "orders must be a list […], not {}"),
    ({"orders": [{"state": "payed"}]}, "orders[0].state must be one of awaiting, paid, captured,"),
    (
        {"orders": [{"state": "reversed"}]},
        "orders[0].state: only an order of ppg_v3 can be reversed",
    ),
    ({"orders": [{}, {"amount": -1}]}, "orders[1].amount must be a whole number of 0 or more"),
    ({"orders": [{"state": "paid", "minutes_ago": 16}]}, "orders[0].state: an order that is paid"),
    ({"orders": [{"identifier": "a b"}]}, "orders[0].identifier must be 1 to 32 letters"),
    ({"orders": [{"callback_url": "shop"}]}, "orders[0].callback_url must be an address like"),
    ({"orders": [{"history": [{"at": "noon"}]}]}, "orders[0].history[0].at must be a moment like"),
    ({"clock": {"now": "today"}}, 'clock.now must be a moment like "2026-01-01T08:30:00Z"'),
    ({"wallets": [{"mobile": "1"}]}, "wallets[0].mobile must be a mobile number like 0912"),
    ({"switches": {"legacy": "yes"}}, "legacy can be one of"),
    ({"behaviours": [{"name": "no"}]}, "behaviours[0]: there is no behaviour 'no'"),
    ({"seed": "x"}, "seed must be a whole number of at most 15 digits"),
    ({"format": "2"}, 'format must be one of jibit-sandbox world 1, not "2"'),
]


def test_a_wrong_file_is_told_what_to_write_where_and_changes_nothing(world: SandboxWorld) -> None:
    world.make_order()
    before = world.orders()
    for document, sentence in WRONG:
        with naming(document), pytest.raises(ValueError, match=re.escape(sentence)):
            world.load(document)
    assert world.orders() == before


def test_an_order_of_another_world_is_not_taken_over(world: SandboxWorld) -> None:
    world.make_order()
    neighbour = world.world(f"{world.name}-next")
    with pytest.raises(ValueError, match=r"orders\[0\].identifier: there is an order"):
        neighbour.load(world.export())


@pytest.mark.long
def test_a_sandbox_begins_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_text('{"seed": 7, "orders": [{"state": "captured"}]}', "utf-8")
    with process(tmp_path / "sandbox.sqlite3", "--world", str(file)) as (_, world):
        assert [order["state"] for order in world.orders()] == ["captured"]
        assert world.export()["seed"] == 7


def test_an_order_changes_without_waiting(world: SandboxWorld) -> None:
    for gateway in ("ppg", "ppg_v3", "wallet"):
        with naming(gateway):
            identifier = world.make_order(gateway=gateway)["identifier"]
            balance = world.balance("09121234567")
            steps = [("pay", "paid"), ("decline", "failed"), ("reset", "awaiting")]
            steps += [("expire", "expired"), ("reset", "awaiting"), ("pay", "paid")]
            for action, state in steps:
                assert world.change(identifier, action)["state"] == state
            with pytest.raises(ValueError, match="the order is paid, not awaiting: reset it first"):
                world.change(identifier, "pay")
            world.change(identifier, "reset")
            assert world.balance("09121234567") == balance
    with pytest.raises(ValueError, match="action can be one of"):
        world.change(identifier, "explode")
    with pytest.raises(ValueError, match="no order unknown"):
        world.change("unknown", "pay")


def test_a_reset_order_can_be_paid_and_verified_as_a_new_one(merchant: Merchant) -> None:
    identifier = merchant.paid()
    merchant.verify(identifier)
    merchant.world.clock.advance(2000)
    merchant.world.change(identifier, "reset")
    merchant.world.press(identifier)
    assert merchant.is_captured(merchant.verify(identifier))
