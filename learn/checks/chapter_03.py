"""Chapter 3: create, redirect, callback, verify."""

from __future__ import annotations

from learn.chapters import Bench
from learn.lab import require


def who_pays_has_a_paid_order(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = shopper.buy()
        require(
            bank_page.startswith(shop.world.base_url),
            f"The browser should be redirected to the gateway's page; it stands on {bank_page}.",
            f"مرورگر باید به صفحهٔ درگاه برود؛ الان روی {bank_page} است.",
        )
        shopper.open(shop.world.pay(bank_page))
        require(
            shop.bank() == ["captured"],
            "The payer paid, but the gateway was never asked to verify: the money goes back.",
            "خریدار پول داد، ولی از درگاه verify خواسته نشد: پول به خریدار برمی‌گردد.",
        )
        require(
            shop.states() == ["paid"],
            f"The gateway has captured the money, and the shop's order is {shop.states()}.",
            f"درگاه پول را برداشته، ولی سفارش در فروشگاه {shop.states()} است.",
        )


def who_types_the_callback_gets_nothing(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        shopper.buy()
        (order,) = shop.ledger()
        shopper.open(f"/callback/{order['number']}?state=SUCCESSFUL&refnum={order['gateway_id']}")
        require(
            shop.states() != ["paid"],
            "Somebody typed `state=SUCCESSFUL` by hand, paid nothing, and the order is paid.",
            "کسی با دست «state=SUCCESSFUL» را نوشت و بی آنکه پولی بدهد، سفارشش «paid» شد.",
        )


def a_payment_pays_its_own_order_only(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        shopper.open(shop.world.pay(shopper.buy()))
        shopper.buy()
        paid, other = shop.ledger()
        shopper.open(f"/callback/{other['number']}?state=SUCCESSFUL&refnum={paid['gateway_id']}")
        require(
            shop.states() == ["paid", "open"] or shop.states() == ["paid", "failed"],
            "Somebody paid once, and typed that payment's `refnum` into a second order's callback:"
            f" the orders are {shop.states()}. Verify the id that your shop has stored.",
            "کسی یک بار پول داد و «refnum» همان پرداخت را در کال‌بک سفارش دومش نوشت: سفارش‌ها الان"
            f" {shop.states()} هستند. شناسه‌ای را verify کنید که فروشگاه خودش ذخیره کرده است.",
        )


def a_no_in_the_address_proves_nothing_either(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        shop.world.behave("callback_other_state", operation="pay")
        shopper.open(shop.world.pay(shopper.buy()))
        require(
            shop.states() == ["paid"] and shop.bank() == ["captured"],
            f"The payer paid, and the callback says FAILED: the order is {shop.states()}, and the"
            f" gateway says {shop.bank()}. Whatever the callback says, ask the gateway.",
            f"خریدار پول داد، ولی کال‌بک می‌گوید FAILED: سفارش {shop.states()} است و درگاه"
            f" می‌گوید {shop.bank()}. کال‌بک هرچه بگوید، باید از خود درگاه پرسید.",
        )


STEPS = [
    who_pays_has_a_paid_order,
    who_types_the_callback_gets_nothing,
    a_payment_pays_its_own_order_only,
    a_no_in_the_address_proves_nothing_either,
]
