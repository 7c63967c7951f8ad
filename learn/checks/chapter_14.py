"""Chapter 14: do the ledgers agree?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from learn.chapters import Bench
from learn.checks import gateway_list
from learn.checks.reconciling import (
    OtherProgram,
    buy,
    names_of,
    reconcile,
    require_agreement,
    require_discrepancy,
    require_silence,
)
from learn.lab import require

WINDOW = 1000  # seconds; longer than the gateway's 15 minutes


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
    """Let one order wait for its payer here, and another one be in doubt; capture both there."""
    with bench.shop() as shop:
        shop.world.pay_and_vanish(shop.shopper().buy())
        OtherProgram(shop.world).verify(shop.world.orders()[-1]["identifier"])
        doubted = shop.shopper()
        callback = shop.world.pay(doubted.buy())
        shop.world.behave("reset_after_commit", operation="verify")
        doubted.open(callback)
        shop.later(WINDOW)
        before = shop.states()
        code, said = reconcile(shop)
        for was, state, there in zip(before, shop.states(), shop.world.orders(), strict=True):
            require(
                state == "paid"
                or (code == 1 and any(one in said for one in names_of(shop, there))),
                f"The gateway has captured the payment {there['reference_number']}, and the shop's"
                f" order is {was}. `reconcile` should name this payment and exit with 1; it exits"
                f" with {code} and prints: {said.strip()}",
                f"درگاه پول پرداخت {there['reference_number']} را قطعی برداشته و سفارش در فروشگاه"
                f" {was} است. «reconcile» باید این پرداخت را نام ببرد و با کد ۱ تمام شود؛ با کد"
                f" {code} تمام می‌شود و این را چاپ می‌کند: {said.strip()}",
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


def another_amount_or_currency_is_found(bench: Bench) -> None:
    with bench.shop() as shop:
        bank_order = buy(shop)
        for behaviour, en, fa in (
            ("inquiry_other_amount", "ten times the amount", "مبلغ ده برابر"),
            ("inquiry_other_currency", "the same number of Toman", "همان عدد به تومان"),
        ):
            shop.world.forget_behaviours()
            for operation in ("list", "inquiry"):
                shop.world.behave(behaviour, operation=operation, times=None)
            require_discrepancy(
                shop,
                names_of(shop, bank_order),
                f"The gateway has {en} for a paid order.",
                f"برای سفارش پرداخت‌شده، درگاه {fa} را دارد.",
            )


def an_order_that_the_gateway_has_lost_is_found(bench: Bench) -> None:
    """Let the gateway say nothing of an order first, and then that it has none."""
    with bench.shop() as shop:
        bank_order = buy(shop)
        names = names_of(shop, bank_order)
        shop.world.behave("list_gap", operation="list", times=None)
        shop.world.behave("error_500", operation="inquiry", times=None)
        silent = require_silence(
            shop,
            "A page of the gateway's list leaves out a paid order, and the inquiry about it is"
            " answered with 500.",
            "سفارش پرداخت‌شده‌ای در فهرست درگاه جا افتاده و جواب استعلامش ۵۰۰ است.",
        )
        shop.world.reset()
        require_discrepancy(
            shop,
            names,
            "The shop has a paid order, and the gateway knows nothing of it.",
            "فروشگاه سفارشی پرداخت‌شده دارد که درگاه هیچ خبری از آن ندارد.",
        )
        _, lost = reconcile(shop)
        require(
            silent != lost.strip(),
            "The inquiry about a paid order was answered with 500, and `reconcile` prints the same"
            f" as for an order that the gateway does not know: {silent} Silence says nothing"
            " about an order.",
            "جواب استعلام سفارشی پرداخت‌شده ۵۰۰ بود و «reconcile» همان چیزی را چاپ می‌کند که برای"
            f" سفارش ناشناس نزد درگاه چاپ می‌کند: {silent} سکوت دربارهٔ سفارش چیزی"
            " نمی‌گوید.",
        )


STEPS = [
    who_agrees_says_so,
    a_create_without_an_answer_is_no_discrepancy,
    who_pays_before_the_list_is_made_is_no_discrepancy,
    who_pays_after_the_list_is_made_is_no_discrepancy,
    money_that_only_the_gateway_knows_of_is_found,
    goods_without_money_are_found,
    another_amount_or_currency_is_found,
    an_order_that_the_gateway_has_lost_is_found,
    *gateway_list.STEPS,
]
