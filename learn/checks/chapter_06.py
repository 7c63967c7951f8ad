"""Chapter 6: no is not silence."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from learn.chapters import Bench
from learn.checks.proxy import REDIRECT, a_proxy
from learn.lab import PATIENCE, Lab, NotYet, Page, Shopper, require

FEWEST_WORDS = 5  # that say that nothing is known; the name of the state is one of them
SLOW_SECONDS = 4  # for an answer
UNDECIDED = ("open", "waiting", "in_doubt")
ANOTHER_WORD = "Pending"  # which verify never says
SILENCES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("verify", "error_500_after_commit", {}),
    ("verify", "bad_gateway", {}),
    ("verify", "reset_after_commit", {}),
    ("verify", "truncated_json", {}),
    ("verify", "verify_unknown", {}),
    ("verify", "set_field", {"field": "status", "value": ANOTHER_WORD}),
    ("verify", "too_many_requests", {}),
    ("inquiry", "error_500", {}),
)


def silence_decides_nothing(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        callbacks = []
        for operation, behaviour, parameters in SILENCES:
            callbacks.append(_paid_with(shop, shopper, operation, behaviour, **parameters))
            status, state = shopper.open(callbacks[-1]).status, shop.states()[-1]
            name = f"status: {ANOTHER_WORD}" if parameters else behaviour
            require(
                state == "waiting",
                f"The payer paid, and {operation} was not answered with yes or no ({name}): nothing"
                f" is known, and the shop's order is {state}. Silence changes no state: right is"
                " still waiting.",
                f"خریدار پول داد و {operation} نه «بله» جواب گرفت نه «نه» ({name}): چیزی معلوم نیست"
                f" و سفارش در فروشگاه {state} شد. سکوت وضعیت را عوض نمی‌کند: درستش این است که همان"
                " waiting بماند.",
            )
            require(
                status < 500,
                f"The payer paid, and {operation} was not answered ({name}): the shop's own page"
                f" answers {status}. It should say that the payment is not confirmed yet.",
                f"خریدار پول داد و {operation} جوابی نگرفت ({name}): خود فروشگاه {status} می‌دهد."
                " باید بگوید که پرداخت هنوز تأیید نشده است.",
            )
        order_page = f"/orders/{shop.ledger()[0]['number']}"
        silent = shopper.open(order_page)
        for url in callbacks:
            shopper.open(url)
        require(
            set(shop.states()) == {"paid"} and set(shop.bank()) == {"captured"},
            "The gateway answers again, and every callback came once more: the orders are"
            f" {shop.states()}, and the gateway says {shop.bank()}.",
            f"درگاه دوباره جواب می‌دهد و هر کال‌بک یک بار دیگر آمد: سفارش‌ها {shop.states()} هستند و"
            f" درگاه می‌گوید {shop.bank()}.",
        )
        _require_a_way_to_ask(silent, shopper.open(order_page))


def _require_a_way_to_ask(silent: Page, paid: Page) -> None:
    """Compare an order's page after silence with the same one when the order is paid."""
    number = silent.url.rpartition("/")[2]
    require(
        re.search(rf'(?:href|action)="[^"]*/callback/{number}["?]', silent.text),
        "The payer paid, and nothing is known: the order's page has no link with which the payer"
        f" asks again, to `/callback/{number}`.",
        "خریدار پول داد و هنوز چیزی معلوم نیست: صفحهٔ سفارش پیوندی به"
        f" «/callback/{number}» ندارد که خریدار با آن دوباره بپرسد.",
    )
    require(
        len(silent.words - paid.words) >= FEWEST_WORDS,
        "The payer paid, and nothing is known: the order's page says nothing about it. It should"
        " say that the payment is not confirmed yet, or the payer pays again.",
        "خریدار پول داد و هنوز چیزی معلوم نیست: صفحهٔ سفارش دراین‌باره چیزی نمی‌گوید. باید بگوید که"
        " پرداخت هنوز تأیید نشده، وگرنه خریدار دوباره پول می‌دهد.",
    )


def who_is_in_doubt_is_told_so(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        url = _paid_with(shop, shopper, "inquiry", "inquiry_other_amount")
        doubtful, state = shopper.open(url), shop.states()[0]
        require(
            state == "in_doubt",
            "The payer paid, and the gateway's inquiry names another amount: the order should be"
            f" in_doubt, as in chapter 4; it is {state}.",
            "خریدار پول داد و استعلام درگاه مبلغ دیگری می‌گوید: سفارش باید مثل فصل ۴ in_doubt باشد؛"
            f" الان {state} است.",
        )
        paid = shopper.open(shop.world.pay(shopper.buy()))
        require(
            len(doubtful.words - paid.words) > FEWEST_WORDS,  # one is the order's number
            "The payer paid, and the order is in_doubt: its page says nothing about it. It should"
            " say that it is not clear yet whether this is paid, or the payer pays again.",
            "خریدار پول داد و سفارش in_doubt است: صفحه‌اش دراین‌باره چیزی نمی‌گوید. باید بگوید که"
            " هنوز معلوم نیست پرداخت شده یا نه، وگرنه خریدار دوباره پول می‌دهد.",
        )


def an_answer_without_its_words_places_nothing(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.behave("no_fields", operation="create")
        shop.shopper().buy()
        require(
            shop.states() == ["open"],
            "create was answered with 200 and an empty JSON object: no id and no address are known,"
            f" and the order is {shop.states()[0]}. A missing field is silence (`text`), so right"
            " is open.",
            "جواب create کد ۲۰۰ و یک شیء JSON خالی بود: نه شناسه معلوم است نه آدرس، و سفارش"
            f" {shop.states()[0]} است. فیلدی که نیست یعنی سکوت («text»)، پس درستش open است.",
        )


def refused_keys_decide_nothing_about_an_order(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        url = shop.world.pay(shopper.buy())
        shop.world.behave("generate_refused", operation="generate", times=None)
        shopper.open(url)
        require(
            shop.states()[0] in UNDECIDED,
            "The payer paid, and the gateway refused the shop's keys (401): that says nothing about"
            f" the payment, and the order is {shop.states()}.",
            "خریدار پول داد و درگاه کلیدهای فروشگاه را نپذیرفت (۴۰۱): این دربارهٔ پرداخت چیزی"
            f" نمی‌گوید و سفارش {shop.states()} شد.",
        )
        shop.world.forget_behaviours()
        shop.restart(SECRET_KEY="")  # the gateway wants one: 400, in its own words
        shopper.open(url)
        shopper.buy()
        paid, *new = shop.states()
        require(
            paid in UNDECIDED and new == ["open"],
            "The secret key is missing, and the gateway refuses every token (400, with `errors`):"
            " that is a no to the keys, and says nothing about an order. The order that was paid is"
            f" {paid}, and a new one is {new}; right is waiting, and open.",
            "کلید مخفی فروشگاه خالی است و درگاه به آن توکن نمی‌دهد (۴۰۰، با «errors»): این «نه» به"
            " کلید است و دربارهٔ سفارش چیزی نمی‌گوید. سفارشی که پولش داده شده"
            f" {paid} است و سفارش تازه {new}؛ درستش waiting و open است.",
        )


def who_is_not_the_gateway_says_no_no(bench: Bench) -> None:
    with a_proxy() as (url, handler), bench.shop(GATEWAY_URL=url) as shop:
        handler.gateway = shop.world.ppg_base_url
        shopper = shop.shopper()
        status = shopper.open(shop.world.pay(shopper.buy())).status
        require(
            shop.states()[0] in UNDECIDED,
            "The payer paid, and verify was answered with 404 and JSON without `errors`: that"
            " is a proxy on the way which has lost the gateway. The gateway has said nothing,"
            f" and the order is {shop.states()[0]}. A no of the gateway has its `errors`.",
            "خریدار پول داد و جواب verify کد ۴۰۴ با JSON بدون «errors» بود: این را پروکسی سر راه"
            " گفته که درگاه را پیدا نکرده. خود درگاه چیزی نگفته و سفارش"
            f" {shop.states()[0]} است. «نه» درگاه همیشه «errors» دارد.",
        )
        require(
            status < 500,
            "The payer paid, and verify was answered with 404 and JSON without `errors`: that is"
            f" silence, and the shop's own page answers {status}. Look for `errors` before you call"
            " it a no.",
            "خریدار پول داد و جواب verify کد ۴۰۴ با JSON بدون «errors» بود: این سکوت است و خود"
            f" فروشگاه {status} می‌دهد. پیش از آنکه آن را «نه» حساب کنید، ببینید «errors» دارد یا"
            " نه.",
        )


def who_sends_the_shop_elsewhere_says_no_yes(bench: Bench) -> None:
    with a_proxy() as (url, handler), bench.shop(GATEWAY_URL=url) as shop:
        handler.gateway = shop.world.ppg_base_url
        handler.lost = (REDIRECT, b'{"status": "Successful"}')
        shopper = shop.shopper()
        shopper.open(shop.world.pay(shopper.buy()))
        require(
            shop.states()[0] in UNDECIDED,
            "The payer paid, and a proxy on the way answered verify with a redirect (302), whose"
            " page says Successful. The gateway has captured nothing, and the order is"
            f" {shop.states()[0]}. An answer has status 200, and comes from the address that was"
            " called: `allow_redirects=False`.",
            "خریدار پول داد و پروکسی سر راه به verify با ریدایرکت (۳۰۲) جواب داد و صفحه‌اش می‌گوید"
            f" Successful. درگاه پولی برنداشته و سفارش {shop.states()[0]} است. جواب یعنی status"
            " برابر ۲۰۰، از همان آدرسی که صدا زده‌اید: «allow_redirects=False».",
        )


def a_no_is_a_no(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        shopper.buy(mobile="")  # the gateway wants it: order_create.user_identifier.is_required
        require(
            shop.states() == ["failed"],
            "The gateway refused the order (400, without a mobile number): that is a clear no, and"
            f" the shop's orders are {shop.states()}, not ['failed'].",
            "درگاه سفارش را نپذیرفت (۴۰۰، بدون شمارهٔ موبایل): این «نه» روشن است و سفارش‌های"
            f" فروشگاه {shop.states()} هستند، نه ['failed'].",
        )
        url = shop.world.cancel(shopper.buy())
        shopper.open(url)
        require(
            shop.states()[1] == "failed",
            "The payer cancelled, and verify says Failed: the order should be failed; it is"
            f" {shop.states()[1]}.",
            "خریدار انصراف داد و verify می‌گوید Failed: سفارش باید failed باشد؛ الان"
            f" {shop.states()[1]} است.",
        )


def a_gateway_that_never_answers_does_not_stop_the_shop(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor() as pool:
        slow = _paid_with(
            shop, shop.shopper(), "verify", "delay_after_commit", seconds=SLOW_SECONDS
        )
        hanging = _paid_with(shop, shop.shopper(), "verify", "hang")
        answered = pool.submit(shop.shopper().open, slow)  # while the other one hangs
        _require_an_end(shop, hanging)
        answered.result()
        require(
            shop.states()[0] == "paid",
            f"The payer paid, and the gateway answered verify after {SLOW_SECONDS} seconds: the"
            f" order is {shop.states()[0]}. That is slow, but it is an answer, and the shop should"
            " wait for it: the time to connect is one, the time to wait for the answer another.",
            f"خریدار پول داد و درگاه بعد از {SLOW_SECONDS} ثانیه به verify جواب داد: سفارش"
            f" {shop.states()[0]} است. این کند است، ولی جواب است و فروشگاه باید منتظرش بماند: مهلت"
            " وصل شدن یک چیز است و مهلت رسیدن جواب چیز دیگر.",
        )


def _require_an_end(shop: Lab, callback: str) -> None:
    """Open a callback whose verify is never answered; the shop should end the call itself."""
    try:
        status = shop.shopper().open(callback).status
    except requests.Timeout as error:
        raise NotYet(
            f"The gateway does not answer, and neither did the shop for {PATIENCE:g} seconds: its"
            " calls need timeouts, and short ones; 10 seconds for an answer are enough.",
            f"درگاه جواب نمی‌دهد و فروشگاه هم {PATIENCE:g} ثانیه جوابی نداد: درخواست‌هایش باید"
            " timeout کوتاه داشته باشند؛ ۱۰ ثانیه برای رسیدن جواب بس است.",
        ) from error
    require(
        status < 500 and shop.states()[1] in UNDECIDED,
        f"The payer paid, and the gateway never answered verify: the shop's page answers {status},"
        f" and the order is {shop.states()[1]}.",
        f"خریدار پول داد و درگاه به verify هیچ جوابی نداد: صفحهٔ فروشگاه {status} می‌دهد و سفارش"
        f" {shop.states()[1]} است.",
    )


STEPS = [
    silence_decides_nothing,
    who_is_in_doubt_is_told_so,
    an_answer_without_its_words_places_nothing,
    refused_keys_decide_nothing_about_an_order,
    who_is_not_the_gateway_says_no_no,
    who_sends_the_shop_elsewhere_says_no_yes,
    a_no_is_a_no,
    a_gateway_that_never_answers_does_not_stop_the_shop,  # takes as long as the shop waits
]


def _paid_with(
    shop: Lab, shopper: Shopper, operation: str, behaviour: str, **parameters: Any
) -> str:
    """Buy and pay, so that this call about the order meets this behaviour; return the callback."""
    bank_page = shopper.buy()
    bought = shop.world.orders()[-1]["identifier"]
    shop.world.behave(behaviour, operation=operation, order=bought, **parameters)
    return shop.world.pay(bank_page)
