"""Chapter 16: the exam. The twelve failures are played against a shop, each in one of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import requests

from learn.chapters import Bench, Step
from learn.checks import engine_answers
from learn.checks.both_ledgers import (
    buy,
    free_pieces,
    is_bank,
    pay_again,
    require_paid,
    work_on,
)
from learn.checks.exam import EXAM
from learn.lab import NotYet, require
from learn.speaking import as_people_write

AT_ONCE = 4  # shops; most of the time each of them waits
SAID = {
    "en": {"passed": "passed", "lost": "LOST", "sum": "passed {good} of {all}"},
    "fa": {"passed": "گذشت", "lost": "نگذشت", "sum": "گذشت: {good} از {all}"},
}


def played(play: Step, bench: Bench) -> NotYet | None:
    """Play a failure; return what is not right, if anything."""
    try:
        play(bench)
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
            EXAM, pool.map(lambda one: played(one.play, bench), EXAM), strict=True
        ):
            results.append(trouble)
            name = failure.fa if bench.language == "fa" else failure.en
            number = f"{len(results):2} {name}"
            row = f"{number:35} {words['lost' if trouble else 'passed']}"
            print(as_people_write(row, bench.language), flush=True)
    total = words["sum"].format(good=results.count(None), all=len(EXAM))
    print(as_people_write(total, bench.language), flush=True)
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


def a_piece_stays_with_an_order_that_can_still_be_paid(bench: Bench) -> None:
    with bench.shop(STOCK="1") as shop:
        shopper, other = shop.shopper(), shop.shopper()
        form = other.fill_in()
        first = buy(shop, shopper)
        second = pay_again(shop, shopper, gateway="wallet")
        if is_bank(shop, second) and second != first:  # a shop may have one page at a time
            shopper.open(shop.world.cancel(second))
        left = free_pieces(shop)
        require(
            left == 0,
            "There is one piece. Its shopper opened a second payment, by wallet, and cancelled it;"
            f" the first one can still be paid, and `/stock` says {left}; right is 0. Release a"
            " piece when the last of its order's payments ends.",
            "فقط یک عدد هست. خریدارش پرداخت دومی با کیف پول باز کرد و از آن انصراف داد؛ پرداخت اول"
            f" هنوز ممکن است و «/stock» می‌گوید {left}؛ درستش ۰ است. جنس را وقتی آزاد کنید که آخرین"
            " پرداخت سفارشش تمام شد.",
        )
        other.send(form)
        require(
            len(shop.ledger()) == 1,
            "There is one piece, and somebody is paying for it. Another shopper was told that it is"
            f" sold out, and `/ledger` has {len(shop.ledger())} orders: {shop.states()}. Place the"
            " order in the commit that reserves its piece, or neither.",
            "فقط یک عدد هست و کسی دارد پولش را می‌دهد. به خریدار دیگری گفته شد «تمام شد»، ولی"
            f" «/ledger» {len(shop.ledger())} سفارش دارد: {shop.states()}. سفارش را در همان commit"
            " که جنسش رزرو می‌شود ثبت کنید، وگرنه هیچ‌کدام را.",
        )
        shopper.open(shop.world.pay(first))
        require_paid(shop)


BEYOND = (
    a_gateway_that_says_success_too_early_gets_a_verify,
    *engine_answers.STEPS,
    a_piece_stays_with_an_order_that_can_still_be_paid,
)


def what_is_not_on_the_list(bench: Bench) -> None:
    """Play what else can go wrong with the engine, several at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for trouble in list(pool.map(lambda one: played(one, bench), BEYOND)):
            if trouble:
                raise trouble


STEPS = [the_exam, what_is_not_on_the_list, engine_answers.reconcile_says_what_it_has_seen]
