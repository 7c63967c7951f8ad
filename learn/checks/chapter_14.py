"""Chapter 14: do the ledgers agree?"""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from jibit_sandbox.testing import SandboxWorld, browser
from learn.chapters import Bench
from learn.lab import PATIENCE, Lab, NotYet, require

AGREE = "The ledgers agree."
WINDOW = 1000  # seconds; longer than the gateway's 15 minutes
LONGEST = 20  # seconds; comparing a page and one more order takes three
USUAL_PAGE, LARGEST_PAGE = 25, 250  # orders on a page of the gateway's list


class OtherProgram:
    """Somebody else who has the merchant's keys and calls the gateway without the shop."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world, self._session = world, browser()
        keys = {"apiKey": world.api_key, "secretKey": world.secret_key}
        token = self._call("POST", "/tokens/generate", json=keys).json()["accessToken"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def create(self, reference: str) -> str:
        """Create an order; return the gateway's identifier."""
        order = {
            "amount": 1_250_000,
            "referenceNumber": reference,
            "userIdentifier": "09121234567",
            "callbackUrl": "http://127.0.0.1:9/callback",
        }
        return str(self._call("POST", "/orders", json=order).json()["orderIdentifier"])

    def verify(self, identifier: str) -> None:
        """Capture an order's money."""
        self._call("GET", f"/orders/{identifier}/verify")

    def _call(self, method: str, path: str, **more: Any) -> requests.Response:
        url = f"{self._world.ppg_base_url}{path}"
        answer = self._session.request(method, url, timeout=PATIENCE, **more)
        answer.raise_for_status()
        return answer


def buy(shop: Lab) -> dict[str, Any]:
    """Let somebody buy and pay; return the gateway's order."""
    shopper = shop.shopper()
    shopper.open(shop.world.pay(shopper.buy()))
    require(
        shop.states()[-1:] == ["paid"],
        f"Somebody has paid, and the orders are {shop.states()}.",
        f"کسی پول داده، ولی سفارش‌ها {shop.states()} هستند.",
    )
    return shop.world.orders()[-1]


def names_of(shop: Lab, bank_order: dict[str, Any]) -> list[str]:
    """Return every name of an order: ours, and the gateway's."""
    named = [str(bank_order["identifier"]), str(bank_order["reference_number"])]
    for order in shop.ledger():
        if any(name in str(order) for name in named):
            named.append(str(order["number"]))
    return named


def run_to_its_end(shop: Lab) -> subprocess.CompletedProcess[str]:
    """Run `python shop.py reconcile`. Raises NotYet if it goes on and on."""
    try:
        return shop.run_for(LONGEST, "shop.py", "reconcile")
    except subprocess.TimeoutExpired as error:
        asked = pages_asked_for(shop)[-1:] or ["-"]
        raise NotYet(
            f"`python shop.py reconcile` has not ended after {LONGEST} seconds. It last asked for"
            f" the page `{asked[0]}`. Does each turn of the loop ask for the next page, with"
            " `page=`, until `hasNext` is false?",
            f"«python shop.py reconcile» بعد از {LONGEST} ثانیه تمام نشد. آخرین صفحه‌ای که خواست"
            f" «{asked[0]}» بود. هر دور حلقه صفحهٔ بعدی را با «page=» می‌خواهد، تا وقتی «hasNext»"
            " نادرست شود؟",
        ) from error


def pages_asked_for(shop: Lab) -> list[str]:
    """Return the address of every page of the gateway's list that the shop has asked for."""
    return [str(call["path"]) for call in shop.world.requests_seen(operation="list")]


def reconcile(shop: Lab) -> tuple[int, str]:
    """Run `python shop.py reconcile`; return its exit code and what it has printed."""
    done = run_to_its_end(shop)
    last = (done.stderr.strip().splitlines() or ["-"])[-1]
    require(
        "Traceback" not in done.stderr and done.returncode in (0, 1),
        f"`python shop.py reconcile` ends with {done.returncode}: {last}",
        f"«python shop.py reconcile» با کد {done.returncode} تمام می‌شود: {last}",
    )
    return done.returncode, done.stdout


def require_agreement(shop: Lab, en: str, fa: str) -> None:
    code, said = reconcile(shop)
    require(
        code == 0 and AGREE in said,
        f"{en} `reconcile` should print {AGREE!r} and exit with 0; it exits with {code} and prints:"
        f" {said.strip()}",
        f"{fa} «reconcile» باید «{AGREE}» چاپ کند و با کد ۰ تمام شود؛ با کد {code} تمام می‌شود و"
        f" این را چاپ می‌کند: {said.strip()}",
    )


def require_discrepancy(shop: Lab, names: list[str], en: str, fa: str) -> None:
    code, said = reconcile(shop)
    require(
        code == 1 and AGREE not in said,
        f"{en} `reconcile` should print it and exit with 1; it exits with {code} and prints:"
        f" {said.strip()}",
        f"{fa} «reconcile» باید آن را چاپ کند و با کد ۱ تمام شود؛ با کد {code} تمام می‌شود و این را"
        f" چاپ می‌کند: {said.strip()}",
    )
    lines = said.strip().splitlines()
    require(
        len(lines) == 1 and any(name in lines[0] for name in names),
        f"{en} Right is one line that names this order; `reconcile` prints: {said.strip()}",
        f"{fa} درستش یک خط است که همین سفارش را نام ببرد؛ «reconcile» این را چاپ می‌کند:"
        f" {said.strip()}",
    )


def who_agrees_says_so(bench: Bench) -> None:
    with bench.shop() as shop:
        buy(shop)
        canceller, waiting = shop.shopper(), shop.shopper()
        canceller.open(shop.world.cancel(canceller.buy()))
        waiting.buy()
        require_agreement(
            shop,
            "One shopper has paid, one has cancelled, one is still at the gateway: that is right.",
            "یک خریدار پول داده، یکی انصراف داده و یکی هنوز در درگاه است: همه‌چیز درست است.",
        )


def a_create_without_an_answer_is_no_discrepancy(bench: Bench) -> None:
    with bench.shop() as shop:
        for lost in ("reset", "reset_after_commit"):
            shop.world.behave(lost, operation="create")
            shop.shopper().buy()
        require_agreement(
            shop,
            "Two creates were not answered: the first one never arrived, and the second one did,"
            " but nobody was sent to its page. That is no discrepancy.",
            "دو درخواست ساخت بی‌جواب ماند: اولی اصلاً نرسید و دومی رسید، ولی کسی به صفحهٔ آن فرستاده"
            " نشد. این مغایرت نیست.",
        )


def who_pays_before_the_list_is_made_is_no_discrepancy(bench: Bench) -> None:
    compare_while_shoppers_pay(
        bench,
        "hold",
        "While `reconcile` waited for the gateway's list, one shopper paid, and another one"
        " bought and paid. Both ledgers agree. Read the gateway's list first and your own"
        " ledger after it.",
        "وقتی «reconcile» منتظر فهرست درگاه بود، یک خریدار پول داد و یکی دیگر هم خرید و پول"
        " داد. دفترها یکی‌اند. اول فهرست درگاه را بخوانید و بعد دفتر خودتان را.",
    )


def who_pays_after_the_list_is_made_is_no_discrepancy(bench: Bench) -> None:
    compare_while_shoppers_pay(
        bench,
        "hold_after_commit",
        "The gateway had made its list, in which a payment is IN_PROGRESS; then this shopper paid,"
        " and another one bought and paid. Both ledgers agree. Ask (inquiry) for each payment that"
        " the list does not have, and for each that is `paid` here and not SUCCESS in the list.",
        "درگاه فهرستش را ساخته بود و پرداختی در آن IN_PROGRESS بود؛ بعد همین خریدار پول داد و یکی"
        " دیگر هم خرید و پول داد. دفترها یکی‌اند. دربارهٔ هر پرداختی که در فهرست نیست، و هر پرداختی"
        " که اینجا «paid» است و در فهرست SUCCESS نیست، استعلام بگیرید.",
    )


def compare_while_shoppers_pay(bench: Bench, behaviour: str, en: str, fa: str) -> None:
    """Hold the gateway's list, before or after it is made, while two shoppers pay."""
    with bench.shop() as shop, ThreadPoolExecutor(1) as pool:
        payer = shop.shopper()
        callback = shop.world.pay(payer.buy())
        shop.world.behave(behaviour, operation="list")
        comparing = pool.submit(require_agreement, shop, en, fa)
        shop.wait_until_held()
        payer.open(callback)
        buy(shop)
        shop.world.release()
        comparing.result()


def money_that_only_the_gateway_knows_of_is_found(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.pay_and_vanish(shop.shopper().buy())
        bank_order = shop.world.orders()[-1]
        OtherProgram(shop.world).verify(bank_order["identifier"])
        shop.later(WINDOW)
        code, said = reconcile(shop)
        require(
            shop.states() == ["paid"]
            or (code == 1 and any(name in said for name in names_of(shop, bank_order))),
            "The gateway has captured a payment, and the shop's order is"
            f" {shop.states()}. `reconcile` should name this order and exit with 1; it exits with"
            f" {code} and prints: {said.strip()}",
            f"درگاه پول را قطعی برداشته و سفارش در فروشگاه {shop.states()} است. «reconcile» باید"
            f" این سفارش را نام ببرد و با کد ۱ تمام شود؛ با کد {code} تمام می‌شود و این را چاپ"
            f" می‌کند: {said.strip()}",
        )


def goods_without_money_are_found(bench: Bench) -> None:
    with bench.shop() as shop:
        bank_order = buy(shop)
        for operation in ("list", "inquiry"):
            shop.world.behave("inquiry_failed", operation=operation, times=None)
        shop.later(WINDOW)
        before = shop.states()
        require_discrepancy(
            shop,
            names_of(shop, bank_order),
            "An order is `paid` here, and the gateway says FAILED.",
            "سفارشی اینجا «paid» است و درگاه می‌گوید FAILED.",
        )
        require(
            shop.states() == before,
            f"Before `reconcile` the orders were {before}, afterwards {shop.states()}: what is"
            " final is a person's decision.",
            f"پیش از «reconcile» سفارش‌ها {before} بودند و بعدش {shop.states()}: دربارهٔ چیزی که"
            " نهایی شده آدم تصمیم می‌گیرد، نه برنامه.",
        )


def another_amount_is_found(bench: Bench) -> None:
    with bench.shop() as shop:
        bank_order = buy(shop)
        for operation in ("list", "inquiry"):
            shop.world.behave("inquiry_other_amount", operation=operation, times=None)
        require_discrepancy(
            shop,
            names_of(shop, bank_order),
            "The gateway has ten times the amount for a paid order.",
            "مبلغ سفارش پرداخت‌شده نزد درگاه ده برابر است.",
        )


def an_order_that_the_gateway_has_lost_is_found(bench: Bench) -> None:
    with bench.shop() as shop:
        bank_order = buy(shop)
        names = names_of(shop, bank_order)
        shop.world.reset()
        require_discrepancy(
            shop,
            names,
            "The shop has a paid order, and the gateway knows nothing of it.",
            "فروشگاه سفارشی پرداخت‌شده دارد که درگاه هیچ خبری از آن ندارد.",
        )


def size_of_a_page(shop: Lab) -> int:
    """Return how many orders the shop asks for at once."""
    reconcile(shop)
    asked = pages_asked_for(shop)
    found = re.search(r"[?&]size=(\d+)", asked[-1]) if asked else None
    return min(int(found[1]), LARGEST_PAGE) if found else USUAL_PAGE


def every_page_is_read(bench: Bench) -> None:
    with bench.shop() as shop:
        other = OtherProgram(shop.world)
        unknown = [other.create(f"UNKNOWN-{number}") for number in range(size_of_a_page(shop) + 1)]
        shop.later(WINDOW)
        code, said = reconcile(shop)
        lines = len(said.strip().splitlines())
        require(
            code == 1 and lines == len(unknown),
            f"The gateway lists {len(unknown)} orders under your keys that the shop never made."
            f" `reconcile` exits with {code} and prints {lines} lines: exit code 1 and one line for"
            " each is right. Does it read every page,"
            " until `hasNext` is false?",
            f"درگاه با کلید شما {len(unknown)} سفارش دارد که فروشگاه آن‌ها را نساخته. «reconcile»"
            f" با کد {code} تمام می‌شود و {lines} خط چاپ می‌کند؛ درستش کد ۱ و یک خط"
            " برای هر کدام است. همهٔ صفحه‌ها خوانده می‌شوند، تا وقتی «hasNext» نادرست شود؟",
        )


def what_the_list_leaves_out_is_asked_for(bench: Bench) -> None:
    with bench.shop() as shop:
        buy(shop)
        shop.world.behave("list_gap", operation="list", times=None)
        require_agreement(
            shop,
            "Both ledgers have one paid order, and a page of the gateway's list has a gap: it"
            " leaves this order out. Ask for each payment that the list does not have (inquiry)"
            " before you call it unknown.",
            "هر دو دفتر یک سفارش پرداخت‌شده دارند و صفحه‌ای از فهرست درگاه جا افتادگی دارد: همین"
            " سفارش در آن نیست. هر پرداختی که در فهرست نیست باید جداگانه استعلام شود، پیش از آنکه"
            " ناشناس اعلام شود.",
        )


def silence_is_no_agreement(bench: Bench) -> None:
    with bench.shop() as shop:
        buy(shop)
        shop.world.behave("error_500", operation="list", times=None)
        done = run_to_its_end(shop)
        require(
            done.returncode != 0 and AGREE not in done.stdout,
            "The gateway's list cannot be read, and `reconcile` says that the ledgers agree. Who"
            " has compared nothing must not exit with 0.",
            "فهرست درگاه خوانده نمی‌شود، ولی «reconcile» می‌گوید دفترها یکی‌اند. برنامه‌ای که"
            " چیزی را مقایسه نکرده نباید با کد ۰ تمام شود.",
        )


STEPS = [
    who_agrees_says_so,
    a_create_without_an_answer_is_no_discrepancy,
    who_pays_before_the_list_is_made_is_no_discrepancy,
    who_pays_after_the_list_is_made_is_no_discrepancy,
    money_that_only_the_gateway_knows_of_is_found,
    goods_without_money_are_found,
    another_amount_is_found,
    an_order_that_the_gateway_has_lost_is_found,
    every_page_is_read,
    what_the_list_leaves_out_is_asked_for,
    silence_is_no_agreement,
]
