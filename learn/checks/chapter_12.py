"""Chapter 12: the gateway is dead: timeouts, breaker, slots."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from learn.chapters import Bench
from learn.checks.longest_waits import (
    LONGEST,
    SLOTS,
    a_shopper_waits_ten_seconds_at_most,
    buy_and_pay,
    every_kind_of_call_ends,
    seconds_of,
    seconds_to_buy,
)
from learn.lab import Lab, require, wait_until

MOST_SILENT, PAUSE = 5, 30  # unanswered calls in a row; seconds until one more is tried
AT_ONCE = 2.0  # seconds
FEWEST_WORDS = 5  # that say that an order is kept; the name of the state is one of them


def creates(shop: Lab) -> int:
    """Return how often the gateway was asked to create an order."""
    return len(shop.world.requests_seen(operation="create"))


def a_dead_gateway_is_left_alone(bench: Bench) -> None:
    with bench.shop() as shop:
        buy_and_pay(shop, "Nothing is broken.", "چیزی خراب نیست.")
        payer = shop.shopper()
        callback = shop.world.pay(payer.buy())
        shop.world.behave("error_500", times=None)
        before = creates(shop)
        for _ in range(MOST_SILENT + 3):
            shop.shopper().buy()
        sent = creates(shop) - before
        require(
            sent == MOST_SILENT,
            f"The gateway answers 500 to everything, and {MOST_SILENT + 3} shoppers press *Buy*,"
            f" one after the other: it was called {sent} times. After {MOST_SILENT} calls without"
            " an answer nobody should be sent there.",
            f"درگاه به همه‌چیز خطای ۵۰۰ می‌دهد و {MOST_SILENT + 3} خریدار یکی پس از دیگری دکمهٔ خرید"
            f" را می‌زنند: {sent} بار صدا زده شد. بعد از {MOST_SILENT} درخواست بی‌جواب دیگر نباید"
            " سراغش رفت.",
        )
        require(
            set(shop.states()[2:]) == {"open"},
            f"The gateway is dead: the orders of those who pressed *Buy* are {shop.states()[2:]};"
            " right is open, so that they can be paid later.",
            f"درگاه از کار افتاده: سفارش‌های تازه {shop.states()[2:]} هستند؛ درستش open است تا بعداً"
            " بشود پولشان را داد.",
        )
        payer.open(callback)
        shop.world.forget_behaviours()
        shop.later(PAUSE + 1)
        shop.work()
        require(
            shop.states()[1] == "paid",
            "Somebody paid, and came back while the gateway was dead. The gateway is back, and the"
            f" worker has passed: the order is {shop.states()[1]}; right is paid.",
            "کسی پول داد و وقتی برگشت درگاه از کار افتاده بود. درگاه برگشته و ورکر هم اجرا شده:"
            f" سفارش {shop.states()[1]} است؛ درستش paid است.",
        )


def one_call_looks_whether_it_is_back(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor(1) as pool:
        buy_and_pay(shop, "Nothing is broken.", "چیزی خراب نیست.")
        shop.world.behave("error_500", operation="create", times=MOST_SILENT)
        for _ in range(MOST_SILENT):
            shop.shopper().buy()
        shop.later(PAUSE + 1)
        before = creates(shop)
        shop.world.behave("hold", operation="create", times=None)
        first = pool.submit(shop.shopper().buy)
        wait_until(
            lambda: creates(shop) > before,
            "one call looks whether the gateway is back",
            what_fa="یک درخواست نگاه کند که درگاه برگشته یا نه",
        )
        for _ in range(2):
            seconds_to_buy(shop)
        sent = creates(shop) - before
        shop.world.release()
        shop.world.forget_behaviours()
        require(
            sent == 1,
            f"The gateway has been silent for {PAUSE} seconds, and three shoppers press *Buy* at"
            f" once: it was called {sent} times. Right is once: one call looks whether it is back,"
            " the others are told at once that it is not.",
            f"{PAUSE} ثانیه است که درگاه جواب نمی‌دهد و سه خریدار هم‌زمان دکمهٔ خرید را می‌زنند:"
            f" {sent} بار صدا زده شد. درستش یک بار است: یک درخواست امتحان می‌کند که درگاه برگشته یا"
            " نه، و بقیه همان موقع جواب می‌گیرند که فعلاً نه.",
        )
        require(
            first.result().startswith(shop.world.base_url),
            f"The gateway is back after {PAUSE} seconds, and the first call that looks does not"
            " bring its shopper to the gateway's page.",
            f"درگاه بعد از {PAUSE} ثانیه برگشته، ولی اولین درخواستی که امتحان می‌کند خریدارش را به"
            " صفحهٔ درگاه نمی‌رساند.",
        )
        buy_and_pay(
            shop,
            "One call was answered, so the gateway is back.",
            "یک درخواست جواب گرفت، پس درگاه برگشته.",
        )


def a_no_is_an_answer(bench: Bench) -> None:
    with bench.shop() as shop:
        buy_and_pay(shop, "Nothing is broken.", "چیزی خراب نیست.")
        for _ in range(MOST_SILENT + 1):
            shop.shopper().buy(mobile="")
        buy_and_pay(
            shop,
            f"{MOST_SILENT + 1} shoppers left the mobile number empty, and the gateway refused"
            " their orders with 400: a gateway that says no is not dead.",
            f"{MOST_SILENT + 1} خریدار شمارهٔ موبایل را خالی گذاشتند و درگاه سفارششان را با 400 رد"
            " کرد: درگاهی که «نه» می‌گوید از کار نیفتاده.",
        )


def refused_keys_are_an_answer(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.behave("generate_refused", operation="generate", times=None)
        for _ in range(MOST_SILENT + 1):
            shop.shopper().buy()
        shop.world.forget_behaviours()
        buy_and_pay(
            shop,
            f"The gateway refused your keys {MOST_SILENT + 1} times with 401, and takes them now:"
            " refused keys are an answer, and no reason to stop calling.",
            f"درگاه {MOST_SILENT + 1} بار کلیدهای شما را با 401 نپذیرفت و حالا می‌پذیرد: نپذیرفتن"
            " کلیدها هم جواب است و دلیل قطع درخواست‌ها نیست.",
        )


def an_order_without_an_answer_is_kept(bench: Bench) -> None:
    """Compare an order's page after silence with the same one when the order is paid."""
    with bench.shop() as shop:
        shopper = shop.shopper()
        shop.world.behave("error_500", operation="create")
        kept = shopper.open(shopper.buy())
        paid = shopper.open(shop.world.pay(shopper.send((kept.action, kept.fields))))
        require(
            len(kept.words - paid.words) >= FEWEST_WORDS,
            "The gateway did not answer, and the order is open: its page says nothing about it. It"
            " should say that the order is kept, or the shopper orders again.",
            "درگاه جواب نداد و سفارش open است: صفحه‌اش دراین‌باره چیزی نمی‌گوید. باید بگوید که سفارش"
            " محفوظ است، وگرنه خریدار دوباره سفارش می‌دهد.",
        )


def a_slow_gateway_takes_four_threads(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor(SLOTS) as pool:
        buy_and_pay(shop, "Nothing is broken.", "چیزی خراب نیست.")
        before = creates(shop)
        shop.world.behave("hold", operation="create", times=None)
        waiting = [pool.submit(seconds_to_buy, shop) for _ in range(SLOTS)]
        wait_until(
            lambda: creates(shop) == before + SLOTS,
            f"{SLOTS} calls reach the gateway",
            what_fa=f"{SLOTS} درخواست به درگاه برسد",
        )
        page = seconds_of(shop, "/")
        fifth = min(seconds_to_buy(shop), LONGEST)
        sent = creates(shop) - before
        shop.world.release()
        shop.world.forget_behaviours()
        for one in waiting:
            one.result()
        require(
            sent == SLOTS and fifth < AT_ONCE,
            f"{SLOTS} shoppers wait for a slow gateway, and one more presses *Buy*: {sent} calls"
            f" wait there now, and the shop took {fifth:.1f} seconds to answer. With {SLOTS} slots,"
            " the next one is told at once that the gateway is busy.",
            f"{SLOTS} خریدار منتظر درگاه کندند و یک نفر دیگر دکمهٔ خرید را می‌زند: حالا {sent}"
            f" درخواست آنجا منتظرند و فروشگاه بعد از {fifth:.1f} ثانیه جواب داد. با {SLOTS} جای"
            " هم‌زمان، نفر بعدی همان موقع می‌فهمد که درگاه شلوغ است.",
        )
        require(
            page < AT_ONCE,
            f"{SLOTS} shoppers wait for a slow gateway, and the home page takes {page:.1f}"
            " seconds.",
            f"{SLOTS} خریدار منتظر درگاه کندند و صفحهٔ اصلی {page:.1f} ثانیه طول می‌کشد.",
        )
        buy_and_pay(
            shop,
            "The gateway is fast again: does every call give its slot back?",
            "درگاه دوباره سریع شده: هر درخواست جایش را پس می‌دهد؟",
        )


def nobody_waits_for_long(bench: Bench) -> None:
    """Look at the longest wait while the others are looked at: it takes as long as it takes."""
    with ThreadPoolExecutor(1) as pool:
        longest = pool.submit(a_shopper_waits_ten_seconds_at_most, bench)
        a_no_is_an_answer(bench)
        refused_keys_are_an_answer(bench)
        an_order_without_an_answer_is_kept(bench)
        a_slow_gateway_takes_four_threads(bench)
        every_kind_of_call_ends(bench)
        longest.result()


STEPS = [
    a_dead_gateway_is_left_alone,
    one_call_looks_whether_it_is_back,
    nobody_waits_for_long,
]
