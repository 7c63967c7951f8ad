"""Chapter 7: what is final stays so, whatever comes later."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from learn.chapters import Bench
from learn.lab import Lab, require


def a_later_callback_takes_nothing_back(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        callback = shop.world.pay(shopper.buy())
        shopper.open(callback)
        shop.world.behave("verify_failed", operation="verify")
        shopper.open(callback)
        require(
            shop.states() == ["paid"],
            "The order was paid. Then the same callback came again, and to a second verify the"
            f" gateway may say Failed: the order is {shop.states()[0]}, and the gateway says"
            f" {shop.bank()[0]}. What is paid stays paid.",
            "سفارش پرداخت شده بود. همان کال‌بک دوباره آمد، و درگاه به verify دوم ممکن است بگوید"
            f" Failed: سفارش الان {shop.states()[0]} است و درگاه می‌گوید {shop.bank()[0]}. سفارش"
            " پرداخت‌شده باید پرداخت‌شده بماند.",
        )
        _what_has_failed_stays_failed(shop)


def _what_has_failed_stays_failed(shop: Lab) -> None:
    shopper = shop.shopper()
    callback = shop.world.cancel(shopper.buy())
    shopper.open(callback)
    failed = shop.states()[-1]
    require(
        failed == "failed",
        f"The payer cancelled, and verify says Failed: the order should be failed; it is {failed}.",
        f"خریدار انصراف داد و verify می‌گوید Failed: سفارش باید failed باشد؛ الان {failed} است.",
    )
    shop.world.behave("error_500", operation="inquiry")
    shopper.open(callback)
    later = shop.states()[-1]
    require(
        later == "failed",
        "The payer cancelled, and the order was failed. Then the same callback came again, and the"
        f" gateway did not answer (500): the order is {later}. What is failed stays failed: a"
        " callback takes only an order that is waiting.",
        "خریدار انصراف داد و سفارش failed شد. بعد همان کال‌بک دوباره آمد و درگاه جواب نداد (۵۰۰):"
        f" سفارش الان {later} است. سفارش failed هم باید failed بماند: کال‌بک فقط سفارشی را مال خود"
        " می‌کند که waiting است.",
    )


def what_is_stored_meanwhile_stays(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor() as pool:
        shopper = shop.shopper()
        callback = shop.world.pay(shopper.buy())
        shop.world.behave("hold", operation="inquiry")
        shop.world.behave("verify_failed", operation="verify")
        asking = pool.submit(shopper.open, callback)
        shop.wait_until_held()
        with shop.database() as database:
            database.execute("UPDATE orders SET state = 'paid'")
        shop.world.release()
        asking.result()
        require(
            shop.states() == ["paid"],
            "The gateway was slow. Meanwhile somebody at the shop stored in the database by hand"
            " that the order is paid. Then verify said Failed to the callback, and the order is"
            f" {shop.states()[0]}. Only an order that is still in_doubt gets an outcome: the last"
            " UPDATE has this condition as well.",
            "درگاه کند بود. در این فاصله یکی از کارکنان فروشگاه دستی در دیتابیس"
            " نوشت که سفارش paid است. بعد verify به کال‌بک گفت Failed و سفارش"
            f" {shop.states()[0]} شد. فقط سفارشی که هنوز in_doubt است نتیجه می‌گیرد؛ UPDATE آخر هم"
            " همین شرط را لازم دارد.",
        )
