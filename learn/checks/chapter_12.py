"""Chapter 12: the gateway is dead: timeouts, breaker, slots."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urljoin

import requests

from jibit_sandbox.testing import browser
from learn.chapters import Bench
from learn.lab import Lab, require, wait_until

MOST_SILENT, PAUSE = 5, 30  # unanswered calls in a row; seconds until one more is tried
SLOTS = 4  # calls at a time
AT_ONCE, LONGEST = 2.0, 10.0  # seconds
GRACE = 2.0  # seconds; this machine may be busy
FEWEST_WORDS = 5  # that say that an order is kept; the name of the state is one of them
TWO_DAYS = 49 * 3600  # seconds; both tokens have expired then


def creates(shop: Lab) -> int:
    """Return how often the gateway was asked to create an order."""
    return len(shop.world.requests_seen(operation="create"))


def buy_and_pay(shop: Lab, en: str, fa: str) -> None:
    """Let somebody buy and pay; require that the order is paid."""
    shopper = shop.shopper()
    bank_page = shopper.buy()
    require(
        bank_page.startswith(shop.world.base_url),
        f"{en} A shopper presses *Buy* and does not get to the gateway's page.",
        f"{fa} خریداری دکمهٔ خرید را می‌زند و به صفحهٔ درگاه نمی‌رسد.",
    )
    shopper.open(shop.world.pay(bank_page))
    require(
        shop.states()[-1] == "paid",
        f"{en} A shopper pays, and the order is {shop.states()[-1]}.",
        f"{fa} خریداری پول می‌دهد و سفارشش {shop.states()[-1]} است.",
    )


def seconds_of(shop: Lab, path: str) -> float:
    """Return how long a page of the shop takes; after LONGEST nobody waits much more."""
    began = time.monotonic()
    with suppress(requests.Timeout):
        browser().get(urljoin(shop.url, path), timeout=LONGEST + GRACE, allow_redirects=False)
    return time.monotonic() - began


def seconds_to_buy(shop: Lab) -> float:
    """Return how long the shop takes to answer the button; after LONGEST nobody waits much more."""
    action, fields = shop.shopper().fill_in()
    began = time.monotonic()
    with suppress(requests.Timeout):
        browser().post(action, data=fields, timeout=LONGEST + GRACE, allow_redirects=False)
    return time.monotonic() - began


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


def a_shopper_waits_ten_seconds_at_most(bench: Bench) -> None:
    with bench.shop() as shop:
        buy_and_pay(shop, "Nothing is broken.", "چیزی خراب نیست.")
        shop.later(TWO_DAYS)
        shop.world.behave("delay", times=None, seconds=4)
        waited = seconds_to_buy(shop)
        require(
            waited < LONGEST + GRACE,
            "Both tokens have expired, and the gateway takes 4 seconds for each call: create,"
            " refresh, generate, and create again. The shopper waits for more than"
            f" {LONGEST:.0f} seconds. Give the whole call a deadline, not only each request.",
            "هر دو توکن منقضی شده و درگاه برای هر درخواست ۴ ثانیه وقت می‌برد: create، refresh،"
            f" generate و باز create. خریدار بیش از {LONGEST:.0f} ثانیه منتظر می‌ماند. برای کل کار"
            " مهلت بگذارید، نه فقط برای هر درخواستش.",
        )


def require_an_end(operation: str, waited: float) -> None:
    require(
        waited < LONGEST + GRACE,
        f"The gateway never answers {operation}, and the shop's page waits with it for more than"
        f" {LONGEST:.0f} seconds. Every request needs a timeout, whatever it asks for.",
        f"درگاه به {operation} هیچ جوابی نمی‌دهد و صفحهٔ فروشگاه هم بیش از {LONGEST:.0f} ثانیه منتظرش"
        " می‌ماند. هر درخواستی تایم‌اوت می‌خواهد، هر چه که بپرسد.",
    )


def every_call_about_an_order_ends(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor(SLOTS) as pool:
        buy_and_pay(shop, "Nothing is broken.", "چیزی خراب نیست.")
        waiting = {}
        for operation in ("inquiry", "verify"):
            bank_page = shop.shopper().buy()
            bought = shop.world.orders()[-1]["identifier"]
            shop.world.behave("hang", operation=operation, order=bought)
            waiting[operation] = pool.submit(seconds_of, shop, shop.world.pay(bank_page))
        shop.world.behave("hang", operation="create")
        waiting["create"] = pool.submit(seconds_to_buy, shop)
        for operation, waited in waiting.items():
            require_an_end(operation, waited.result())


def every_call_for_a_token_ends(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.behave("hang", operation="generate")
        require_an_end("generate", seconds_to_buy(shop))
        buy_and_pay(shop, "One call was not answered.", "یک درخواست بی‌جواب ماند.")
        shop.world.behave("token_expired", operation="create")
        shop.world.behave("hang", operation="refresh")
        require_an_end("refresh", seconds_to_buy(shop))


def every_kind_of_call_ends(bench: Bench) -> None:
    with ThreadPoolExecutor(1) as pool:
        about_orders = pool.submit(every_call_about_an_order_ends, bench)
        every_call_for_a_token_ends(bench)
        about_orders.result()


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
