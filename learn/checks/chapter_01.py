"""Chapter 1: a page that sells one thing."""

from __future__ import annotations

import re

from learn.chapters import Bench
from learn.lab import require

PRICE_RIALS = 1_250_000
A_FLOAT = re.compile(r"000\.\d")  # as a page shows 125000.0


def an_order_is_stored_at_the_price(bench: Bench) -> None:
    with bench.shop() as shop:
        ended_at = shop.shopper().buy()
        ledger = shop.ledger()
        require(
            len(ledger) == 1,
            f"Somebody pressed the button once; `/ledger` shows {len(ledger)} orders.",
            f"یک بار دکمه زده شد، ولی «/ledger» {len(ledger)} سفارش نشان می‌دهد.",
        )
        require(
            ledger[0]["amount_rials"] == PRICE_RIALS,
            f"The order's amount is {ledger[0]['amount_rials']}; in Rials it is {PRICE_RIALS}.",
            f"مبلغ سفارش {ledger[0]['amount_rials']} است؛ درستش به ریال {PRICE_RIALS} است.",
        )
        pages = [shop.shopper().open(path).text for path in ("/", ended_at)]
        require(
            type(ledger[0]["amount_rials"]) is int and not any(map(A_FLOAT.search, pages)),
            f"The price is no whole number: `/ledger` shows {ledger[0]['amount_rials']!r}, or a"
            " page shows it with a decimal point. Money is an integer of Rials, never a float.",
            f"قیمت عدد صحیح نیست: «/ledger» {ledger[0]['amount_rials']!r} نشان می‌دهد، یا صفحه‌ای"
            " آن را با ممیز نشان می‌دهد. مبلغ همیشه عدد صحیح به ریال است، نه float.",
        )
        require(
            str(ledger[0]["number"]) in ended_at,
            "After the form, the browser should stand on the order's own page.",
            "بعد از فرستادن فرم، مرورگر باید روی صفحهٔ همان سفارش باشد.",
        )


def an_order_outlives_the_shop(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.shopper().buy()
        shop.restart()
        require(
            len(shop.ledger()) == 1,
            "The order is gone after the shop was killed and started again: is it committed?",
            "فروشگاه که کشته و دوباره اجرا شد، سفارش گم شد: تراکنش commit شده؟",
        )


def nobody_sees_an_order_that_is_not_there(bench: Bench) -> None:
    with bench.shop() as shop:
        status = shop.shopper().open("/orders/nothing").status
        require(
            status == 404,
            f"An order that nobody has answers {status}; the right answer is 404.",
            f"سفارشی که وجود ندارد {status} جواب می‌دهد؛ درستش ۴۰۴ است.",
        )


STEPS = [
    an_order_is_stored_at_the_price,
    an_order_outlives_the_shop,
    nobody_sees_an_order_that_is_not_there,
]
