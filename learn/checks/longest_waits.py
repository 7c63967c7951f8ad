"""Chapter 12: how long a shopper waits at most, whatever the gateway leaves unanswered."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urljoin

import requests

from jibit_sandbox.testing import browser
from learn.chapters import Bench
from learn.lab import Lab, require

LONGEST = 10.0  # seconds
GRACE = 2.0  # seconds; this machine may be busy
SLOTS = 4  # calls at a time
TWO_DAYS = 49 * 3600  # seconds; both tokens have expired then


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


def nobody_waits_for_a_renewal_that_does_not_come(bench: Bench) -> None:
    """Kill the shop while it renews the token, and start it again: its lease is still there."""
    with bench.shop() as shop, ThreadPoolExecutor(1) as pool:
        shop.world.behave("hold", operation="generate")
        killed = pool.submit(seconds_to_buy, shop)
        shop.wait_until_held()
        shop.restart()
        with suppress(requests.ConnectionError):
            killed.result()
        waited = seconds_to_buy(shop)
        shop.world.release()
        require(
            waited < LONGEST + GRACE,
            "The shop was killed while it waited for a token, and started again. The next shopper"
            f" presses *Buy* and waits for more than {LONGEST:.0f} seconds, for a renewal that"
            " nobody makes any more. The wait for another process's renewal belongs to the call"
            " too, and ends with it.",
            "فروشگاه وقتی منتظر توکن بود کشته شد و دوباره بالا آمد. خریدار بعدی دکمهٔ خرید را می‌زند"
            f" و بیش از {LONGEST:.0f} ثانیه منتظر توکنی می‌ماند که دیگر کسی آن را نمی‌گیرد. انتظار"
            " برای تمدیدی که پروسهٔ دیگری شروع کرده هم جزو همان کار است و با مهلت آن تمام می‌شود.",
        )


def every_kind_of_call_ends(bench: Bench) -> None:
    with ThreadPoolExecutor(2) as pool:
        beside = [
            pool.submit(every_call_about_an_order_ends, bench),
            pool.submit(nobody_waits_for_a_renewal_that_does_not_come, bench),
        ]
        every_call_for_a_token_ends(bench)
        for one in beside:
            one.result()
