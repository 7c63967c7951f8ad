"""A purchase from create to verify, and every other way it can end."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from jibit_sandbox.testing import SandboxWorld, ShopperStopped
from tests.sandbox.merchant import Merchant, codes


def claims(callback_url: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(callback_url).query).items()}


def test_an_order_is_created_paid_and_verified(merchant: Merchant, world: SandboxWorld) -> None:
    answer = merchant.create(referenceNumber="R-7").json()
    identifier = answer["orderIdentifier"]
    assert re.fullmatch(r"[A-Za-z0-9]{8}", identifier)
    assert answer["referenceNumber"] == "R-7"
    assert answer["pspSwitchingUrl"] == f"{world.ppg_base_url}/orders/{identifier}/payments"

    callback = world.pay(answer["pspSwitchingUrl"])
    assert claims(callback) == {"amount": "250000", "refnum": identifier, "state": "SUCCESSFUL"}
    assert merchant.status(identifier) == "IN_PROGRESS"
    assert merchant.verify(identifier).json() == {"status": "Successful"}
    assert merchant.status(identifier) == "SUCCESS"


def test_the_callbacks_amount_is_rials_also_for_an_order_in_toman(
    merchant: Merchant, world: SandboxWorld
) -> None:
    identifier, switching_url = merchant.opened(amount=25_000, currency="TOMAN")
    assert claims(world.pay(switching_url))["amount"] == "250000"
    inquiry = merchant.inquiry(identifier).json()
    assert (inquiry["amount"], inquiry["currency"]) == (25_000, "TOMAN")


def test_the_callback_keeps_the_merchants_own_query(
    merchant: Merchant, world: SandboxWorld
) -> None:
    identifier, switching_url = merchant.opened(callbackUrl="https://shop.example/cb?shop=7")
    expected = f"https://shop.example/cb?shop=7&amount=250000&refnum={identifier}&state=SUCCESSFUL"
    assert world.pay(switching_url) == expected


@pytest.mark.parametrize(
    "url", ["http://localhost:8000/cb", "http://[::1]:8000", "https://shop.example?shop=7#top"]
)
def test_callback_urls_of_every_honest_kind_are_taken(
    merchant: Merchant, world: SandboxWorld, url: str
) -> None:
    identifier, switching_url = merchant.opened(callbackUrl=url)
    assert claims(world.pay(switching_url))["refnum"] == identifier


@pytest.mark.parametrize("ending", ["decline", "cancel"])
def test_a_declined_or_cancelled_order_has_failed_for_good(
    merchant: Merchant, world: SandboxWorld, ending: str
) -> None:
    identifier, switching_url = merchant.opened()
    assert claims(getattr(world, ending)(switching_url))["state"] == "FAILED"
    assert merchant.status(identifier) == "FAILED"
    assert claims(world.pay(switching_url))["state"] == "FAILED"
    assert merchant.verify(identifier).json() == {"status": "Failed"}


def test_pay_and_vanish_takes_the_money_and_sends_nobody_back(
    merchant: Merchant, world: SandboxWorld
) -> None:
    identifier, switching_url = merchant.opened()
    world.pay_and_vanish(switching_url)
    assert world.order(identifier)["state"] == "paid"
    assert merchant.verify(identifier).json() == {"status": "Successful"}


def test_paying_twice_takes_the_money_once_and_tells_the_same(
    merchant: Merchant, world: SandboxWorld
) -> None:
    identifier, switching_url = merchant.opened()
    assert world.pay(switching_url) == world.pay(switching_url)
    assert [step["state"] for step in world.order(identifier)["transitions"]] == [
        "awaiting",
        "paid",
    ]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("card", "6037990000000013"),
        ("card", "603799000000001"),
        ("card", ""),
        ("cvv2", "12"),
        ("month", "13"),
        ("year", "01"),
        ("password", "1234"),
    ],
)
def test_a_card_typed_wrongly_brings_the_form_back_and_takes_nothing(
    merchant: Merchant, world: SandboxWorld, field: str, typed: str
) -> None:
    identifier, switching_url = merchant.opened()
    with pytest.raises(ShopperStopped, match="422"):
        world.pay(switching_url, **{field: typed})
    assert world.order(identifier)["state"] == "awaiting"


def test_a_card_may_be_typed_in_persian_digits_and_with_blanks(
    merchant: Merchant, world: SandboxWorld
) -> None:
    identifier, switching_url = merchant.opened()
    world.pay(switching_url, card="۶۰۳۷ ۹۹۰۰ ۰۰۰۰ ۰۰۱۴", cvv2="۱۲۳", password="۱۲۳۴۵")
    assert merchant.inquiry(identifier).json()["payerCard"] == "603799******0014"


def test_the_inquiry_has_every_field_of_the_document(
    merchant: Merchant, world: SandboxWorld
) -> None:
    world.clock.freeze()
    given = {"description": "دو کتاب", "additionalData": '{"a": 1}', "nationalCode": "0084575948"}
    identifier, switching_url = merchant.opened(**given)
    world.clock.advance(60)
    world.pay(switching_url)
    inquiry = merchant.inquiry(identifier).json()
    assert set(inquiry) == {
        *("id", "amount", "currency", "referenceNumber", "userIdentifier", "callbackUrl"),
        *("description", "additionalData", "status", "initPayerIp", "redirectPayerIp"),
        *("createdAt", "modifiedAt", "expirationDate", "payerCard", "nationalCode"),
    }
    assert {name: inquiry[name] for name in given} == given
    assert inquiry["initPayerIp"] == inquiry["redirectPayerIp"] == "127.0.0.1"
    moments = [inquiry[name] for name in ("createdAt", "modifiedAt", "expirationDate")]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", said) for said in moments)
    assert moments == sorted(moments)


@pytest.mark.parametrize("wrong", ["nothing!", "AAAAAAAA"])
def test_an_order_that_does_not_exist_is_not_found(merchant: Merchant, wrong: str) -> None:
    for answer in (merchant.inquiry(wrong), merchant.verify(wrong)):
        assert (answer.status_code, codes(answer)) == (404, ["order.not_found"])


def test_the_page_of_an_order_that_does_not_exist_says_so(world: SandboxWorld) -> None:
    page = requests.get(f"{world.ppg_base_url}/orders/AAAAAAAA/payments", timeout=10)
    assert page.status_code == 404
    assert "چنین سفارشی وجود ندارد" in page.text


def test_the_page_shows_merchant_and_amount_in_both_units_and_languages(
    merchant: Merchant, world: SandboxWorld
) -> None:
    _, switching_url = merchant.opened(amount=1_234_560)
    persian = requests.get(switching_url, timeout=10).text
    english = requests.get(switching_url, params={"lang": "en"}, timeout=10).text
    assert all(part in persian for part in ('dir="rtl"', "۱۲۳٬۴۵۶", "۱٬۲۳۴٬۵۶۰", world.name))
    assert all(part in english for part in ('dir="ltr"', "123,456", "1,234,560", "TEST MONEY"))


def test_the_page_follows_the_browsers_language(merchant: Merchant) -> None:
    _, switching_url = merchant.opened()
    page = requests.get(switching_url, headers={"Accept-Language": "en-GB,en"}, timeout=10)
    assert 'lang="en"' in page.text


def test_a_page_visited_again_after_the_payment_leads_back_to_the_shop(
    merchant: Merchant, world: SandboxWorld
) -> None:
    _, switching_url = merchant.opened()
    callback = world.pay(switching_url)
    assert callback.replace("&", "&amp;") in requests.get(switching_url, timeout=10).text


def test_the_older_names_of_the_control_api_still_work(merchant: Merchant) -> None:
    order = merchant.world.order(merchant.paid())
    assert order["moves"] == order["transitions"]
    catalogue = merchant.world.control("GET", "behaviours")["catalogue"]
    assert all(entry["rehearses"] == entry["description"] for entry in catalogue)
