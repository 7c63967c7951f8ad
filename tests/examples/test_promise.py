"""The examples keep the engine's promise: no paid order is lost, and nobody pays twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from testkit.processes import wait_until
from tests.examples.conftest import on
from tests.examples.shop import FLASK, ExampleShop, Ledgers

RIALS = 2_500_000
on_sqlite = on("flask-sqlite", "django-sqlite")
everywhere = on()


def is_paid_once(ledgers: Ledgers) -> bool:
    """Whether order and payment are paid, and the bank has captured that payment and no other."""
    (captured,) = ledgers.captured
    return ledgers.order == "paid" and ledgers.paid_here == [captured] and captured[1] == RIALS


def test_the_engine_costs_a_shop_at_most_thirty_lines() -> None:
    without, with_payments = (
        [line for line in (FLASK.folder / name).read_text().splitlines() if line.strip()]
        for name in ("shop.py", "shop_with_payments.py")
    )
    assert len(without) <= 45
    assert len(with_payments) - len(without) <= 30
    changed = [line for line in without if line not in with_payments]
    assert len(changed) == 3, changed


@everywhere
def test_a_shopper_pays(shop: ExampleShop) -> None:
    order_page, bank_page = shop.checked_out()
    page = shop.come_back(shop.world.pay(bank_page))
    assert page.url == order_page
    assert "<p>paid</p>" in page.text
    assert is_paid_once(shop.ledgers())


@on_sqlite
def test_a_callback_for_an_unknown_reference_is_not_found(shop: ExampleShop) -> None:
    answer = requests.get(f"{shop.url}/pay/nonsense/callback", timeout=20)
    assert answer.status_code == 404


@on_sqlite
def test_a_shopper_who_is_declined_can_pay_again(shop: ExampleShop) -> None:
    order_page, bank_page = shop.checked_out()
    page = shop.come_back(shop.world.decline(bank_page))
    assert "<p>failed</p>" in page.text
    assert shop.ledgers().order == "open"
    shop.come_back(shop.world.pay(shop.pay(order_page)))
    assert shop.ledgers().payments == ["failed", "paid"]
    assert is_paid_once(shop.ledgers())


@everywhere
def test_a_paid_order_whose_browser_never_came_back_is_found(shop: ExampleShop) -> None:
    order_page, bank_page = shop.checked_out()
    shop.world.pay_and_vanish(bank_page)
    assert "<p>awaiting_payer</p>" in shop.open(order_page).text
    shop.recover()
    assert is_paid_once(shop.ledgers())


@on_sqlite
def test_a_verification_whose_answer_is_lost_is_asked_for_again(shop: ExampleShop) -> None:
    _, bank_page = shop.checked_out()
    shop.world.behave("reset_after_commit", operation="verify")
    page = shop.come_back(shop.world.pay(bank_page))
    assert "<p>confirming</p>" in page.text
    shop.recover()
    assert is_paid_once(shop.ledgers())


@on_sqlite
def test_a_lost_answer_is_told_by_time_where_the_gateway_answers_failed_to_the_second_try(
    shop: ExampleShop,
) -> None:
    shop.world.switch(verify_again="Failed")
    order_page, bank_page = shop.checked_out()
    shop.world.behave("reset_after_commit", operation="verify")
    shop.come_back(shop.world.pay(bank_page))
    shop.recover()
    assert shop.ledgers().payments == ["in_doubt"]
    assert shop.pay(order_page) == order_page  # meanwhile nobody can pay twice
    for _ in range(9):
        shop.recover(after=600)
    assert is_paid_once(shop.ledgers())


@everywhere
def test_a_callback_that_comes_twice_at_once_captures_once(shop: ExampleShop) -> None:
    order_page, bank_page = shop.checked_out()
    callback_url = shop.world.pay(bank_page)
    with ThreadPoolExecutor(2) as browsers:
        pages = list(browsers.map(shop.come_back, [callback_url] * 2))
    assert {page.url for page in pages} == {order_page}
    assert is_paid_once(shop.ledgers())
    verifications = shop.ledgers().verifications
    assert shop.come_back(callback_url).url == order_page
    assert shop.ledgers().verifications == verifications


@on_sqlite
def test_a_callback_that_does_not_name_the_payment_is_shown_no_order_and_is_left_to_recovery(
    shop: ExampleShop,
) -> None:
    _, bank_page = shop.checked_out()
    callback_url = shop.world.pay(bank_page)
    assert shop.come_back(callback_url.partition("?")[0]).url == f"{shop.url}/"
    assert shop.ledgers().captured == []
    shop.recover()
    assert is_paid_once(shop.ledgers())


@everywhere
def test_of_two_attempts_that_were_both_paid_one_is_captured(shop: ExampleShop) -> None:
    order_page, first_page = shop.checked_out()
    shop.pass_time(901)
    shop.world.clock.advance(-901)  # the gateway's clock is late: it still takes the first one
    shop.start()
    second_page = shop.pay(order_page)
    assert second_page != first_page
    callbacks = [shop.world.pay(page) for page in (first_page, second_page)]
    with ThreadPoolExecutor(2) as browsers:
        list(browsers.map(shop.come_back, callbacks))
    assert is_paid_once(shop.ledgers())
    shop.world.clock.advance(901)
    for _ in range(3):
        shop.recover(after=901)
    assert is_paid_once(shop.ledgers())
    assert sorted(shop.ledgers().payments) == ["expired", "paid"]


@on_sqlite
def test_a_payment_of_another_amount_is_never_captured(shop: ExampleShop) -> None:
    _, bank_page = shop.checked_out()
    shop.world.behave("inquiry_other_amount", operation="inquiry", times=None, amount=1000)
    shop.come_back(shop.world.pay(bank_page))
    shop.recover()
    assert shop.ledgers() == Ledgers("open", ["in_doubt"], [], [], 0)
    shop.recover(after=901)  # the gateway has returned the money
    assert shop.ledgers() == Ledgers("open", ["expired"], [], [], 0)


@on_sqlite
def test_recovery_is_a_command_for_cron(shop: ExampleShop) -> None:
    _, bank_page = shop.checked_out()
    shop.world.pay_and_vanish(bank_page)
    shop.make_due()
    with shop.program(*shop.example.recover):
        wait_until(lambda: shop.ledgers().order == "paid", f"the order is paid:\n{shop.output}")
    assert is_paid_once(shop.ledgers())


@pytest.mark.long
@on("flask-sqlite")
def test_recovery_is_a_worker_process(shop: ExampleShop) -> None:
    _, bank_page = shop.checked_out()
    shop.world.pay_and_vanish(bank_page)
    shop.make_due()
    with shop.program("worker.py"):
        wait_until(lambda: shop.ledgers().order == "paid", f"the order is paid:\n{shop.output}")
    assert is_paid_once(shop.ledgers())


@on("django-sqlite")
def test_the_engine_is_not_called_inside_a_transaction_of_django(shop: ExampleShop) -> None:
    program = """
import shop
from django.db import transaction
with transaction.atomic():
    shop.engine.begin(order_key="1", amount_rials=1000, payer_mobile="09121234567")
"""
    with shop.program("-c", program):
        wait_until(lambda: "CallerTransactionOpen: call the" in shop.output, "it is refused")
    assert shop.world.orders() == []
