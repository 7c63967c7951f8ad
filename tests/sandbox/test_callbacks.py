"""Callbacks that are missing, repeated, late, early, or tell somebody else's facts."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.merchant import Merchant, OtherClaim
from tests.sandbox.shop import Shop, listening_shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with listening_shop() as shop:
        yield shop


def claim(callback_url: str, name: str) -> str:
    return parse_qs(urlsplit(callback_url).query)[name][0]


def test_a_missing_callback_leaves_the_money_taken_and_a_page_that_says_so(
    either: Merchant,
) -> None:
    identifier, switching_url = either.opened()
    either.world.behave("callback_missing")
    page = either.world.submit(switching_url, "pay")
    assert (page.status_code, "Location" in page.headers) == (200, False)
    assert "مرورگر ناپدید شد" in page.text
    assert either.world.order(identifier)["state"] == "paid"
    assert either.world.requests_seen(operation="pay")[0]["fate"] == "callback withheld"


def test_a_callback_can_come_twice(either: Merchant, shop: Shop) -> None:
    identifier, switching_url = either.opened(callbackUrl=shop.callback_url)
    either.world.behave("callback_twice")
    assert claim(either.world.pay(switching_url), either.order_claim) == identifier
    assert [callback[either.order_claim] for callback in shop.callbacks] == [identifier]
    assert [callback[either.state_claim] for callback in shop.callbacks] == [either.paid_word]


def test_many_callbacks_can_come_at_once(either: Merchant, shop: Shop) -> None:
    identifier, switching_url = either.opened(callbackUrl=shop.callback_url)
    shop.meeting = Barrier(5)  # nobody is answered before all five are there
    either.world.behave("callback_parallel")
    either.world.pay(switching_url)
    assert [callback[either.order_claim] for callback in shop.callbacks] == [identifier] * 5
    assert not shop.meeting.broken


def test_a_late_callback_comes_by_a_page_that_waits(either: Merchant) -> None:
    identifier, switching_url = either.opened()
    either.world.behave("callback_late", seconds=7)
    page = either.world.submit(switching_url, "pay")
    assert page.status_code == 200
    assert page.headers["Refresh"].startswith("7; url=https://shop.example/callback?")
    assert either.world.order(identifier)["state"] == "paid"


def test_a_callback_can_come_before_the_money(either: Merchant, shop: Shop) -> None:
    identifier, switching_url = either.opened(callbackUrl=shop.callback_url)
    states: list[str] = []
    shop.on_callback = lambda: states.append(either.world.order(identifier)["state"])
    either.world.behave("callback_before_money")
    either.world.pay(switching_url)
    assert [callback[either.state_claim] for callback in shop.callbacks] == [either.paid_word]
    assert states == ["awaiting"]
    assert either.world.order(identifier)["state"] == "paid"


def test_a_callback_can_name_another_order(either: Merchant) -> None:
    other, _ = either.opened()
    identifier, switching_url = either.opened()
    either.world.behave("callback_other_order")
    assert claim(either.world.pay(switching_url), either.order_claim) == other
    assert either.world.order(identifier)["state"] == "paid"
    assert either.world.order(other)["state"] == "awaiting"


@pytest.mark.parametrize(
    ("name", "parameters", "field", "said"),
    [
        ("callback_other_amount", {}, "amount", "2500000"),
        ("callback_other_amount", {"amount": 1}, "amount", "1"),
        ("callback_other_state", {}, "state", "FAILED"),
        ("callback_other_state", {"state": "ORDER_NOT_FOUND"}, "state", "ORDER_NOT_FOUND"),
    ],
)
def test_a_callback_can_tell_another_amount_or_state(
    merchant: Merchant, name: str, parameters: OtherClaim, field: str, said: str
) -> None:
    identifier, switching_url = merchant.opened()
    merchant.world.behave(name, **parameters)
    assert claim(merchant.world.pay(switching_url), field) == said
    assert merchant.world.order(identifier)["state"] == "paid"


def test_a_delivered_callback_is_in_the_log_with_the_shops_answer(
    either: Merchant, shop: Shop
) -> None:
    identifier, switching_url = either.opened(callbackUrl=shop.callback_url)
    either.world.behave("callback_twice")
    either.world.pay(switching_url)
    delivered = either.world.requests_seen(operation="callback")
    assert [(entry["order_identifier"], entry["status"]) for entry in delivered] == [
        (identifier, 200)
    ]


def test_a_shop_that_is_not_there_does_not_stop_the_payment(either: Merchant) -> None:
    identifier, switching_url = either.opened(callbackUrl="http://127.0.0.1:1/callback")
    either.world.behave("callback_twice")
    either.world.pay(switching_url)
    assert either.world.order(identifier)["state"] == "paid"
    assert "not delivered" in either.world.requests_seen(operation="callback")[0]["fate"]
