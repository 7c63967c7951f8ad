"""Chapter 15: the second gateway, the wallet; and refunds at a third one."""

from __future__ import annotations

from typing import Any

from jibit_sandbox.testing import browser
from learn.chapters import Bench
from learn.checks import refunds, wallet_answers
from learn.checks.two_gateways import CARD, CHOICE, buy, later, require_states
from learn.lab import PATIENCE, require

BAD_REQUEST = 400


def who_pays_by_wallet_has_a_paid_order(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = buy(shop, shopper)
        (order,) = shop.world.orders()
        (ours,) = shop.ledger()
        require(
            order["amount_rials"] == ours["amount_rials"],
            f"The order is {ours['amount_rials']} Rials here, {order['amount_rials']} at the"
            " wallet.",
            f"سفارش اینجا {ours['amount_rials']} ریال است و در کیف پول {order['amount_rials']}.",
        )
        shopper.open(shop.world.pay(bank_page))
        require_states(
            shop,
            "A shopper has paid by wallet: right is `paid` here and captured there.",
            "خریدار از کیف پول پول داد: سفارش باید در فروشگاه «paid» و در درگاه captured"
            " (تأییدشده) باشد.",
            (["paid"], ["captured"]),
        )


def who_pays_by_card_still_has_one(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        page = shopper.buy(**CARD)
        require(
            page.startswith(shop.world.ppg_base_url),
            f"The form was sent with `{CHOICE}=ppg`; the browser stands on {page}.",
            f"فرم با «{CHOICE}=ppg» فرستاده شد، ولی مرورگر روی {page} است.",
        )
        shopper.open(shop.world.pay(page))
        require_states(
            shop,
            "A shopper has paid by card: right is `paid` here and captured there.",
            "خریدار با کارت پول داد: سفارش باید در فروشگاه «paid» و در درگاه captured"
            " (تأییدشده) باشد.",
            (["paid"], ["captured"]),
        )


def a_gateway_that_nobody_offers_opens_nothing(bench: Bench) -> None:
    with bench.shop() as shop:
        action, fields = shop.shopper().fill_in(**{CHOICE: "somebody"})
        answer = browser().post(action, data=fields, timeout=PATIENCE, allow_redirects=False)
        require(
            answer.status_code == BAD_REQUEST and not shop.ledger(),
            f"The form was sent with `{CHOICE}=somebody`: the answer is {answer.status_code}, and"
            f" there are {len(shop.ledger())} orders. Right is {BAD_REQUEST} and none.",
            f"فرم با «{CHOICE}=somebody» فرستاده شد: جواب {answer.status_code} است و"
            f" {len(shop.ledger())} سفارش ثبت شده. درستش {BAD_REQUEST} و هیچ سفارش است.",
        )


def who_types_the_callback_gets_nothing(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = buy(shop, shopper)
        shop.world.behave("callback_before_money", gateway="wallet", operation="pay")
        shopper.open(shop.world.pay(bank_page))
        require(
            "captured" in shop.bank() or shop.states() != ["paid"],
            "The callback of the wallet says that the order is paid, and it is not: the shop's"
            f" order is {shop.states()}.",
            f"کال‌بک کیف پول می‌گوید پول پرداخت شده، ولی نشده: سفارش {shop.states()} است.",
        )


def the_worker_asks_the_wallet(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.pay_and_vanish(buy(shop, shop.shopper()))
        for _ in range(2):
            shop.later(60)
            shop.work()
        require_states(
            shop,
            "A shopper has paid by wallet and never came back; the worker passed twice.",
            "خریدار از کیف پول پول داد و برنگشت؛ ورکر دو بار اجرا شد.",
            (["paid"], ["captured"]),
        )


def an_answer_that_is_lost_after_the_capture_is_found(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = buy(shop, shopper)
        shop.world.behave("reset_after_commit", gateway="wallet", operation="verify")
        shopper.open(shop.world.pay(bank_page))
        later(shop)
        require_states(
            shop,
            "The wallet has captured the money, and the answer to verify was lost; half an hour"
            " and two passes of the worker later:",
            "کیف پول پول را برداشت و جواب verify گم شد؛ بعد از نیم ساعت و دو بار اجرای ورکر:",
            (["paid"], ["captured"]),
        )


def another_amount_is_not_captured(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = buy(shop, shopper)
        shop.world.behave("inquiry_other_amount", gateway="wallet", operation="inquiry", times=None)
        shopper.open(shop.world.pay(bank_page))
        require(
            "captured" not in shop.bank() and "paid" not in shop.states(),
            "The wallet names another amount than the order's: the order is"
            f" {shop.states()}, the money {shop.bank()}. Compare before you verify.",
            f"کیف پول مبلغ دیگری می‌گوید: سفارش {shop.states()} و پول {shop.bank()} است. پیش از"
            " verify مقایسه کنید.",
        )


def who_cancels_pays_nothing(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        shopper.open(shop.world.cancel(buy(shop, shopper)))
        states: list[Any] = shop.states()
        require(
            states[0] in ("failed", "open", "waiting"),
            f"The shopper has cancelled at the wallet, and the order is {states[0]}.",
            f"خریدار در کیف پول انصراف داد و سفارش {states[0]} است.",
        )
        later(shop)
        require(
            shop.states()[0] in ("failed", "expired", "open"),
            f"Half an hour after the shopper has cancelled, the order is {shop.states()[0]}.",
            f"نیم ساعت بعد از انصراف خریدار، سفارش {shop.states()[0]} است.",
        )


STEPS = [
    who_pays_by_wallet_has_a_paid_order,
    who_pays_by_card_still_has_one,
    a_gateway_that_nobody_offers_opens_nothing,
    *wallet_answers.STEPS,
    who_types_the_callback_gets_nothing,
    the_worker_asks_the_wallet,
    an_answer_that_is_lost_after_the_capture_is_found,
    another_amount_is_not_captured,
    who_cancels_pays_nothing,
    *refunds.STEPS,
]
