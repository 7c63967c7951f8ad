"""Chapter 4: amounts."""

from __future__ import annotations

import json
from typing import Any

from learn.chapters import Bench
from learn.checks.proxy import Proxy, a_proxy
from learn.lab import require

PRICE_RIALS = 1_250_000
FORMER_PRICE_RIALS = 1_100_000
COMPARED = ("id", "referenceNumber", "amount", "currency")
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


class Forgetful(Proxy):
    """A gateway whose answers leave out one field."""

    left_out = ""

    def loses(self) -> bool:
        return False

    def changed(self, said: bytes) -> bytes:
        answer = json.loads(said)
        answer.pop(self.left_out, None)
        return json.dumps(answer).encode()


def a_missing_field_is_not_equal(bench: Bench) -> None:
    with a_proxy(Forgetful) as (url, handler), bench.shop(GATEWAY_URL=url) as shop:
        handler.gateway = shop.world.ppg_base_url
        shopper = shop.shopper()
        for name in COMPARED:
            Forgetful.left_out = name
            status = shopper.open(shop.world.pay(shopper.buy())).status
            state, at_the_bank = shop.states()[-1], shop.bank()[-1]
            require(
                (state, at_the_bank) == ("in_doubt", "paid") and status < 500,
                f"The payer paid, and the gateway's inquiry has no `{name}`: the shop answers"
                f" {status}, the order is {state}, and the gateway says {at_the_bank}. A missing"
                " field is not equal, and it is no reason for an exception: right is a page, an"
                " order that is in_doubt, and no verify.",
                f"خریدار پول داد و استعلام درگاه «{name}» ندارد: فروشگاه {status} می‌دهد، سفارش"
                f" {state} است و درگاه می‌گوید {at_the_bank}. فیلدی که نیست برابر نیست و نباید"
                " باعث exception شود: درستش یک صفحه است، سفارشی که in_doubt است، و بدون verify.",
            )


def the_orders_own_amount_is_compared(bench: Bench) -> None:
    """Place an order at a former price: its row says so, and the gateway's inquiry."""
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = shopper.buy()
        with shop.database() as database:
            database.execute("UPDATE orders SET amount_rials = ?", [FORMER_PRICE_RIALS])
        shop.world.behave("inquiry_other_amount", amount=FORMER_PRICE_RIALS, times=None)
        shopper.open(shop.world.pay(bank_page))
        require(
            shop.states() == ["paid"] and shop.bank() == ["captured"],
            f"The price has changed while somebody was paying: the order's row says"
            f" {FORMER_PRICE_RIALS:,} Rials, the gateway's inquiry says the same, and the shop's"
            f" price is {PRICE_RIALS:,} now. The order is {shop.states()[0]}, and the gateway says"
            f" {shop.bank()[0]}. What was agreed is the amount in the order's row: right is paid.",
            "وسط پرداخت قیمت عوض شد: سطر سفارش می‌گوید"
            f" {FORMER_PRICE_RIALS:,} ریال، استعلام درگاه هم همین را می‌گوید و قیمت فروشگاه حالا"
            f" {PRICE_RIALS:,} ریال است. سفارش {shop.states()[0]} است و درگاه می‌گوید"
            f" {shop.bank()[0]}. مبلغی که با مشتری توافق شده همان مبلغ سطر سفارش است:"
            " درستش paid است.",
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
    a_missing_field_is_not_equal,
    the_orders_own_amount_is_compared,
    the_gateway_is_told_the_currency,
]
