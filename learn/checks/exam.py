"""The twelve failures of the introduction, and how each is played against a shop of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NamedTuple

import requests

from learn.chapters import Bench
from learn.checks.both_ledgers import (
    MINUTE,
    buy,
    callback_of,
    is_bank,
    pay_again,
    require_agreement,
    require_paid,
    require_unpaid,
    work_on,
)
from learn.lab import Shopper, require


class Failure(NamedTuple):
    """A failure of the introduction's list, and how it is played."""

    en: str
    fa: str
    play: Callable[[Bench], None]


def forged_callback(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        buy(shop, shopper)
        (order,) = shop.ledger()
        asked = f"?state=SUCCESSFUL&refnum={order['gateway_id']}&amount={order['amount_rials']}"
        shopper.open(callback_of(shop) + asked)
        require_unpaid(shop)


def wrong_amount(bench: Bench) -> None:
    with bench.shop() as shop:
        for lie in ("inquiry_other_amount", "inquiry_other_currency"):
            shopper = shop.shopper()
            callback = shop.world.pay(buy(shop, shopper))
            shop.world.forget_behaviours()
            shop.world.behave(lie, times=None)
            shopper.open(callback)
        shop.later(MINUTE)
        shop.work()
        require_unpaid(shop)


def lost_create(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        shop.world.behave("reset_after_commit", operation="create")
        shopper.buy()
        require(
            len(shop.ledger()) == 1,
            "The answer to create was lost, and the shop has no order.",
            "جواب ساخت سفارش گم شد و فروشگاه هیچ سفارشی ندارد.",
        )
        page = pay_again(shop, shopper)
        require(
            is_bank(shop, page),
            "The answer to create was lost; the shopper presses *Pay* again and is not sent to the"
            " gateway.",
            "جواب ساخت سفارش گم شد؛ خریدار دوباره دکمهٔ پرداخت را می‌زند و به درگاه نمی‌رسد.",
        )
        shopper.open(shop.world.pay(page))
        require_paid(shop)


def killed_between_steps(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor() as pool:
        for held in ("hold", "hold_after_commit"):
            shopper = shop.shopper()
            callback = shop.world.pay(buy(shop, shopper))
            shop.world.behave(held, operation="verify")
            pool.submit(open_and_forget, shopper, callback)
            shop.world.wait_until_held()
            shop.stop()
            shop.world.release()
            shop.start()
        work_on(shop)
        require_paid(shop, orders=2)


def open_and_forget(shopper: Shopper, page: str) -> None:
    """Open a page of a shop that may die meanwhile."""
    with suppress(requests.RequestException):
        shopper.open(page)


def silence_taken_for_no(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        callback = shop.world.pay(buy(shop, shopper))
        shop.world.behave("error_500", operation="inquiry")
        shop.world.behave("bad_gateway", operation="verify")
        shopper.open(callback)
        work_on(shop)
        require_paid(shop)


def doubled(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor() as pool:
        shopper = shop.shopper()
        form = shopper.fill_in()
        shopper.send(form)
        callback = shop.world.pay(shopper.send(form))
        list(pool.map(open_and_forget, [shop.shopper() for _ in range(4)], [callback] * 4))
        require(
            len(shop.ledger()) == 1,
            f"One form was sent twice: the shop has {len(shop.ledger())} orders.",
            f"یک فرم دو بار فرستاده شد: فروشگاه {len(shop.ledger())} سفارش دارد.",
        )
        work_on(shop)
        require_paid(shop)


def browser_never_returns(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.pay_and_vanish(buy(shop, shop.shopper()))
        work_on(shop)
        require_paid(shop)


def lost_answer_after_capture(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        callback = shop.world.pay(buy(shop, shopper))
        shop.world.behave("reset_after_commit", operation="verify")
        shopper.open(callback)
        work_on(shop)
        require_paid(shop)


def two_attempts_both_paid(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        shop.world.behave("reset_after_commit", operation="create")
        shopper.buy()
        first = pay_again(shop, shopper)
        second = pay_again(shop, shopper, gateway="wallet")
        pages = {first, second} if is_bank(shop, second) else {first}  # a shop may have one page
        callbacks = [shop.world.pay(page) for page in sorted(pages)]
        orphan = shop.world.orders()[0]["identifier"]  # its page was never shown, and it is paid
        for callback in (str(shop.world.press(orphan)), *callbacks):
            shopper.open(callback)
        work_on(shop, passes=2)
        require_paid(shop)


def dead_token(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        buy(shop, shopper)  # the shop has tokens now
        for behaviour in ("token_expired", "token_revoked"):
            shop.world.behave(behaviour, operation="create")
            page = buy(shop, shopper)
        shop.world.behave("token_revoked", operation="inquiry")
        shopper.open(shop.world.pay(page))
        work_on(shop, passes=2)
        require(
            shop.states().count("paid") == 1,
            f"The tokens died in the middle of a payment: the orders are {shop.states()}.",
            f"توکن‌ها وسط یک پرداخت از کار افتادند: سفارش‌ها {shop.states()} هستند.",
        )
        require_agreement(shop)


def dead_gateway(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper, other = shop.shopper(), shop.shopper()
        callback = shop.world.pay(buy(shop, shopper))
        shop.world.behave("reset", times=None)
        shopper.open(callback)
        page = other.open(other.buy())
        require(
            page.status < requests.codes.server_error,
            f"The gateway is dead, and whoever presses *Buy* gets {page.status}.",
            f"درگاه از کار افتاده و هر کس دکمهٔ خرید را بزند {page.status} می‌گیرد.",
        )
        shop.work()
        require(
            "paid" not in shop.states() and "failed" not in shop.states()[:1],
            f"The gateway is dead and has said nothing; the orders are {shop.states()}.",
            f"درگاه از کار افتاده و هیچ چیزی نگفته؛ سفارش‌ها {shop.states()} هستند.",
        )
        shop.world.forget_behaviours()
        work_on(shop)
        require(
            shop.states()[0] == "paid",
            "A shopper paid, the gateway was dead for a minute, then the worker passed: the order"
            f" is {shop.states()[0]}.",
            "خریدار پول داد، درگاه یک دقیقه از کار افتاد و بعد ورکر اجرا شد: سفارش"
            f" {shop.states()[0]} است.",
        )
        require_agreement(shop)


def last_piece_twice(bench: Bench) -> None:
    with bench.shop(STOCK="1") as shop:
        first, second = shop.shopper(), shop.shopper()
        form = second.fill_in()
        bank_page = buy(shop, first)
        other = second.send(form)
        require(
            not is_bank(shop, other),
            "There is one piece. One shopper is paying for it, and a second one is sent to the"
            " gateway as well.",
            "فقط یک عدد مانده. یک خریدار در حال پرداخت آن است و خریدار دوم هم به درگاه فرستاده شد.",
        )
        first.open(shop.world.pay(bank_page))
        require(
            shop.states().count("paid") == 1,
            f"The last piece is paid: the orders are {shop.states()}.",
            f"پول آخرین عدد پرداخت شد: سفارش‌ها {shop.states()} هستند.",
        )
        require_agreement(shop)


EXAM = (
    Failure("forged callback", "کال‌بک جعلی", forged_callback),
    Failure("wrong amount or currency", "مبلغ یا واحد پول غلط", wrong_amount),
    Failure("lost create", "گم شدن جواب ساخت سفارش", lost_create),
    Failure("killed between two steps", "مرگ برنامه بین دو قدم", killed_between_steps),
    Failure("silence taken for no", "سکوتی که «نه» حساب شد", silence_taken_for_no),
    Failure("doubled click, callback, tab", "کلیک، کال‌بک یا تب دوباره", doubled),
    Failure("browser that never comes back", "مرورگری که برنمی‌گردد", browser_never_returns),
    Failure("answer lost after the capture", "گم شدن جواب verify", lost_answer_after_capture),
    Failure("two attempts, both paid", "دو پرداخت برای یک سفارش", two_attempts_both_paid),
    Failure("dead tokens", "توکن‌های ازکارافتاده", dead_token),
    Failure("dead gateway", "درگاه ازکارافتاده", dead_gateway),
    Failure("last piece sold twice", "دو بار فروختن آخرین عدد", last_piece_twice),
)
