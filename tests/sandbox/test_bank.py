"""The page as a bank: test cards, forced card, national code, dynamic password, magic amounts."""

from __future__ import annotations

import re

import pytest
import requests

from jibit_sandbox.bank.cards import is_card_number
from jibit_sandbox.bank.issuers import bank_of
from jibit_sandbox.testing import ShopperStopped
from testkit.valid_html import parse_errors
from tests.sandbox.merchant import Merchant
from tests.sandbox.wallet_merchant import MOBILE, WalletMerchant


def cards(merchant: Merchant) -> dict[str, str]:
    listed = merchant.world.control("GET", "cards")["cards"]
    return {card["key"]: card["number"] for card in listed}


def test_every_test_card_is_a_good_number_of_a_known_bank(merchant: Merchant) -> None:
    _, switching_url = merchant.opened()
    for number in cards(merchant).values():
        assert is_card_number(number)
        page = requests.get(switching_url, params={"card": number, "lang": "en"}, timeout=10).text
        assert f'value="{number}"' in page
        assert re.search(r'aria-live="polite">[A-Z][A-Za-z ]+</span>', page)


def test_any_other_good_card_pays(merchant: Merchant) -> None:
    identifier, switching_url = merchant.opened()
    merchant.world.pay(switching_url, card="5022291234567897")
    assert merchant.inquiry(identifier).json()["payerCard"] == "502229******7897"


def test_too_little_money_fails_the_order_and_calls_back(merchant: Merchant) -> None:
    identifier, switching_url = merchant.opened()
    card = cards(merchant)["insufficient_funds"]
    assert "state=FAILED" in merchant.world.pay(switching_url, card=card)
    assert merchant.status(identifier) == "FAILED"


@pytest.mark.parametrize("key", ["bank_down", "blocked"])
def test_a_card_that_does_not_work_leaves_the_order_open_for_another(
    merchant: Merchant, key: str
) -> None:
    identifier, switching_url = merchant.opened()
    with pytest.raises(ShopperStopped, match="422"):
        merchant.world.pay(switching_url, card=cards(merchant)[key])
    assert merchant.world.order(identifier)["state"] == "awaiting"
    assert "SUCCESSFUL" in merchant.world.pay(switching_url)


def test_a_forced_card_is_the_only_one_that_pays(merchant: Merchant) -> None:
    identifier, switching_url = merchant.opened(
        payerCardNumber="5022291234567897", forcePayerCardNumber="true"
    )
    with pytest.raises(ShopperStopped, match="تنها با کارتی که فروشگاه تعیین کرده"):
        merchant.world.pay(switching_url)
    merchant.world.pay(switching_url, card="5022291234567897")
    assert merchant.world.order(identifier)["state"] == "paid"


@pytest.mark.parametrize("force", ["false", False, None, ...])
def test_a_card_that_is_only_suggested_forces_nobody(merchant: Merchant, force: object) -> None:
    _, switching_url = merchant.opened(
        payerCardNumber="5022291234567897", forcePayerCardNumber=force
    )
    assert "SUCCESSFUL" in merchant.world.pay(switching_url)


def test_somebody_elses_card_is_refused_where_a_national_code_is_asked_for(
    merchant: Merchant,
) -> None:
    card = cards(merchant)["other_owner"]
    _, asking = merchant.opened(nationalCode="0084575948")
    _, not_asking = merchant.opened()
    with pytest.raises(ShopperStopped, match="صاحب کد ملی"):
        merchant.world.pay(asking, card=card)
    assert "SUCCESSFUL" in merchant.world.pay(not_asking, card=card)
    assert "SUCCESSFUL" in merchant.world.pay(asking)


def test_the_dynamic_password_that_was_sent_pays_and_a_wrong_one_does_not(
    merchant: Merchant,
) -> None:
    identifier, switching_url = merchant.opened()
    page = merchant.world.submit(switching_url, "password").text
    sent = re.search(r'role="status">.*<bdi class="code">(\d{5})</bdi>', page)
    assert sent
    with pytest.raises(ShopperStopped, match="رمز پویا نادرست"):
        merchant.world.pay(switching_url, password="99999")
    merchant.world.pay(switching_url, password=sent[1])
    assert merchant.world.order(identifier)["state"] == "paid"


def test_asking_for_a_password_keeps_what_was_typed(merchant: Merchant) -> None:
    _, switching_url = merchant.opened()
    page = merchant.world.submit(switching_url, "password", card="5022291234567897", cvv2="987")
    assert 'value="5022291234567897"' in page.text
    assert 'value="987"' in page.text


def test_a_card_can_lose_the_callback(merchant: Merchant) -> None:
    identifier, switching_url = merchant.opened()
    card = cards(merchant)["callback_lost"]
    assert merchant.world.submit(switching_url, "pay", card=card).status_code == 200
    assert merchant.world.order(identifier)["state"] == "paid"


def test_a_card_can_make_verify_say_unknown_twice(merchant: Merchant) -> None:
    identifier, switching_url = merchant.opened()
    merchant.world.pay(switching_url, card=cards(merchant)["unknown_twice"])
    said = [merchant.verify(identifier).json()["status"] for _ in range(3)]
    assert said == ["Unknown", "Unknown", "Successful"]


def test_a_card_can_lose_the_answer_to_the_capture(merchant: Merchant) -> None:
    identifier, switching_url = merchant.opened()
    merchant.world.pay(switching_url, card=cards(merchant)["verify_lost"])
    with pytest.raises(requests.ConnectionError):
        merchant.verify(identifier)
    assert merchant.world.order(identifier)["state"] == "captured"
    assert merchant.verify(identifier).json() == {"status": "Successful"}


def test_a_card_meets_only_its_own_order(merchant: Merchant) -> None:
    _, switching_url = merchant.opened()
    merchant.world.pay(switching_url, card=cards(merchant)["verify_failed"])
    assert merchant.verify(merchant.paid()).json() == {"status": "Successful"}


@pytest.mark.parametrize(
    ("key", "field", "said"),
    [("other_amount", "amount", 2_500_000), ("stuck", "status", "IN_PROGRESS")],
)
def test_a_card_can_make_every_inquiry_wrong(
    merchant: Merchant, key: str, field: str, said: object
) -> None:
    identifier, switching_url = merchant.opened()
    merchant.world.pay(switching_url, card=cards(merchant)[key])
    merchant.verify(identifier)
    assert [merchant.inquiry(identifier).json()[field] for _ in range(2)] == [said, said]


def magic(merchant: Merchant) -> dict[str, int]:
    listed = merchant.world.control("GET", "cards")["amounts"]
    return {entry["behaviour"]: entry["amount_rials"] for entry in listed}


def test_a_magic_amount_makes_its_order_meet_a_behaviour(merchant: Merchant) -> None:
    identifier = merchant.paid(amount=magic(merchant)["verify_unknown"])
    said = [merchant.verify(identifier).json()["status"] for _ in range(3)]
    assert said == ["Unknown", "Unknown", "Successful"]


def test_a_magic_amount_counts_in_rials_whatever_the_currency(merchant: Merchant) -> None:
    toman = magic(merchant)["reset_after_commit"] // 10
    identifier = merchant.paid(amount=toman, currency="TOMAN")
    with pytest.raises(requests.ConnectionError):
        merchant.verify(identifier)
    assert merchant.world.order(identifier)["state"] == "captured"


def test_a_magic_amount_can_be_about_the_callback(merchant: Merchant) -> None:
    _, switching_url = merchant.opened(amount=magic(merchant)["callback_other_state"])
    assert "state=FAILED" in merchant.world.pay(switching_url)


def test_an_ordinary_amount_is_not_magic(merchant: Merchant) -> None:
    assert max(magic(merchant).values()) < 2000  # Rials: no goods cost so little


@pytest.mark.parametrize(
    ("prefixes", "bank"),
    [
        ("627381 639599 505801 636949 639370", "Bank Sepah"),
        ("639347 502229", "Bank Pasargad"),
        ("627884 639194", "Parsian Bank"),
        ("504172", "Resalat Bank"),
        ("636795", "Central Bank of Iran"),
        ("000000", None),
    ],
)
def test_a_card_shows_the_bank_that_serves_it_today(prefixes: str, bank: str | None) -> None:
    assert {bank_of(f"{prefix}1234567890") for prefix in prefixes.split()} == {bank}


def test_each_mistake_leads_to_its_field_and_secrets_are_not_shown_again(
    merchant: Merchant,
) -> None:
    _, address = merchant.opened()
    typed = {"card": "5022291234567896", "cvv2": "98", "month": "13", "year": "19"}
    answer = merchant.world.submit(address, "pay", **typed, password="4321")
    assert answer.status_code == 422
    assert parse_errors(answer.text) == []
    alert = answer.text.partition('role="alert"')[2].partition("</div>")[0]
    assert re.findall('<li><a href="#(\\w+)">', alert) == ["card", "cvv2", "month", "password"]
    described = dict(
        re.findall(r'id="(\w+)"[^>]*aria-invalid="true" aria-describedby="([^"]+)"', answer.text)
    )
    assert described == {
        "card": "wrong-card bank",
        "cvv2": "wrong-cvv2 ",
        "month": "wrong-month ",
        "year": "wrong-month ",
        "password": "wrong-password ",
    }
    assert all(f'id="{name.split()[0]}"' in answer.text for name in described.values())
    assert all(f'value="{kept}"' in answer.text for kept in ("5022291234567896", "13", "19"))
    assert not any(f'value="{secret}"' in answer.text for secret in ("98", "4321"))


def test_what_the_wallet_refuses_leads_to_its_place(payee: WalletMerchant) -> None:
    _, address = payee.opened()
    for balance, password, place in ((None, "99999", "password"), (0, "12345", "balance")):
        if balance is not None:
            payee.world.set_balance(balance, mobile=MOBILE)
        answer = payee.world.submit(address, "pay", password=password)
        assert f'<li><a href="#{place}">' in answer.text
        assert f'id="{place}"' in answer.text
        assert 'maxlength="12" value=""' in answer.text
