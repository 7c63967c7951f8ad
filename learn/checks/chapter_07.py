"""Chapter 7: doubled clicks, callbacks and tabs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep

from jibit_sandbox.testing import browser
from learn.chapters import Bench
from learn.checks.final_states import (
    a_later_callback_takes_nothing_back,
    what_is_stored_meanwhile_stays,
)
from learn.lab import PATIENCE, Lab, require, wait_until

REFUSED = 400
A_LOOK = 0.6  # seconds in which two requests have read what they want, and wait to write
AN_ANSWER = 0.06  # seconds in which the shop gets an answer from the gateway
# Two threads wait for one lock, and either may be the first to get it: so it is tried often.
TRIES = 3
SILENCES = (
    ("inquiry", "error_500", "the gateway did not answer (500)", "درگاه جواب نداد (۵۰۰)"),
    ("verify", "verify_unknown", "verify said Unknown", "verify گفت Unknown"),
)


def send(form: tuple[str, dict[str, str]]) -> int:
    """Send a filled-in form; return the status of the shop's own answer."""
    answer = browser().post(form[0], data=form[1], timeout=PATIENCE, allow_redirects=False)
    return answer.status_code


def _is_creating(shop: Lab) -> bool:
    """Return whether the shop has called create."""
    return bool(shop.world.control("GET", "behaviours/held", count=1, seconds=0.1)["held"])


def a_double_click_is_one_order(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor() as pool:
        shopper = shop.shopper()
        form = shopper.fill_in()
        shop.world.behave("hold", operation="create")
        first = pool.submit(send, form)
        wait_until(
            lambda: first.done() or _is_creating(shop),
            "the form is answered",
            what_fa="فرم جواب بگیرد",
        )
        require(
            not first.done() or first.result() < REFUSED,
            f"Your shop answered the form with {first.done() and first.result()}, and did not call"
            " the gateway. Does the home page contain the field `form_key`, inside the form?",
            f"فروشگاه شما به فرم {first.done() and first.result()} جواب داد و درگاه را صدا نزد."
            " صفحهٔ اول فیلد «form_key» را دارد، داخل خود فرم؟",
        )
        shop.wait_until_held()
        shop.shopper().send(form)
        shop.world.release()
        first.result()
        orders, at_the_gateway = len(shop.ledger()), len(shop.bank())
        require(
            orders == 1,
            "The button *Buy* was pressed twice on one form, and the second request came while the"
            f" first was on its way. Orders in `/ledger`: {orders}. One is right.",
            "دکمهٔ خرید یک فرم دو بار زده شد و درخواست دوم وقتی رسید که اولی هنوز در راه بود:"
            f" «/ledger» {orders} سفارش نشان می‌دهد. درستش یکی است.",
        )
        require(
            at_the_gateway == 1,
            "The button *Buy* was pressed twice on one form, and the second request came while the"
            " first one's create was on its way. The shop has one order; orders at the gateway:"
            f" {at_the_gateway}. One is right: the second request goes on with the order as it is,"
            " and creates nothing.",
            "دکمهٔ خرید یک فرم دو بار زده شد و درخواست دوم وقتی رسید که create اولی هنوز در راه بود."
            f" فروشگاه یک سفارش دارد و درگاه {at_the_gateway} سفارش. درستش یکی است: درخواست دوم با"
            " همان سفارش ادامه می‌دهد و چیزی نمی‌سازد.",
        )


def two_requests_that_both_looked_are_one_order(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor() as pool:
        shopper = shop.shopper()
        shopper.buy()  # the tables are there now
        form = shopper.fill_in()
        with shop.no_writing():
            both = [pool.submit(send, form) for _click in range(2)]
            sleep(A_LOOK)
        for click in both:
            click.result()
        orders = len(shop.ledger()) - 1
        require(
            orders == 1,
            "Two requests with one form came at the same moment: both looked for its order before"
            f" either had written one. Orders of this form in `/ledger`: {orders}. One is right:"
            " the database has to refuse the second row (`UNIQUE`).",
            "دو درخواست با یک فرم در یک لحظه رسید: هر دو دنبال سفارشش گشتند، پیش از آنکه هیچ‌کدام"
            f" چیزی نوشته باشد. «/ledger» برای این فرم {orders} سفارش نشان می‌دهد. درستش یکی است:"
            " خود دیتابیس باید سطر دوم را رد کند («UNIQUE»).",
        )


def the_same_form_again_goes_on_with_its_order(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        form = shopper.fill_in()
        first, again = shopper.send(form), shopper.send(form)
        require(
            (len(shop.ledger()), len(shop.bank())) == (1, 1) and first == again,
            "The shopper pressed *Buy*, then *Back*, then *Buy* again. Orders in `/ledger`:"
            f" {len(shop.ledger())}; at the gateway: {len(shop.bank())}. The browser first stood on"
            f" {first}, then on {again}. Right is one order, and the same page.",
            "خریدار دکمهٔ خرید را زد، به عقب برگشت و دوباره زد: فروشگاه"
            f" {len(shop.ledger())} سفارش دارد، درگاه {len(shop.bank())} تا؛ مرورگر بار اول روی"
            f" {first} بود و بار دوم روی {again}. درستش یک سفارش و همان صفحه است.",
        )


def two_forms_are_two_orders(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        shopper.buy()
        shopper.buy()
        require(
            len(shop.ledger()) == 2,
            "Somebody opened the shop and bought, then opened it again and bought a second glass."
            f" Orders in `/ledger`: {len(shop.ledger())}. Two are right, also for one customer.",
            "کسی فروشگاه را باز کرد و خرید، بعد دوباره باز کرد و استکان دومی خرید: «/ledger»"
            f" {len(shop.ledger())} سفارش نشان می‌دهد. درستش دو تاست، حتی برای یک مشتری.",
        )


def two_tabs_pay_one_order_once(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.behave("error_500", operation="create")
        shopper = shop.shopper()
        page = shopper.open(shopper.buy())
        require(
            page.action != page.url,
            "create was answered with 500: the order's page should have a button to try again.",
            "جواب create خطای ۵۰۰ بود: صفحهٔ سفارش باید دکمه‌ای برای تلاش دوباره داشته باشد.",
        )
        ends = [shopper.send((page.action, page.fields)) for _tab in range(2)]
        require(
            len(shop.bank()) == 1 and ends[0] == ends[1],
            "The page of one order stood in two tabs, and *Pay* was pressed in both. Orders at the"
            f" gateway: {len(shop.bank())}; the tabs stand on {ends}. One is right.",
            "صفحهٔ یک سفارش در دو تب باز بود و در هر دو دکمهٔ پرداخت زده شد: درگاه"
            f" {len(shop.bank())} سفارش دارد و تب‌ها روی {ends} هستند. درستش یکی است.",
        )


def a_callback_knows_what_create_has_answered(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor() as pool:
        shop.world.behave("error_500", operation="verify", times=None)
        for _try in range(TRIES):
            shopper = shop.shopper()
            form = shopper.fill_in()
            shop.world.behave("hold_after_commit", operation="create")
            buying = pool.submit(send, form)
            shop.wait_until_held()
            number = shop.ledger()[-1]["number"]
            with shop.no_writing():
                asking = pool.submit(shopper.open, f"/callback/{number}")
                sleep(A_LOOK)
                shop.world.release()
                sleep(AN_ANSWER)
            buying.result()
            asking.result()
            require(
                shop.states()[-1] == "waiting",
                "A callback came while create was on its way, and took the order when create was"
                f" answered: the order is {shop.states()[-1]}. Read the row after the UPDATE that"
                " takes the order; one that was read before has no gateway's id.",
                "کال‌بک وقتی رسید که create هنوز در راه بود، و وقتی create جواب گرفت سفارش را مال"
                f" خود کرد: سفارش {shop.states()[-1]} است. سطر را بعد از همان UPDATE بخوانید؛ سطری"
                " که پیش از آن خوانده شود شناسهٔ درگاه را ندارد.",
            )


def silence_gives_the_order_back(bench: Bench) -> None:
    with bench.shop() as shop:
        for operation, behaviour, en, fa in SILENCES:
            shopper = shop.shopper()
            callback = shop.world.pay(shopper.buy())
            shop.world.behave(behaviour, operation=operation)
            shopper.open(callback)
            silent = shop.states()[-1]
            require(
                silent not in ("failed", "expired", "paid"),
                f"The payer paid, a callback took the order, and {en}: nothing is known, and the"
                f" order is {silent}. Right is waiting, so that the next callback can ask again.",
                f"خریدار پول داد، کال‌بک سفارش را برداشت و {fa}: چیزی معلوم نیست و سفارش"
                f" {silent} است. درستش waiting است تا کال‌بک بعدی بتواند دوباره بپرسد.",
            )
            shopper.open(callback)
            require(
                shop.states()[-1] == "paid" and shop.bank()[-1] == "captured",
                f"The payer paid, and at the first callback {en}. The second one was answered: the"
                f" order is {shop.states()[-1]} (after the first one it was {silent}), and the"
                f" gateway says {shop.bank()[-1]}. Who gets neither yes nor no sets the order back"
                " to waiting.",
                f"خریدار پول داد و در کال‌بک اول {fa}، ولی کال‌بک دوم جواب گرفت: سفارش"
                f" {shop.states()[-1]} است (بعد از اولی {silent} بود) و درگاه می‌گوید"
                f" {shop.bank()[-1]}. هر کس نه «بله» گرفت نه «نه»، باید سفارش را به waiting"
                " برگرداند.",
            )


def _two_callbacks(bench: Bench, hold: str, en: str, fa: str) -> None:
    """Send a callback while the verify of another one is held."""
    with bench.shop() as shop, ThreadPoolExecutor() as pool:
        shop.world.switch(verify_again="Failed")
        shopper = shop.shopper()
        callback = shop.world.pay(shopper.buy())
        shop.world.behave(hold, operation="verify")
        first = pool.submit(shopper.open, callback)
        shop.wait_until_held()
        shop.shopper().open(callback)
        shop.world.release()
        first.result()
        require(
            shop.states() == ["paid"] and shop.bank() == ["captured"],
            f"{en} The order is {shop.states()[0]}, and the gateway says {shop.bank()[0]}. Only"
            " one callback may ask, and its answer counts.",
            f"{fa} سفارش {shop.states()[0]} است و درگاه می‌گوید {shop.bank()[0]}. فقط یکی از"
            " کال‌بک‌ها باید بپرسد و جواب همان حساب است.",
        )


def two_callbacks_at_once_the_first_is_slow(bench: Bench) -> None:
    _two_callbacks(
        bench,
        "hold",
        "Two callbacks came at the same time, and the verify of the first one was slow on its way"
        " to the gateway.",
        "دو کال‌بک هم‌زمان آمد و verify اولی دیر به درگاه رسید.",
    )


def two_callbacks_at_once_the_answer_is_slow(bench: Bench) -> None:
    _two_callbacks(
        bench,
        "hold_after_commit",
        "Two callbacks came at the same time, and the answer to the first verify was slow on its"
        " way back.",
        "دو کال‌بک هم‌زمان آمد و جواب verify اولی دیر برگشت.",
    )


STEPS = [
    a_double_click_is_one_order,
    two_requests_that_both_looked_are_one_order,
    the_same_form_again_goes_on_with_its_order,
    two_forms_are_two_orders,
    two_tabs_pay_one_order_once,
    a_later_callback_takes_nothing_back,
    what_is_stored_meanwhile_stays,
    silence_gives_the_order_back,
    a_callback_knows_what_create_has_answered,
    two_callbacks_at_once_the_first_is_slow,
    two_callbacks_at_once_the_answer_is_slow,
]
