"""Chapter 13: stock, and the last piece."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from jibit_sandbox.testing import browser
from learn.chapters import Bench
from learn.checks.both_ledgers import free_pieces as free
from learn.lab import PATIENCE, Lab, require

SOLD_OUT = 409
ENDED = ("failed", "expired")
LONG = 1000  # seconds; longer than the gateway's 15 minutes


def send(form: tuple[str, dict[str, str]]) -> int:
    """Send a filled-in form; return the status of the shop's answer."""
    answer = browser().post(form[0], data=form[1], timeout=PATIENCE, allow_redirects=False)
    return answer.status_code


def later(shop: Lab) -> None:
    """Let everything end at the gateway, and let the worker look twice."""
    for _ in range(2):
        shop.later(LONG)
        shop.work()


def the_last_piece_is_sold_once(bench: Bench) -> None:
    with bench.shop(STOCK="1") as shop:
        first, second = shop.shopper(), shop.shopper()
        form = second.fill_in()
        bank_page = first.buy()
        status = send(form)
        require(
            status == SOLD_OUT,
            "There is one piece. The first shopper is paying for it, and the second one gets"
            f" {status} for the form; right is {SOLD_OUT}, with the words that it is sold out.",
            "فقط یک عدد مانده. خریدار اول در حال پرداخت آن است و خریدار دوم برای فرمش"
            f" {status} می‌گیرد؛ درستش {SOLD_OUT} است، با پیام «تمام شد».",
        )
        stored = shop.states()
        require(
            len(stored) == 1,
            f"The second shopper was told that it is sold out, and `/ledger` has {len(stored)}"
            f" orders: {stored}. No order is stored without a piece: one transaction for both.",
            f"به خریدار دوم گفته شد «تمام شد»، ولی «/ledger» {len(stored)} سفارش دارد: {stored}."
            " سفارشی که جنس ندارد ذخیره نمی‌شود: هر دو در یک تراکنش.",
        )
        require(
            len(shop.bank()) == 1,
            f"One piece, and the gateway has {len(shop.bank())} orders that can be paid.",
            f"یک عدد جنس هست، ولی در درگاه {len(shop.bank())} سفارش قابل پرداخت باز شده.",
        )
        first.open(shop.world.pay(bank_page))
        require(
            "paid" in shop.states() and free(shop) == 0,
            f"The last piece is paid: the orders are {shop.states()}, and `/stock` says"
            f" {free(shop)}. Right is one paid order, and 0.",
            f"پول آخرین عدد پرداخت شد: سفارش‌ها {shop.states()} هستند و «/stock» می‌گوید"
            f" {free(shop)}. درستش یک سفارش «paid» و موجودی ۰ است.",
        )


def two_who_press_at_once_share_nothing(bench: Bench) -> None:
    with bench.shop(STOCK="2") as shop, ThreadPoolExecutor() as pool:
        shop.world.behave("delay", operation="create", times=None, seconds=1)
        statuses = list(pool.map(send, [shop.shopper().fill_in() for _ in range(6)]))
        sold = len(shop.bank())
        require(
            sold == 2 and statuses.count(SOLD_OUT) == 4,
            f"Six shoppers press the button at the same time, and there are two pieces: {sold} of"
            f" them are at the gateway, and the answers were {sorted(statuses)}.",
            f"شش خریدار هم‌زمان دکمه را می‌زنند و دو عدد جنس هست: {sold} نفرشان به درگاه رسیدند و"
            f" جواب‌ها این بود: {sorted(statuses)}.",
        )


def a_sold_piece_is_counted_once(bench: Bench) -> None:
    with bench.shop(STOCK="3") as shop:
        shopper = shop.shopper()
        form = shopper.fill_in()
        send(form)
        bank_page = shopper.send(form)
        require(
            free(shop) == 2,
            f"One form was sent twice, by a double click: of three pieces {free(shop)} are free;"
            " right is 2.",
            f"یک فرم با دابل‌کلیک دو بار فرستاده شد: از سه عدد {free(shop)} عدد آزاد است؛ درستش ۲"
            " است.",
        )
        callback = shop.world.pay(bank_page)
        shopper.open(callback)
        shopper.open(callback)
        later(shop)
        require(
            free(shop) == 2,
            "One piece was paid, the callback came twice, and half an hour later"
            f" {free(shop)} of three are free; right is 2.",
            "یک عدد فروخته شد و کال‌بکش دو بار آمد؛ بعد از نیم ساعت از سه عدد"
            f" {free(shop)} عدد آزاد است؛ درستش ۲ است.",
        )


def who_does_not_pay_gives_the_piece_back(bench: Bench) -> None:
    with bench.shop(STOCK="1") as shop:
        bank_page = shop.shopper().buy()
        shop.world.leave(bank_page)
        later(shop)
        require(
            shop.states()[0] in ENDED and free(shop) == 1,
            "A shopper went to the gateway, left, and half an hour has gone by: the order is"
            f" {shop.states()[0]}, and {free(shop)} of one piece is free. Who ends an order"
            " releases its piece, in the same commit.",
            "خریدار به درگاه رفت و بی پرداخت بیرون آمد و نیم ساعت گذشت: سفارش"
            f" {shop.states()[0]} است و از یک عدد {free(shop)} عدد آزاد است. هر جا سفارش تمام"
            " می‌شود، جنسش هم در همان commit آزاد می‌شود.",
        )
        shop.work()
        require(
            free(shop) == 1,
            f"The worker has passed again, and {free(shop)} of one piece is free: an order gives"
            " its piece back once.",
            f"ورکر دوباره اجرا شد و از یک عدد {free(shop)} عدد آزاد است: هر سفارش جنسش را فقط یک"
            " بار پس می‌دهد.",
        )
        page = shop.shopper().buy()
        require(
            page.startswith(shop.world.base_url),
            "The piece is free again, and the next shopper cannot buy it.",
            "جنس دوباره آزاد شده، ولی خریدار بعدی نمی‌تواند آن را بخرد.",
        )


def who_pays_again_takes_a_piece_again(bench: Bench) -> None:
    with bench.shop(STOCK="2") as shop:
        shopper = shop.shopper()
        page = shopper.open(shop.world.cancel(shopper.buy()))
        require(
            shop.states()[0] in ENDED and free(shop) == 2,
            f"There were two pieces. A shopper cancelled: the order is {shop.states()[0]}, and"
            f" {free(shop)} pieces are free; right is 2.",
            f"دو عدد جنس بود. خریدار انصراف داد: سفارش {shop.states()[0]} است و"
            f" {free(shop)} عدد آزاد است؛ درستش ۲ است.",
        )
        require(
            page.action != page.url,
            "A shopper cancelled: the order's page should have the button *Pay*, to try again.",
            "خریدار انصراف داد: صفحهٔ سفارش باید دکمهٔ پرداخت داشته باشد تا دوباره امتحان کند.",
        )
        bank_page = shopper.send((page.action, page.fields))
        require(
            bank_page.startswith(shop.world.base_url) and free(shop) == 1,
            "There were two pieces. A shopper cancelled, and the piece was free again; then *Pay*"
            f" was pressed for the same order, and `/stock` says {free(shop)}; right is 1. Whoever"
            " gives a piece back sets `has_piece` to 0, or the next try takes none: one piece is"
            " sold twice.",
            "دو عدد جنس بود. خریدار انصراف داد و جنسش آزاد شد؛ بعد برای همان سفارش دوباره دکمهٔ"
            f" پرداخت را زد و «/stock» می‌گوید {free(shop)}؛ درستش ۱ است. هر جا جنسی پس داده"
            " می‌شود «has_piece» هم باید ۰ شود، وگرنه تلاش بعدی جنسی برنمی‌دارد و یک جنس دو بار"
            " فروخته می‌شود.",
        )


def who_never_reached_the_gateway_gives_it_back_as_well(bench: Bench) -> None:
    with bench.shop(STOCK="1") as shop:
        shop.world.behave("error_500", operation="create", times=None)
        shop.shopper().buy()
        later(shop)
        require(
            free(shop) == 1,
            "The gateway never answered create, so nobody could pay, and half an hour later"
            f" {free(shop)} of one piece is free: this order has to end, too.",
            "درگاه به ساخت سفارش جواب نداد، پس کسی نمی‌توانست پول بدهد؛ بعد از نیم ساعت از یک عدد"
            f" {free(shop)} عدد آزاد است: این سفارش هم باید تمام شود.",
        )


def an_order_in_doubt_keeps_its_piece(bench: Bench) -> None:
    with bench.shop(STOCK="1") as shop:
        shop.world.pay_and_vanish(shop.shopper().buy())
        shop.world.behave("error_500", operation="inquiry", times=None)
        shop.world.behave("error_500_after_commit", operation="verify", times=None)
        later(shop)
        require(
            free(shop) == 0,
            "A shopper has paid, and the gateway does not answer for half an hour: the piece is"
            " free although its order may be paid. Silence ends no order.",
            "خریدار پول داده و درگاه نیم ساعت جواب نمی‌دهد: جنس آزاد شده، در حالی که شاید پولش"
            " پرداخت شده باشد. با سکوت درگاه هیچ سفارشی تمام نمی‌شود.",
        )


STEPS = [
    the_last_piece_is_sold_once,
    two_who_press_at_once_share_nothing,
    a_sold_piece_is_counted_once,
    who_does_not_pay_gives_the_piece_back,
    who_pays_again_takes_a_piece_again,
    who_never_reached_the_gateway_gives_it_back_as_well,
    an_order_in_doubt_keeps_its_piece,
]
