"""Chapter 8: the browser that never comes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep

from learn.chapters import Bench
from learn.checks.passes import (
    a_refused_order_ends_and_stops_no_other,
    an_unexpected_error_stops_one_order_only,
    one_order_never_stops_the_others,
)
from learn.lab import Lab, require

WINDOW = 1000  # seconds; longer than the gateway's 15 minutes
ASK_FIRST = (
    " Ask the gateway before you look at the clock.",
    " اول از درگاه بپرسید، بعد به ساعت نگاه کنید.",
)
A_START = 2  # seconds in which a process that has nothing to do would have ended


def who_pays_and_never_returns_has_a_paid_order(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.pay_and_vanish(shop.shopper().buy())
        shop.work()
        require(
            shop.states() == ["paid"] and shop.bank() == ["captured"],
            "The payer has paid, and the browser never came back. After `python shop.py work` the"
            f" order is {shop.states()[0]}, and the gateway says {shop.bank()[0]}. Right is paid"
            " and captured.",
            "خریدار پول داد و مرورگرش هیچ‌وقت برنگشت. بعد از «python shop.py work» سفارش"
            f" {shop.states()[0]} است و درگاه می‌گوید {shop.bank()[0]}. باید در فروشگاه paid و در"
            " درگاه captured (تأییدشده) باشد.",
        )


def who_is_still_typing_is_left_alone(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        bank_page = shopper.buy()
        shop.work()
        require(
            shop.states() == ["waiting"],
            "The worker passed while the payer was still typing on the gateway's page: the order is"
            f" {shop.states()[0]}. It can still be paid, so it is waiting.",
            "ورکر وقتی اجرا شد که خریدار هنوز در صفحهٔ درگاه بود: سفارش"
            f" {shop.states()[0]} است. هنوز می‌شود پولش را داد، پس باید waiting باشد.",
        )
        shopper.open(shop.world.pay(bank_page))
        require(
            shop.states() == ["paid"] and shop.bank() == ["captured"],
            "The worker passed while the payer was still typing; then the payer paid and came back:"
            f" the order is {shop.states()[0]}, and the gateway says {shop.bank()[0]}.",
            "ورکر وقتی اجرا شد که خریدار هنوز در صفحهٔ درگاه بود؛ بعد خریدار پول داد و برگشت:"
            f" سفارش {shop.states()[0]} است و درگاه می‌گوید {shop.bank()[0]}.",
        )


def who_gives_up_leaves_an_order_that_ends(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.cancel(shop.shopper().buy())
        shop.shopper().buy()
        shop.later(WINDOW)
        shop.work()
        en, fa = ASK_FIRST if shop.states()[0] == "expired" else ("", "")
        require(
            shop.states() == ["failed", "expired"],
            "One payer cancelled, another one left, and neither browser came back. The window is"
            f" over, and the gateway's orders are {shop.bank()}; the shop's are {shop.states()}."
            f"{en}",
            "یک خریدار انصراف داد، یکی دیگر رفت و مرورگر هیچ‌کدام برنگشت. مهلت تمام شده و سفارش‌ها"
            f" نزد درگاه {shop.bank()} هستند؛ در فروشگاه {shop.states()}.{fa}",
        )


def who_is_in_progress_after_the_window_has_expired(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.shopper().buy()
        shop.world.behave("inquiry_in_progress", operation="inquiry", times=None)
        shop.later(WINDOW)
        shop.work()
        require(
            shop.states() == ["expired"],
            "Nobody has paid, the window is over, and the inquiry still says IN_PROGRESS: the order"
            f" is {shop.states()[0]}. The gateway was asked and captures nothing after `ends_at`:"
            " right is expired, or the worker asks about it for ever.",
            "کسی پول نداده، مهلت تمام شده و استعلام هنوز می‌گوید IN_PROGRESS: سفارش"
            f" {shop.states()[0]} است. از درگاه پرسیده شده و بعد از «ends_at» دیگر پولی برداشته"
            " نمی‌شود: درستش expired است، وگرنه ورکر تا ابد دربارهٔ آن می‌پرسد.",
        )


def silence_expires_nothing(bench: Bench) -> None:
    with bench.shop() as shop:
        for _ in range(2):
            shop.shopper().buy()
        silent, wordless = (order["gateway_id"] for order in shop.ledger())
        shop.world.behave("error_500", operation="inquiry", order=silent, times=None)
        shop.world.behave(
            "set_field", operation="inquiry", order=wordless, field="status", value=None
        )
        shop.later(WINDOW)
        shop.work()
        _require_that_both_wait(shop)
        shop.world.forget_behaviours()
        shop.work()
        require(
            shop.states() == ["expired", "expired"],
            "The window is over, and the gateway, which was silent about two orders, answers again:"
            f" the orders are {shop.states()}, and the gateway says {shop.bank()}.",
            "مهلت تمام شده و درگاه که دربارهٔ دو سفارش ساکت بود دوباره جواب می‌دهد: سفارش‌ها"
            f" {shop.states()} هستند و درگاه می‌گوید {shop.bank()}.",
        )


def _require_that_both_wait(shop: Lab) -> None:
    state, wordless = shop.states()
    require(
        state not in ("expired", "failed"),
        "The window is over by your clock, and the gateway answers 500 to each question. The order"
        f" is {state}: nobody knows yet whether it was paid.{ASK_FIRST[0]}",
        f"به ساعت شما مهلت تمام شده و درگاه به هر پرسشی خطای ۵۰۰ می‌دهد. سفارش {state} است، در حالی"
        f" که هنوز کسی نمی‌داند پولش داده شده یا نه.{ASK_FIRST[1]}",
    )
    require(
        wordless == "waiting",
        "The window is over, and the inquiry names the right order and amount, but no status: the"
        f" order is {wordless}. A missing word is silence (`text` of chapter 6), so right is"
        " waiting.",
        "مهلت تمام شده و استعلام سفارش و مبلغ درست را می‌گوید، ولی status ندارد: سفارش"
        f" {wordless} است. کلمه‌ای که نیست یعنی سکوت («text» فصل ۶)، پس درستش waiting است.",
    )


def _worker_and_callback(bench: Bench, hold: str) -> None:
    """Let the payer come back while the worker's verify is held."""
    with bench.shop() as shop, ThreadPoolExecutor() as pool:
        shop.world.switch(verify_again="Failed")
        shopper = shop.shopper()
        callback = shop.world.pay(shopper.buy())
        shop.world.behave(hold, operation="verify")
        worker = pool.submit(shop.work)
        shop.wait_until_held()
        shopper.open(callback)
        shop.world.release()
        worker.result()
        require(
            shop.states() == ["paid"] and shop.bank() == ["captured"],
            "The browser came back while the worker was asking about the same order: the order is"
            f" {shop.states()[0]}, and the gateway says {shop.bank()[0]}. Worker and callback must"
            " take the order in the same way.",
            "مرورگر درست وقتی برگشت که ورکر دربارهٔ همان سفارش می‌پرسید: سفارش"
            f" {shop.states()[0]} است و درگاه می‌گوید {shop.bank()[0]}. ورکر و کال‌بک باید سفارش را"
            " به یک شکل بردارند.",
        )


def worker_and_callback_meet_before_the_capture(bench: Bench) -> None:
    _worker_and_callback(bench, "hold")


def worker_and_callback_meet_after_the_capture(bench: Bench) -> None:
    _worker_and_callback(bench, "hold_after_commit")


def the_worker_keeps_running(bench: Bench) -> None:
    with bench.shop() as shop, shop.beside("shop.py", "worker") as worker:
        sleep(A_START)
        require(
            worker.poll() is None,
            "`python shop.py worker` should go on until it is stopped, and run a pass every 15"
            f" seconds; it has ended with {worker.poll()}.",
            "«python shop.py worker» باید تا وقتی متوقفش نکرده‌اند کار کند و هر ۱۵ ثانیه یک دور"
            f" بپرسد؛ الان با کد {worker.poll()} تمام شده است.",
        )


STEPS = [
    who_pays_and_never_returns_has_a_paid_order,
    who_is_still_typing_is_left_alone,
    who_gives_up_leaves_an_order_that_ends,
    who_is_in_progress_after_the_window_has_expired,
    silence_expires_nothing,
    one_order_never_stops_the_others,
    an_unexpected_error_stops_one_order_only,
    a_refused_order_ends_and_stops_no_other,
    worker_and_callback_meet_before_the_capture,
    worker_and_callback_meet_after_the_capture,
    the_worker_keeps_running,
]
