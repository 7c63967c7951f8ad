"""Chapter 8: passes of the worker in which one order is not like the others."""

from __future__ import annotations

from typing import Any

from learn.chapters import Bench
from learn.lab import Lab, require

# A pass of the worker in which the gateway's answer about one order makes the shop's code fail.
WITH_A_BUG = """
import runpy, sys, requests
number, sent = sys.argv[1], requests.Session.send
def send(self, request, **more):
    if number in request.url:
        raise RuntimeError("something that nobody expected")
    return sent(self, request, **more)
requests.Session.send, sys.argv = send, ["shop.py", "work"]
runpy.run_path("shop.py", run_name="__main__")
"""


def one_order_never_stops_the_others(bench: Bench) -> None:
    with bench.shop() as shop:
        late, silent, _ = _three_paid_orders_of_which_the_first_ends_last(shop)
        shop.world.behave("reset", operation="inquiry", order=silent["gateway_id"], times=None)
        printed = shop.work()
        states = shop.states()
        require(
            states[::2] == ["paid", "paid"],
            "Three orders were paid, and the gateway does not answer about one. After a pass of the"
            f" worker the other two are {states[::2]}; right is paid for both.",
            "سه سفارش پرداخت شده و درگاه دربارهٔ یکی جواب نمی‌دهد. بعد از یک دور ورکر دو سفارش"
            f" دیگر {states[::2]} هستند: نباید معطل آن یکی بمانند.",
        )
        _require_that_the_log_names(str(silent["number"]), printed)
        _require_the_order_in_which_time_ends(shop, late)
        _require_a_callback_that_bears_silence(shop, silent)
        shop.world.forget_behaviours()
        shop.work()
        require(
            shop.states()[1] == "paid",
            "The gateway did not answer about an order, and now it does: the order is"
            f" {shop.states()[1]}. The next pass should ask again.",
            "درگاه دربارهٔ یک سفارش جواب نمی‌داد و حالا می‌دهد: سفارش"
            f" {shop.states()[1]} است. دور بعدی باید دوباره بپرسد.",
        )


def _three_paid_orders_of_which_the_first_ends_last(shop: Lab) -> list[dict[str, Any]]:
    """Place three orders; the create of the first one fails, and is repeated when all stand."""
    shopper = shop.shopper()
    shop.world.behave("error_500", operation="create")
    page = shopper.open(shopper.buy())
    bank_pages = [shop.shopper().buy() for _ in range(2)]
    bank_pages.append(shopper.send((page.action, page.fields)))
    for bank_page in bank_pages:
        shop.world.pay_and_vanish(bank_page)
    return shop.ledger()


def _require_that_the_log_names(number: str, printed: str) -> None:
    require(
        number in printed,
        f"The gateway did not answer about the order {number}. `python shop.py work` has printed"
        " nothing about it: a silence that lasts must be seen in the log, with the order's number.",
        f"درگاه دربارهٔ سفارش {number} جواب نداد و «python shop.py work» چیزی درباره‌اش چاپ نکرد:"
        " سکوتی که طول بکشد باید با شمارهٔ سفارش در لاگ دیده شود.",
    )


def _require_the_order_in_which_time_ends(shop: Lab, late: dict[str, Any]) -> None:
    asked = [call["order_identifier"] for call in shop.world.requests_seen(operation="inquiry")]
    require(
        asked[-1] == late["gateway_id"],
        "Three orders were waiting. The one that was placed first got its payment last, so its time"
        " ends last, but the worker did not ask about it last. It should ask first about the order"
        " whose time ends first.",
        "سه سفارش waiting بودند. پرداخت سفارشی که اول ثبت شده بود دیرتر از همه ساخته شد، پس مهلتش"
        " هم دیرتر از همه تمام می‌شود؛ ولی ورکر آخر از همه سراغ آن نرفت. اول باید دربارهٔ سفارشی"
        " بپرسد که مهلتش زودتر تمام می‌شود.",
    )


def _require_a_callback_that_bears_silence(shop: Lab, silent: dict[str, Any]) -> None:
    status = shop.shopper().open(f"/callback/{silent['number']}").status
    state = shop.states()[1]
    require(
        status < 500 and state == "waiting",
        "The payer paid and came back, and the gateway does not answer the inquiry: the shop"
        f" answers {status}, and the order is {state}. Silence is no answer in the callback either:"
        " right is a page, and still waiting.",
        "خریدار پول داد و برگشت و درگاه به استعلام جواب نمی‌دهد: فروشگاه"
        f" {status} می‌دهد و سفارش {state} است. سکوت در کال‌بک هم جواب نیست: درستش یک صفحه است و"
        " سفارشی که waiting می‌ماند.",
    )


def an_unexpected_error_stops_one_order_only(bench: Bench) -> None:
    with bench.shop() as shop:
        for _ in range(3):
            shop.world.pay_and_vanish(shop.shopper().buy())
        shop.run("-c", WITH_A_BUG, shop.ledger()[1]["gateway_id"])
        others = shop.states()[::2]
        require(
            others == ["paid", "paid"],
            "Three orders were paid, and at the second one the worker met an error that nobody"
            f" expected (RuntimeError). After its pass the other two are {others}; right is paid"
            " for both: catch whatever one order raises, write it to the log, and go on.",
            "سه سفارش پرداخت شده و ورکر سر دومی به خطایی خورد که کسی انتظارش را نداشت"
            f" (RuntimeError). بعد از این دور دو سفارش دیگر {others} هستند؛ درستش paid برای هر دو"
            " است: هر خطای یک سفارش را بگیرید، در لاگ بنویسید و ادامه دهید.",
        )


def a_refused_order_ends_and_stops_no_other(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        for _ in range(2):
            shopper.buy()
        shop.world.reset()  # the gateway knows nothing of these orders any more, and says so
        shop.world.pay_and_vanish(shopper.buy())
        shopper.open(f"/callback/{shop.ledger()[0]['number']}")
        require(
            shop.states()[0] == "failed",
            "The payer comes back, and the gateway refuses the inquiry (404 with `errors`: it has"
            f" no such order): the order is {shop.states()[0]}. Right is failed, as in chapter 6.",
            "خریدار برگشت و درگاه استعلام را نمی‌پذیرد (۴۰۴ با «errors»: چنین سفارشی ندارد): سفارش"
            f" {shop.states()[0]} است. درستش مثل فصل ۶ failed است.",
        )
        shop.work()
        require(
            shop.states()[1:] == ["failed", "paid"],
            "There are two orders: the gateway refuses the inquiry about the first one (404 with"
            " `errors`: it has no such order), and the second one was paid. After a pass of the"
            f" worker they are {shop.states()[1:]}; right is failed and paid: a no ends its order,"
            " also in the worker, and stops no other.",
            "دو سفارش هست: درگاه استعلام اولی را نمی‌پذیرد (۴۰۴ با «errors»: چنین سفارشی ندارد) و"
            f" دومی پرداخت شده. بعد از یک دور ورکر سفارش‌ها {shop.states()[1:]} هستند؛ درستش failed"
            " و paid است: «نه» سفارش خودش را تمام می‌کند، در ورکر هم، و جلوی بقیه را نمی‌گیرد.",
        )
