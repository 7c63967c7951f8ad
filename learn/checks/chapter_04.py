"""Chapter 4: amounts."""

from __future__ import annotations

import json
from typing import Any

from learn.chapters import Bench
from learn.lab import require

PRICE_RIALS = 1_250_000
WRONG_ANSWERS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    (
        "names ten times the order's amount",
        "مبلغ را ده برابر سفارش می‌گوید",
        "inquiry_other_amount",
        {},
    ),
    (
        "names a hundredth of the order's amount",
        "مبلغ را یک‌صدم سفارش می‌گوید",
        "inquiry_other_amount",
        {"amount": PRICE_RIALS // 100},
    ),
    ("names another currency", "واحد پول دیگری می‌گوید", "inquiry_other_currency", {}),
    ("names another reference", "شمارهٔ مرجع دیگری می‌گوید", "inquiry_other_reference", {}),
)


def the_gateway_is_told_the_price_that_the_page_shows(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.shopper().buy()
        (asked,) = [order["amount_rials"] for order in shop.world.orders()]
        require(
            asked == PRICE_RIALS,
            f"The page shows {PRICE_RIALS // 10:,} Toman, and the gateway was asked for {asked:,}"
            f" Rials. That should be {PRICE_RIALS:,} Rials.",
            f"صفحه {PRICE_RIALS // 10:,} تومان نشان می‌دهد و از درگاه {asked:,} ریال خواسته شد؛"
            f" درستش {PRICE_RIALS:,} ریال است.",
        )


def a_payment_of_the_right_amount_is_captured(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = shopper.buy()
        shop.world.behave("callback_other_amount", operation="pay")
        shopper.open(shop.world.pay(bank_page))
        require(
            shop.states() == ["paid"] and shop.bank() == ["captured"],
            "The payer paid the right amount, and only the callback's address names another one:"
            f" the order is {shop.states()}, and the gateway says {shop.bank()}. Compare with the"
            " gateway's inquiry.",
            "خریدار مبلغ درست را داد و فقط آدرس کال‌بک مبلغ دیگری می‌گوید: سفارش"
            f" {shop.states()} است و درگاه می‌گوید {shop.bank()}. با استعلام درگاه مقایسه کنید.",
        )


def nothing_else_is_captured(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        for en, fa, behaviour, parameters in WRONG_ANSWERS:
            bank_page = shopper.buy()
            asked = shop.world.orders()[-1]["identifier"]
            shop.world.behave(behaviour, order=asked, times=None, **parameters)
            shopper.open(shop.world.pay(bank_page))
            at_the_bank, state = shop.bank()[-1], shop.states()[-1]
            require(
                at_the_bank == "paid",
                f"The gateway's inquiry {en}, and your shop had the money taken all the same: the"
                f" order is {state}, the gateway says {at_the_bank}. Ask and compare first.",
                f"استعلام درگاه {fa} و فروشگاه با این حال پول را برداشت: سفارش {state} است و درگاه"
                f" می‌گوید {at_the_bank}. اول بپرسید و مقایسه کنید.",
            )
            require(
                state == "in_doubt",
                f"The gateway's inquiry {en}: nothing is certain yet, so the order should be"
                f" in_doubt; it is {state}.",
                f"استعلام درگاه {fa}: هنوز چیزی معلوم نیست، پس سفارش باید in_doubt باشد؛ الان"
                f" {state} است.",
            )


def the_gateway_is_told_the_currency(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.shopper().buy()
        (create,) = shop.world.requests_seen(operation="create")
        require(
            json.loads(create["request_body"]).get("currency") == "RIALS",
            'The order is created without its currency. Send "currency": "RIALS" as well.',
            'سفارش بدون واحد پول ساخته شد. "currency": "RIALS" را هم بفرستید.',
        )


STEPS = [
    the_gateway_is_told_the_price_that_the_page_shows,
    a_payment_of_the_right_amount_is_captured,
    nothing_else_is_captured,
    the_gateway_is_told_the_currency,
]
