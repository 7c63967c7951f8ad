"""Chapter 16: the exam. The twelve failures are played against a shop, each in one of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests

from jibit_sandbox.testing import browser
from learn.chapters import Bench
from learn.lab import PATIENCE, Lab, NotYet, Shopper, require

AT_ONCE = 4  # shops; most of the time each of them waits
MINUTE, WINDOW = 70, 1000  # seconds; a little more than a worker's turn, than the gateway's window
PASSES = 4
REPEATS = 30
FEW_CALLS = 6  # gateway calls that one payment may cost, however often its callback is opened


class Failure(NamedTuple):
    """A failure of the introduction's list, and how it is played."""

    en: str
    fa: str
    play: Callable[[Bench], None]


def buy(shop: Lab, shopper: Shopper) -> str:
    """Buy; return the address of the gateway's page."""
    page = shopper.buy()
    require(
        is_bank(shop, page),
        f"Somebody pressed *Buy*; the browser should be at the gateway, and it stands on {page}.",
        f"کسی دکمهٔ خرید را زد؛ مرورگر باید در درگاه باشد، ولی روی {page} است.",
    )
    return page


def is_bank(shop: Lab, page: str) -> bool:
    """Return whether an address is the gateway's."""
    return urlsplit(page).netloc == urlsplit(shop.world.base_url).netloc


def pay_again(shop: Lab, shopper: Shopper, **fields: str) -> str:
    """Press the button of the first order's page; return where the browser is sent."""
    order = shop.ledger()[0]
    page = shopper.open(f"/orders/{order['number']}")
    require(
        page.action != page.url,
        f"The order is {order['state']}, and its page has no button to pay again.",
        f"سفارش {order['state']} است و صفحه‌اش دکمه‌ای برای پرداخت دوباره ندارد.",
    )
    return shopper.send((page.action, page.fields | fields))


def callback_of(shop: Lab) -> str:
    """Return the callback address of the gateway's first order, as the shop has given it."""
    return str(shop.world.orders()[0]["callback_url"])


def work_on(shop: Lab, passes: int = PASSES) -> None:
    """Let the worker pass, a minute apart, until every order is final."""
    for _ in range(passes):
        shop.later(MINUTE)
        shop.work()
        if not {"open", "waiting", "in_doubt"} & set(shop.states()):
            return


def gateway_ids(order: dict[str, Any]) -> set[str]:
    """Return the gateway's names of an order's payments."""
    return {str(one["gateway_id"]) for one in order.get("payments") or [order]}


def require_agreement(shop: Lab) -> None:
    """What is captured there is paid here, once for each order, and nothing else is paid."""
    captured = {
        one["identifier"]: one["amount"]
        for one in shop.world.orders()
        if one["state"] == "captured"
    }
    for order in shop.ledger():
        amounts = [captured.pop(one) for one in gateway_ids(order) if one in captured]
        taken = len(amounts)
        require(
            taken == (order["state"] == "paid"),
            f"The ledgers do not agree: an order is {order['state']}, and the gateway has captured"
            f" {taken} payments of it.",
            f"دفترها یکی نیستند: سفارشی {order['state']} است و درگاه برای آن {taken} پرداخت را"
            " قطعی برداشته.",
        )
        require(
            set(amounts) <= {order["amount_rials"]},
            f"An order of {order['amount_rials']} Rials is paid, and the gateway has taken"
            f" {amounts} Rials.",
            f"سفارشی {order['amount_rials']} ریالی پرداخت شده و درگاه {amounts} ریال برداشته.",
        )
    require(
        not captured,
        f"The gateway has captured {len(captured)} payments that the shop's ledger does not have.",
        f"درگاه {len(captured)} پرداخت را قطعی برداشته که در دفتر فروشگاه نیست.",
    )


def require_paid(shop: Lab, orders: int = 1) -> None:
    """Every order is paid and captured, once."""
    require(
        shop.states() == ["paid"] * orders and shop.bank().count("captured") == orders,
        f"Shoppers who have paid: {orders}. The shop's orders are {shop.states()}, the gateway's"
        f" {shop.bank()}; right is one paid order for each, captured once.",
        f"{orders} نفر پول دادند. سفارش‌های فروشگاه {shop.states()} هستند و سفارش‌های درگاه"
        f" {shop.bank()}؛ درستش برای هر کدام یک سفارش paid است که یک بار captured شده.",
    )
    require_agreement(shop)


def require_unpaid(shop: Lab) -> None:
    """No order is paid, and nothing is captured."""
    require(
        "paid" not in shop.states() and "captured" not in shop.bank(),
        f"Nobody should have goods, and no money should be taken. The shop's orders are"
        f" {shop.states()}, the gateway's {shop.bank()}.",
        f"نه کسی باید جنس بگیرد و نه پولی برداشته شود. سفارش‌های فروشگاه {shop.states()} هستند و"
        f" سفارش‌های درگاه {shop.bank()}.",
    )


def forged_callback(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        buy(shop, shopper)
        (order,) = shop.ledger()
        asked = f"?state=SUCCESSFUL&refnum={order['gateway_id']}&amount={order['amount_rials']}"
        shopper.open(callback_of(shop) + asked)
        require_unpaid(shop)


def wrong_amount(bench: Bench) -> None:
    with bench.shop() as shop:
        for lie in ("inquiry_other_amount", "inquiry_other_currency"):
            shopper = shop.shopper()
            callback = shop.world.pay(buy(shop, shopper))
            shop.world.forget_behaviours()
            shop.world.behave(lie, times=None)
            shopper.open(callback)
        shop.later(MINUTE)
        shop.work()
        require_unpaid(shop)


def lost_create(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        shop.world.behave("reset_after_commit", operation="create")
        shopper.buy()
        require(
            len(shop.ledger()) == 1,
            "The answer to create was lost, and the shop has no order.",
            "جواب ساخت سفارش گم شد و فروشگاه هیچ سفارشی ندارد.",
        )
        page = pay_again(shop, shopper)
        require(
            is_bank(shop, page),
            "The answer to create was lost; the shopper presses *Pay* again and is not sent to the"
            " gateway.",
            "جواب ساخت سفارش گم شد؛ خریدار دوباره دکمهٔ پرداخت را می‌زند و به درگاه نمی‌رسد.",
        )
        shopper.open(shop.world.pay(page))
        require_paid(shop)


def killed_between_steps(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor() as pool:
        for held in ("hold", "hold_after_commit"):
            shopper = shop.shopper()
            callback = shop.world.pay(buy(shop, shopper))
            shop.world.behave(held, operation="verify")
            pool.submit(open_and_forget, shopper, callback)
            shop.world.wait_until_held()
            shop.stop()
            shop.world.release()
            shop.start()
        work_on(shop)
        require_paid(shop, orders=2)


def open_and_forget(shopper: Shopper, page: str) -> None:
    """Open a page of a shop that may die meanwhile."""
    with suppress(requests.RequestException):
        shopper.open(page)


def silence_taken_for_no(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        callback = shop.world.pay(buy(shop, shopper))
        shop.world.behave("error_500", operation="inquiry")
        shop.world.behave("bad_gateway", operation="verify")
        shopper.open(callback)
        work_on(shop)
        require_paid(shop)


def doubled(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor() as pool:
        shopper = shop.shopper()
        form = shopper.fill_in()
        shopper.send(form)
        callback = shop.world.pay(shopper.send(form))
        list(pool.map(open_and_forget, [shop.shopper() for _ in range(4)], [callback] * 4))
        require(
            len(shop.ledger()) == 1,
            f"One form was sent twice: the shop has {len(shop.ledger())} orders.",
            f"یک فرم دو بار فرستاده شد: فروشگاه {len(shop.ledger())} سفارش دارد.",
        )
        work_on(shop)
        require_paid(shop)


def browser_never_returns(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.pay_and_vanish(buy(shop, shop.shopper()))
        work_on(shop)
        require_paid(shop)


def lost_answer_after_capture(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        callback = shop.world.pay(buy(shop, shopper))
        shop.world.behave("reset_after_commit", operation="verify")
        shopper.open(callback)
        work_on(shop)
        require_paid(shop)


def two_attempts_both_paid(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        shop.world.behave("reset_after_commit", operation="create")
        shopper.buy()
        first = pay_again(shop, shopper)
        second = pay_again(shop, shopper, gateway="wallet")
        pages = {first, second} if is_bank(shop, second) else {first}  # a shop may have one page
        callbacks = [shop.world.pay(page) for page in sorted(pages)]
        orphan = shop.world.orders()[0]["identifier"]  # its page was never shown, and it is paid
        for callback in (str(shop.world.press(orphan)), *callbacks):
            shopper.open(callback)
        work_on(shop, passes=2)
        require_paid(shop)


def dead_token(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        buy(shop, shopper)  # the shop has tokens now
        for behaviour in ("token_expired", "token_revoked"):
            shop.world.behave(behaviour, operation="create")
            page = buy(shop, shopper)
        shop.world.behave("token_revoked", operation="inquiry")
        shopper.open(shop.world.pay(page))
        work_on(shop, passes=2)
        require(
            shop.states().count("paid") == 1,
            f"The tokens died in the middle of a payment: the orders are {shop.states()}.",
            f"توکن‌ها وسط یک پرداخت از کار افتادند: سفارش‌ها {shop.states()} هستند.",
        )
        require_agreement(shop)


def dead_gateway(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper, other = shop.shopper(), shop.shopper()
        callback = shop.world.pay(buy(shop, shopper))
        shop.world.behave("reset", times=None)
        shopper.open(callback)
        page = other.open(other.buy())
        require(
            page.status < requests.codes.server_error,
            f"The gateway is dead, and whoever presses *Buy* gets {page.status}.",
            f"درگاه از کار افتاده و هر کس دکمهٔ خرید را بزند {page.status} می‌گیرد.",
        )
        shop.work()
        require(
            "paid" not in shop.states() and "failed" not in shop.states()[:1],
            f"The gateway is dead and has said nothing; the orders are {shop.states()}.",
            f"درگاه از کار افتاده و هیچ چیزی نگفته؛ سفارش‌ها {shop.states()} هستند.",
        )
        shop.world.forget_behaviours()
        work_on(shop)
        require(
            shop.states()[0] == "paid",
            "A shopper paid, the gateway was dead for a minute, then the worker passed: the order"
            f" is {shop.states()[0]}.",
            "خریدار پول داد، درگاه یک دقیقه از کار افتاد و بعد ورکر اجرا شد: سفارش"
            f" {shop.states()[0]} است.",
        )
        require_agreement(shop)


def last_piece_twice(bench: Bench) -> None:
    with bench.shop(STOCK="1") as shop:
        first, second = shop.shopper(), shop.shopper()
        form = second.fill_in()
        bank_page = buy(shop, first)
        other = second.send(form)
        require(
            not is_bank(shop, other),
            "There is one piece. One shopper is paying for it, and a second one is sent to the"
            " gateway as well.",
            "فقط یک عدد مانده. یک خریدار در حال پرداخت آن است و خریدار دوم هم به درگاه فرستاده شد.",
        )
        first.open(shop.world.pay(bank_page))
        require(
            shop.states().count("paid") == 1,
            f"The last piece is paid: the orders are {shop.states()}.",
            f"پول آخرین عدد پرداخت شد: سفارش‌ها {shop.states()} هستند.",
        )
        require_agreement(shop)


EXAM = (
    Failure("forged callback", "کال‌بک جعلی", forged_callback),
    Failure("wrong amount or currency", "مبلغ یا واحد پول غلط", wrong_amount),
    Failure("lost create", "گم شدن جواب ساخت سفارش", lost_create),
    Failure("killed between two steps", "مرگ برنامه بین دو قدم", killed_between_steps),
    Failure("silence taken for no", "سکوتی که «نه» حساب شد", silence_taken_for_no),
    Failure("doubled click, callback, tab", "کلیک، کال‌بک یا تب دوباره", doubled),
    Failure("browser that never comes back", "مرورگری که برنمی‌گردد", browser_never_returns),
    Failure("answer lost after the capture", "گم شدن جواب verify", lost_answer_after_capture),
    Failure("two attempts, both paid", "دو پرداخت برای یک سفارش", two_attempts_both_paid),
    Failure("dead tokens", "توکن‌های ازکارافتاده", dead_token),
    Failure("dead gateway", "درگاه ازکارافتاده", dead_gateway),
    Failure("last piece sold twice", "دو بار فروختن آخرین عدد", last_piece_twice),
)
SAID = {
    "en": {"passed": "passed", "lost": "LOST", "sum": "passed {good} of {all}"},
    "fa": {"passed": "گذشت", "lost": "نگذشت", "sum": "گذشت: {good} از {all}"},
}


def played(failure: Failure, bench: Bench) -> NotYet | None:
    """Play a failure; return what is not right, if anything."""
    try:
        failure.play(bench)
    except NotYet as error:
        return error
    except requests.RequestException as error:
        what = type(error).__name__
        return NotYet(f"The shop does not answer ({what}).", f"فروشگاه جواب نمی‌دهد ({what}).")
    return None


def the_exam(bench: Bench) -> None:
    """Play all twelve, and print a line for each."""
    words = SAID[bench.language]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = []
        for failure, trouble in zip(
            EXAM, pool.map(lambda one: played(one, bench), EXAM), strict=True
        ):
            results.append(trouble)
            name = failure.fa if bench.language == "fa" else failure.en
            number = f"{len(results):2} {name}"
            print(f"{number:35} {words['lost' if trouble else 'passed']}", flush=True)
    print(words["sum"].format(good=results.count(None), all=len(EXAM)), flush=True)
    for failure, trouble in zip(EXAM, results, strict=True):
        if trouble:
            raise NotYet(
                f"{failure.en}: {trouble.said['en']}", f"{failure.fa}: {trouble.said['fa']}"
            )


def a_gateway_that_says_success_too_early_gets_a_verify(bench: Bench) -> None:
    """Read the document the other way: paid and not captured is SUCCESS there."""
    with bench.shop() as shop:
        shop.world.switch(paid_inquiry="SUCCESS")
        shopper = shop.shopper()
        shopper.open(shop.world.pay(buy(shop, shopper)))
        work_on(shop)
        require(
            shop.bank() == ["captured"],
            "Somebody has paid, and this gateway's inquiry says SUCCESS before verify. The order is"
            f" {shop.states()}, and no verify was sent: the gateway has {shop.bank()}, and after 15"
            " minutes it returns the money.",
            "کسی پول داده و استعلام این درگاه پیش از verify هم SUCCESS می‌گوید. سفارش"
            f" {shop.states()} است و verify فرستاده نشد: درگاه {shop.bank()} دارد و بعد از ۱۵ دقیقه"
            " پول را به خریدار برمی‌گرداند.",
        )
        require_paid(shop)


def an_impatient_visitor_costs_no_calls(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        buy(shop, shopper)
        (order,) = shop.ledger()
        callback = f"{callback_of(shop)}?state=SUCCESSFUL&refnum={order['gateway_id']}"
        for _ in range(REPEATS):
            answer = browser().get(callback, timeout=PATIENCE, allow_redirects=False)
            require(
                answer.status_code < requests.codes.server_error,
                f"A callback was repeated, and the shop answers {answer.status_code}.",
                f"یک کال‌بک تکرار شد و فروشگاه {answer.status_code} می‌دهد.",
            )
        calls = sum(
            len(shop.world.requests_seen(operation=operation))
            for operation in ("inquiry", "verify")
        )
        require(
            calls <= FEW_CALLS,
            f"One visitor has opened a callback {REPEATS} times, and your shop has called the"
            f" gateway {calls} times. Whatever a visitor can repeat needs a limit:"
            " `engine.handle_callback` has one.",
            f"یک بازدیدکننده {REPEATS} بار یک کال‌بک را باز کرد و فروشگاه شما {calls} بار درگاه را"
            " صدا زد. هر کاری که بازدیدکننده می‌تواند تکرار کند سقف می‌خواهد؛"
            " «engine.handle_callback» این سقف را دارد.",
        )


STEPS = [
    the_exam,
    a_gateway_that_says_success_too_early_gets_a_verify,
    an_impatient_visitor_costs_no_calls,
]
