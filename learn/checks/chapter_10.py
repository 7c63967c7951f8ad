"""Chapter 10: two attempts, both paid."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from learn.chapters import Bench
from learn.lab import Lab, Shopper, require

WINDOW = 1000  # seconds; longer than the gateway's 15 minutes


@contextmanager
def two_attempts(bench: Bench) -> Iterator[tuple[Lab, Shopper, str, str]]:
    """Give a shop, a shopper, and the gateway's pages of two attempts of one order."""
    with bench.shop() as shop:
        shopper = shop.shopper()
        first = shopper.buy()
        yield shop, shopper, first, pay_again(shop, shopper)


def pay_again(shop: Lab, shopper: Shopper) -> str:
    """Press the button of the order's page; return the gateway's page of another attempt."""
    (order,) = shop.ledger()
    page = shopper.open(f"/orders/{order['number']}")
    require(
        page.action != page.url,
        f"The order is {order['state']}, and its page has no button to pay again: who has lost the"
        " gateway's page cannot pay at all.",
        f"سفارش {order['state']} است و صفحه‌اش دکمه‌ای برای پرداخت دوباره ندارد: کسی که صفحهٔ درگاه"
        " را گم کرده دیگر نمی‌تواند پول بدهد.",
    )
    bank_page = shopper.send((page.action, page.fields))
    (order,) = shop.ledger()
    attempts = order.get("payments") or []
    require(
        len({attempt["reference"] for attempt in attempts}) == 2 and len(shop.bank()) == 2,
        f"The shopper pressed *Pay* again. The gateway has {len(shop.bank())} orders, and the"
        f" `payments` of the order in `/ledger` are {len(attempts)}; right is two, and each has a"
        " `reference` of its own.",
        f"خریدار دوباره دکمهٔ پرداخت را زد. درگاه {len(shop.bank())} سفارش دارد و «payments» این"
        f" سفارش در «/ledger» {len(attempts)} تاست؛ درستش دو تاست، هر کدام با «reference» خودش.",
    )
    return bank_page


def state_of(shop: Lab, bank_page: str) -> str:
    """Return the gateway's state of the attempt that this page belongs to."""
    return next(str(one["state"]) for one in shop.world.orders() if one["identifier"] in bank_page)


def callback_of(shop: Lab, bank_page: str) -> str:
    """Return the callback's address of the attempt that this page belongs to."""
    orders = shop.world.orders()
    return next(str(one["callback_url"]) for one in orders if one["identifier"] in bank_page)


def attempts_of(shop: Lab) -> list[dict[str, Any]]:
    (order,) = shop.ledger()
    return list(order["payments"])


def the_older_attempt_can_still_be_paid(bench: Bench) -> None:
    with two_attempts(bench) as (shop, shopper, first, _second):
        shopper.open(shop.world.pay(first))
        require(
            shop.states() == ["paid"] and state_of(shop, first) == "captured",
            "The shopper opened a second attempt, went back to the first tab and paid there: the"
            f" order is {shop.states()[0]}, and that attempt is {state_of(shop, first)} at the"
            " gateway. Each attempt needs a row and a callback of its own.",
            "خریدار پرداخت دومی باز کرد، ولی به تب اول برگشت و همان‌جا پول داد: سفارش"
            f" {shop.states()[0]} است و آن پرداخت نزد درگاه {state_of(shop, first)}. هر پرداخت"
            " ردیف و کال‌بک خودش را لازم دارد.",
        )


def the_second_money_is_never_captured(bench: Bench) -> None:
    with two_attempts(bench) as (shop, shopper, first, second):
        for callback in [shop.world.pay(first), shop.world.pay(second)]:
            shopper.open(callback)
        shop.work()
        require(
            shop.bank().count("captured") == 1,
            "Both attempts of one order were paid, one after the other, and the gateway's ledger"
            f" says {shop.bank()}: right is one captured. The payer has paid twice for one glass.",
            "هر دو پرداخت یک سفارش پشت سر هم انجام شد و دفتر درگاه می‌گوید"
            f" {shop.bank()}: درستش یک captured است. خریدار برای یک استکان دو بار پول داده.",
        )
        shop.later(WINDOW)
        shop.work()
        states = sorted(attempt["state"] for attempt in attempts_of(shop))
        require(
            sorted(shop.bank()) == ["captured", "expired"] and states == ["expired", "paid"],
            "The window is over, and the money of the other attempt has gone back: at the gateway"
            f" the attempts are {sorted(shop.bank())}, in your `payments` they are {states}."
            " Right is one paid, one expired.",
            "مهلت تمام شد و پول پرداخت دیگر به خریدار برگشت: وضعیت دو پرداخت نزد درگاه"
            f" {sorted(shop.bank())} است و در «payments» شما {states}. درستش یک paid و یک"
            " expired است.",
        )


def two_callbacks_at_once_capture_once(bench: Bench) -> None:
    with two_attempts(bench) as (shop, shopper, first, second), ThreadPoolExecutor() as pool:
        callbacks = [shop.world.pay(first), shop.world.pay(second)]
        shop.world.behave("hold", operation="verify")
        running = pool.submit(shopper.open, callbacks[0])
        shop.world.wait_until_held()
        pool.submit(shop.shopper().open, callbacks[1]).result()
        shop.world.release()
        running.result()
        require(
            shop.bank().count("captured") == 1,
            "Both attempts were paid, and the second callback came while the first verify was under"
            f" way: the gateway's ledger says {shop.bank()}. Whether the order is paid was not"
            " known yet, but that somebody is about to take the money was.",
            "هر دو پرداخت انجام شد و کال‌بک دوم وقتی رسید که verify اول هنوز در راه بود: دفتر درگاه"
            f" می‌گوید {shop.bank()}. آن موقع معلوم نبود سفارش پرداخت شده یا نه، ولی معلوم بود که"
            " برداشتن پول شروع شده.",
        )


def an_attempt_in_doubt_keeps_the_order(bench: Bench) -> None:
    with two_attempts(bench) as (shop, shopper, first, second):
        callbacks = [shop.world.pay(first), shop.world.pay(second)]
        shop.world.behave("reset_after_commit", operation="verify")
        shopper.open(callbacks[0])
        shopper.open(callbacks[1])
        shop.work()
        require(
            shop.bank().count("captured") == 1,
            "Both attempts were paid. The answer to the first verify was lost after the money was"
            f" taken, then the second callback came: the gateway's ledger says {shop.bank()}."
            " An attempt in doubt may have captured, so the order stays its own.",
            "هر دو پرداخت انجام شد. جواب verify اول بعد از برداشتن پول گم شد و بعد کال‌بک دوم رسید:"
            f" دفتر درگاه می‌گوید {shop.bank()}. پرداختی که تکلیفش معلوم نیست شاید پول را برداشته"
            " باشد؛ پس سفارش همچنان مال آن است.",
        )
        require(
            shop.states() == ["paid"],
            "The answer to the first verify was lost, and the worker has passed: the order is"
            f" {shop.states()[0]}; the gateway has captured its money, so right is paid.",
            "جواب verify اول گم شد و ورکر هم اجرا شد: سفارش"
            f" {shop.states()[0]} است؛ درگاه پولش را برداشته، پس درستش paid است.",
        )


def who_has_captured_nothing_gives_the_order_back(bench: Bench) -> None:
    with two_attempts(bench) as (shop, shopper, first, second):
        shopper.open(callback_of(shop, first))
        shopper.open(shop.world.pay(second))
        shop.work()
        require(
            shop.states() == ["paid"] and state_of(shop, second) == "captured",
            "The shopper asked about the first attempt before anybody had paid it; verify took"
            " nothing. Then the second one was paid, and at the gateway it is"
            f" {state_of(shop, second)}: nobody may take its money, because the first one still"
            " has the order.",
            "خریدار دربارهٔ پرداخت اول پرسید، پیش از آنکه کسی پولش را بدهد؛ verify چیزی برنداشت. بعد"
            f" پرداخت دوم انجام شد و نزد درگاه {state_of(shop, second)} است: کسی نمی‌تواند پولش را"
            " بردارد، چون سفارش هنوز در اختیار اولی است.",
        )


STEPS = [
    the_older_attempt_can_still_be_paid,
    the_second_money_is_never_captured,
    two_callbacks_at_once_capture_once,
    an_attempt_in_doubt_keeps_the_order,
    who_has_captured_nothing_gives_the_order_back,
]
