"""Paying from a wallet: the page, the six statuses, the money, the callback and the clock."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from jibit_sandbox.testing import ShopperStopped
from tests.sandbox.wallet_merchant import MOBILE, WalletMerchant, problem

FULL = 1_000_000_000  # Rials in a new wallet
PRICE = 250_000


def claims(callback_url: str | None) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(callback_url or "").query))


def test_an_order_is_initiated_paid_and_verified(payee: WalletMerchant) -> None:
    created = payee.create(description="دو کتاب").json()["result"]
    assert created.keys() == {"orderId", "merchantOrderId", "redirectUrl", "additionalData"}
    identifier = created["orderId"]
    assert re.fullmatch(r"[a-z0-9]{8}", identifier)
    assert created["redirectUrl"] == f"{payee.base_url}/order/{identifier}/payment"
    callback = payee.world.pay(created["redirectUrl"])
    assert claims(callback) == {"orderId": identifier, "status": "PURCHASE_BY_USER"}
    verified = payee.verify(identifier).json()
    assert verified["errorCode"] == 0
    assert re.fullmatch(r"[1-9]\d{8}", verified["result"].pop("refId"))
    assert verified["result"] == {
        "merchantOrderId": "R-1001",
        "amount": PRICE,
        "additionalData": None,
        "userIdentity": MOBILE,
        "clientIP": "127.0.0.1",
    }
    assert payee.status(identifier) == "PURCHASE_CONFIRM_BY_MERCHANT"


def test_the_inquiry_has_every_field_of_the_document_flat_and_in_an_envelope(
    payee: WalletMerchant,
) -> None:
    identifier = payee.paid(additionalData="{}")
    ref_id = payee.verify(identifier).json()["result"]["refId"]
    flat = {
        "statusV": "PURCHASE_CONFIRM_BY_MERCHANT",
        "merchantOrderId": "R-1001",
        "amount": PRICE,
        "refId": ref_id,
        "additionalData": "{}",
        "userIdentity": MOBILE,
        "clientIp": "127.0.0.1",
    }
    assert payee.inquiry(identifier).json() == {**flat, "errorCode": 0, "result": flat}
    payee.world.switch(wallet_inquiry="flat")
    assert payee.inquiry(identifier).json() == flat
    payee.world.switch(wallet_inquiry="enveloped")
    assert payee.inquiry(identifier).json() == {"errorCode": 0, "result": flat}


def test_the_callback_keeps_the_merchants_own_query(payee: WalletMerchant) -> None:
    identifier, page = payee.opened(callBackUrl="https://shop.example/cb?shop=7#top")
    expected = f"https://shop.example/cb?shop=7&orderId={identifier}&status=PURCHASE_BY_USER#top"
    assert payee.world.pay(page) == expected


def test_all_six_statuses_come_about(payee: WalletMerchant) -> None:
    world = payee.world
    initial, _ = payee.opened()
    entered, page = payee.opened()
    world.leave(page)
    cancelled, page = payee.opened()
    assert claims(world.cancel(page))["status"] == "CANCEL_BY_USER"
    refused, page = payee.opened()
    assert claims(world.decline(page))["status"] == "CANCEL_BY_SYSTEM"
    paid = payee.paid()
    confirmed = payee.paid()
    payee.verify(confirmed)
    assert {
        initial: "INITIAL",
        entered: "PGENTRY",
        cancelled: "CANCEL_BY_USER",
        refused: "CANCEL_BY_SYSTEM",
        paid: "PURCHASE_BY_USER",
        confirmed: "PURCHASE_CONFIRM_BY_MERCHANT",
    } == {order: payee.status(order) for order in (o["identifier"] for o in world.orders())}
    assert [order["gateway_status"] for order in world.orders()] == [
        payee.status(order["identifier"]) for order in world.orders()
    ]


def test_paying_debits_the_wallet_once_however_often_the_button_is_pressed(
    payee: WalletMerchant,
) -> None:
    _, page = payee.opened()
    assert payee.world.pay(page) == payee.world.pay(page)
    assert payee.world.balance(MOBILE) == FULL - PRICE


def test_a_verified_payment_never_comes_back(payee: WalletMerchant) -> None:
    identifier = payee.paid()
    payee.verify(identifier)
    payee.world.clock.advance(100_000)
    assert claims(payee.world.press(identifier, "cancel"))["status"] == (
        "PURCHASE_CONFIRM_BY_MERCHANT"
    )
    assert payee.world.balance(MOBILE) == FULL - PRICE


def test_a_payment_that_nobody_verified_is_cancelled_and_the_money_is_back(
    payee: WalletMerchant,
) -> None:
    payee.world.clock.freeze()
    identifier = payee.paid()
    payee.world.clock.advance(899)
    assert payee.status(identifier) == "PURCHASE_BY_USER"
    payee.world.clock.advance(1)
    assert payee.status(identifier) == "CANCEL_BY_SYSTEM"
    assert payee.world.balance(MOBILE) == FULL
    assert problem(payee.verify(identifier)) == 409
    assert "returned to the payer" in payee.world.order(identifier)["transitions"][-1]["reason"]


def test_the_payer_may_take_the_money_back_until_the_merchant_verifies(
    payee: WalletMerchant,
) -> None:
    identifier, page = payee.opened()
    payee.world.pay(page)
    assert 'value="cancel"' in requests.get(page, timeout=10).text
    assert claims(payee.world.press(identifier, "cancel"))["status"] == "CANCEL_BY_USER"
    assert payee.world.balance(MOBILE) == FULL
    assert problem(payee.verify(identifier)) == 409
    assert 'value="cancel"' not in requests.get(page, timeout=10).text


def test_an_empty_wallet_pays_nothing_and_leaves_the_order_open(payee: WalletMerchant) -> None:
    payee.world.set_balance(PRICE - 1, MOBILE)
    identifier, page = payee.opened()
    with pytest.raises(ShopperStopped, match="موجودی کیف پول کافی نیست"):
        payee.world.pay(page)
    assert payee.world.balance(MOBILE) == PRICE - 1
    assert payee.status(identifier) == "PGENTRY"
    payee.world.set_balance(PRICE, MOBILE)
    payee.world.pay(page)
    assert payee.world.balance(MOBILE) == 0


def test_a_wallet_is_one_mobile_numbers_in_one_world(payee: WalletMerchant) -> None:
    neighbour = payee.world.world(f"{payee.world.name}-next")
    neighbour.set_balance(7, MOBILE)
    payee.world.set_balance(5_000_000)
    payee.paid()
    assert payee.world.balance(MOBILE) == 5_000_000 - PRICE
    assert payee.world.balance("09350000000") == 5_000_000
    assert neighbour.balance(MOBILE) == 7
    assert neighbour.balance("09350000000") == FULL


@pytest.mark.parametrize(
    "asked",
    [
        {"mobile": "912", "balance_rials": 1},
        {"mobile": MOBILE, "balance_rials": -1},
        {"mobile": MOBILE},
        {"balance_rials": 10**30},
    ],
)
def test_a_balance_that_cannot_be_is_refused_with_a_sentence(
    payee: WalletMerchant, asked: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"mobile number|balance_rials"):
        payee.world.control("PUT", "wallets", asked)


def test_the_money_is_conserved_whatever_becomes_of_the_orders(payee: WalletMerchant) -> None:
    for action in ("pay", "vanish", "cancel", "decline", "leave", "pay", "pay"):
        identifier, _ = payee.opened()
        payee.world.press(identifier, action)
    payee.verify(identifier)
    held = PRICE * sum(order["state"] in ("paid", "captured") for order in payee.world.orders())
    assert held == 4 * PRICE
    assert payee.world.balance(MOBILE) + held == FULL
    payee.world.clock.advance(900)
    assert payee.world.balance(MOBILE) == FULL - PRICE


def test_the_code_of_the_test_message_pays_and_a_wrong_one_does_not(
    payee: WalletMerchant,
) -> None:
    identifier, page = payee.opened()
    shown = requests.get(page, params={"lang": "en"}, timeout=10).text
    sent = re.search(r'your code is <bdi class="code">(\d{5})</bdi>', shown)
    assert sent
    for typed in ("99999", "", "123456789"):
        with pytest.raises(ShopperStopped, match="کد یک‌بارمصرف نادرست"):
            payee.world.pay(page, password=typed)
    assert payee.world.balance(MOBILE) == FULL
    payee.world.pay(page, password=sent[1].translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")))
    assert payee.status(identifier) == "PURCHASE_BY_USER"


def test_the_page_shows_merchant_amount_mobile_and_balance_in_both_languages(
    payee: WalletMerchant,
) -> None:
    _, page = payee.opened(amount=1_234_560, description="دو کتاب")
    persian = requests.get(page, timeout=10).text
    english = requests.get(page, params={"lang": "en"}, timeout=10).text
    assert all(part in persian for part in ('dir="rtl"', "۱۲۳٬۴۵۶", "۱۰۰٬۰۰۰٬۰۰۰", "دو کتاب"))
    assert all(part in english for part in ('dir="ltr"', "123,456", "100,000,000", MOBILE))
    assert payee.world.name in english


@pytest.mark.parametrize(("action", "state"), [("vanish", "paid"), ("leave", "awaiting")])
def test_a_browser_that_vanishes_tells_the_shop_nothing(
    payee: WalletMerchant, action: str, state: str
) -> None:
    identifier, _ = payee.opened()
    assert payee.world.press(identifier, action) is None
    assert payee.world.order(identifier)["state"] == state


@pytest.mark.parametrize(("minutes", "seconds"), [(15, 900), (30, 1800)])
def test_the_time_to_verify_is_counted_from_initiate(
    payee: WalletMerchant, minutes: int, seconds: int
) -> None:
    payee.world.switch(wallet_minutes=minutes)
    payee.world.clock.freeze()
    identifier, page = payee.opened()
    payee.world.clock.advance(seconds - 1)
    payee.world.pay(page)
    payee.world.clock.advance(1)
    assert payee.status(identifier) == "CANCEL_BY_SYSTEM"


def test_an_order_whose_time_is_over_cannot_be_paid(payee: WalletMerchant) -> None:
    _, page = payee.opened()
    payee.world.clock.advance(901)
    assert claims(payee.world.pay(page))["status"] == "CANCEL_BY_SYSTEM"
    assert payee.world.balance(MOBILE) == FULL


def test_an_access_token_lives_24_hours_and_its_refresh_token_90_days(
    payee: WalletMerchant,
) -> None:
    payee.world.clock.freeze()
    payee.generate()
    day = 24 * 3600
    payee.world.clock.advance(day - 1)
    assert payee.create().status_code == 200
    payee.world.clock.advance(1)
    assert problem(payee.create()) == 401
    payee.world.clock.advance(89 * day - 1)
    assert payee.refresh().status_code == 200
    payee.world.clock.advance(90 * day)
    assert problem(payee.refresh()) == 401


def test_a_token_says_itself_how_long_it_lives(payee: WalletMerchant) -> None:
    payee.world.clock.freeze(datetime(2026, 1, 1, tzinfo=UTC))
    payee.generate()
    access, refresh = (read(payee.pair[name]) for name in ("token", "refreshToken"))
    assert access["exp"] - access["iat"] == 24 * 3600
    assert refresh["exp"] - refresh["iat"] == 90 * 24 * 3600
    assert access["iat"] == datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    assert (access["aud"], access["sub"]) == ("ir.jibit.qrpg", payee.world.name)


def read(token: str) -> dict[str, Any]:
    """The claims of a JWT."""
    middle = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4))))


def test_nothing_secret_of_the_wallet_reaches_the_log(payee: WalletMerchant) -> None:
    first = payee.pair
    payee.paid()
    payee.refresh()
    payee.call("POST", "/authenticate/refresh", json={"RefreshToken": first["refreshToken"]})
    log = json.dumps(payee.world.requests_seen())
    secrets = [payee.world.password, *first.values(), *payee.pair.values()]
    assert "password=12345" not in log
    assert [secret for secret in secrets if secret in log] == []


def test_the_default_world_has_the_documented_credentials(payee: WalletMerchant) -> None:
    default = payee.world.world("sandbox")
    assert (default.username, default.password) == ("sandbox", "sandbox-password")
    assert WalletMerchant(default).generate().json()["errorCode"] == 0
