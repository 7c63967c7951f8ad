"""Chapter 11: tokens: expired, revoked, shared by processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import requests

from jibit_sandbox.testing import browser
from learn.chapters import Bench
from learn.lab import Lab, require

A_DAY = 25 * 3600  # seconds; an access token lives for 24 hours at the gateway
PATIENCE = 8  # seconds; a call and its repetition take far less
AT_ONCE = 6


def asked(shop: Lab, operation: str) -> int:
    """Return how often the gateway was called for this."""
    return len(shop.world.requests_seen(operation=operation))


def buy_and_pay(shop: Lab, en: str, fa: str) -> None:
    """Let somebody buy and pay; require that the order is paid."""
    shopper = shop.shopper()
    bank_page = shopper.buy()
    require(
        bank_page.startswith(shop.world.base_url),
        f"{en} The next shopper presses *Buy* and does not get to the gateway's page.",
        f"{fa} خریدار بعدی دکمهٔ خرید را می‌زند و به صفحهٔ درگاه نمی‌رسد.",
    )
    shopper.open(shop.world.pay(bank_page))
    require(
        shop.states()[-1] == "paid",
        f"{en} The next shopper pays, and the order is {shop.states()[-1]}.",
        f"{fa} خریدار بعدی پول می‌دهد و سفارشش {shop.states()[-1]} است.",
    )


def one_token_serves_every_call_and_process(bench: Bench) -> None:
    with bench.shop() as shop:
        buy_and_pay(shop, "Nothing is broken.", "چیزی خراب نیست.")
        shop.world.pay_and_vanish(shop.shopper().buy())
        shop.work()
        shop.restart()
        buy_and_pay(shop, "The shop was started again.", "فروشگاه دوباره اجرا شد.")
        require(
            shop.states() == ["paid"] * 3,
            f"Three shoppers have paid, and the worker has passed: the orders are {shop.states()}.",
            f"سه خریدار پول دادند و ورکر هم اجرا شد: سفارش‌ها {shop.states()} هستند.",
        )
        require(
            asked(shop, "generate") == 1,
            "The shop served shoppers, its worker ran, and the shop was started again: the gateway"
            f" was asked for a token {asked(shop, 'generate')} times. Once is right; every process"
            " can use the same one.",
            "فروشگاه کار کرد، ورکر اجرا شد و فروشگاه از نو بالا آمد: در این مدت"
            f" {asked(shop, 'generate')} بار از درگاه توکن گرفته شد. درستش یک بار است؛ همهٔ پروسس‌ها"
            " می‌توانند از همان استفاده کنند.",
        )


def an_expired_token_is_refreshed(bench: Bench) -> None:
    with bench.shop() as shop:
        buy_and_pay(shop, "Nothing is broken.", "چیزی خراب نیست.")
        shop.later(A_DAY)
        buy_and_pay(
            shop,
            "A day has gone by, so the access token has expired.",
            "یک روز گذشته و access token منقضی شده.",
        )
        require(
            (asked(shop, "generate"), asked(shop, "refresh")) == (1, 1),
            f"A day has gone by. The shop has called generate {asked(shop, 'generate')} times and"
            f" refresh {asked(shop, 'refresh')} times; right is once each: the refresh token still"
            " works, and the keys stay at home.",
            f"یک روز گذشت. فروشگاه {asked(shop, 'generate')} بار generate و"
            f" {asked(shop, 'refresh')} بار refresh صدا زد؛ درستش از هر کدام یک بار است: refresh"
            " token هنوز کار می‌کند و لازم نیست کلیدها دوباره فرستاده شوند.",
        )
        shop.later(A_DAY)
        buy_and_pay(
            shop,
            "A second day has gone by: were both tokens of the refresh stored?",
            "یک روز دیگر هم گذشت: هر دو توکنی که refresh داد ذخیره شد؟",
        )


def revoked_tokens_begin_anew(bench: Bench) -> None:
    with bench.shop() as shop:
        buy_and_pay(shop, "Nothing is broken.", "چیزی خراب نیست.")
        shop.world.behave("token_revoked", operation="inquiry")
        buy_and_pay(
            shop,
            "The gateway has revoked both tokens while a shopper was paying.",
            "وقتی خریدار در حال پرداخت بود، درگاه هر دو توکن را باطل کرد.",
        )
        shop.world.behave("token_expired", operation="inquiry")
        shop.world.behave("error_500", operation="refresh")
        buy_and_pay(
            shop,
            "The access token has expired, and refresh answers 500: the keys still work.",
            "access token منقضی شد و refresh خطای ۵۰۰ داد: کلیدها هنوز کار می‌کنند.",
        )


def one_of_many_renews(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor(AT_ONCE) as pool:
        buy_and_pay(shop, "Nothing is broken.", "چیزی خراب نیست.")
        shoppers = [shop.shopper() for _ in range(AT_ONCE)]
        forms = [shopper.fill_in() for shopper in shoppers]
        shop.later(A_DAY)
        shop.world.behave("delay", operation="refresh", times=None, seconds=0.7)
        pages = list(pool.map(lambda one: one[0].send(one[1]), zip(shoppers, forms, strict=True)))
        arrived = sum(page.startswith(shop.world.base_url) for page in pages)
        require(
            arrived == AT_ONCE,
            f"The token has expired, and {AT_ONCE} shoppers press *Buy* at the same time:"
            f" {arrived} of them get to the gateway's page.",
            f"توکن منقضی شده و {AT_ONCE} خریدار هم‌زمان دکمهٔ خرید را می‌زنند: {arrived} نفر به صفحهٔ"
            " درگاه می‌رسند.",
        )
        require(
            (asked(shop, "generate"), asked(shop, "refresh")) == (1, 1),
            f"The token has expired, and {AT_ONCE} shoppers press *Buy* at the same time: the shop"
            f" calls refresh {asked(shop, 'refresh')} times and generate"
            f" {asked(shop, 'generate') - 1} times. Right is one refresh; a refresh token works"
            " once, so the others wait for the new pair.",
            f"توکن منقضی شده و {AT_ONCE} خریدار هم‌زمان دکمهٔ خرید را می‌زنند: فروشگاه"
            f" {asked(shop, 'refresh')} بار refresh و {asked(shop, 'generate') - 1} بار generate"
            " صدا می‌زند. درستش یک refresh است؛ refresh token یک‌بارمصرف است و بقیه باید منتظر توکن"
            " تازه بمانند.",
        )


def a_call_is_repeated_once(bench: Bench) -> None:
    with bench.shop() as shop:
        buy_and_pay(shop, "Nothing is broken.", "چیزی خراب نیست.")
        shop.world.behave("token_revoked", operation="create", times=None)
        before = asked(shop, "create")
        form = shop.shopper().fill_in()
        try:
            browser().post(form[0], data=form[1], timeout=PATIENCE, allow_redirects=False)
            answered = True
        except requests.RequestException:
            answered = False
        creates = asked(shop, "create") - before
        require(
            answered and creates == 2,
            "The gateway answers 401 to every create, whatever token it is given. The shop sent"
            f" create {creates} times for one shopper"
            f"{'' if answered else f', and the shopper has waited for {PATIENCE} seconds'}."
            " Right is two: the call, and one repetition with a new token.",
            "درگاه به هر create جواب 401 می‌دهد، با هر توکنی. فروشگاه برای یک خریدار"
            f" {creates} بار create فرستاد"
            f"{'' if answered else f' و خریدار {PATIENCE} ثانیه منتظر ماند'}."
            " درستش دو بار است: خود درخواست و یک تکرار با توکن تازه.",
        )
        require(
            shop.states()[-1] == "open",
            "401 says that the token is dead; it says nothing of the order. The order is"
            f" {shop.states()[-1]}; right is open, so that it can be paid later.",
            f"401 دربارهٔ توکن است، نه دربارهٔ سفارش. سفارش {shop.states()[-1]} است؛ درستش open است"
            " تا بعداً بشود پولش را داد.",
        )


STEPS = [
    an_expired_token_is_refreshed,
    revoked_tokens_begin_anew,
    one_token_serves_every_call_and_process,
    one_of_many_renews,
    a_call_is_repeated_once,
]
