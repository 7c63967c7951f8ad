"""Chapter 15: refunds at PPG v3, with the program `refunds.py`."""

from __future__ import annotations

import time

from learn.chapters import Bench
from learn.checks.refund_program import (
    AMOUNT,
    NUMBER,
    OTHER,
    Refunds,
    by_hand,
    paid_order,
    purchase_of,
    require_one,
    require_printed,
    require_refunds,
    run,
    sent_back,
)
from learn.lab import Lab, wait_until

SMALLER = 300_000
TOO_MUCH = 9_000_000
MOST_READING = 3  # seconds; SQLite waits five for a lock
HOUR = 3600  # seconds; a transfer of the sandbox takes no longer


def a_refund_goes_back_and_arrives(bench: Bench) -> None:
    with bench.shop() as shop:
        paid_order(shop)
        printed = run(shop, "refund", NUMBER, AMOUNT)
        require_one(shop, "A refund was ordered.", "استردادی سفارش داده شد.")
        under_way: Refunds = [(AMOUNT, "under_way")]
        asked = "A refund was ordered, and the gateway has taken it."
        asked_fa = "استردادی سفارش داده شد و درگاه پذیرفت."
        require_refunds(printed, under_way, asked, asked_fa)
        shop.later(HOUR)
        require_refunds(
            run(shop, "settle"),
            [(AMOUNT, "done")],
            "An hour later, after `python refunds.py settle`:",
            "یک ساعت بعد، پس از «python refunds.py settle»،",
        )
        as_much_again_is_another_transfer(shop)


def as_much_again_is_another_transfer(shop: Lab) -> None:
    """Lose the answer to a refund that is as large as one that is done."""
    shop.world.behave("reset_after_commit", gateway="ppg_v3", operation="refund")
    run(shop, "refund", NUMBER, AMOUNT)
    en = (
        "A refund is done, and the answer to a second one of the same amount was lost. The transfer"
        " of the first one has its owner, also when it is done; the other one is the one in doubt."
    )
    fa = (
        "استردادی «done» است و جواب دومی، با همان مبلغ، گم شد. انتقال اولی صاحب دارد، حتی وقتی که"
        " تمام شده؛ آنکه در تردید است انتقال دیگر است."
    )
    settled = run(shop, "settle", en=en, fa=fa)
    require_refunds(settled, [(AMOUNT, "done"), (AMOUNT, "under_way")], en, fa)


def a_refund_whose_answer_is_lost_is_sent_once(bench: Bench) -> None:
    with bench.shop() as shop:
        paid_order(shop)
        shop.world.behave("reset_after_commit", gateway="ppg_v3", operation="refund")
        run(shop, "refund", NUMBER, AMOUNT)
        require_one(
            shop,
            "A refund was sent once, and its answer was lost.",
            "استردادی فرستاده شد و جوابش گم شد.",
        )
        run(shop, "refund", NUMBER, AMOUNT)
        require_one(
            shop,
            "The answer to a refund was lost, and an operator typed the command again.",
            "جواب استرداد گم شد و اپراتور دستور را دوباره زد.",
        )
        require_refunds(
            run(shop, "settle"),
            [(AMOUNT, "under_way")],
            "The answer to a refund was lost, and the gateway has it; after"
            " `python refunds.py settle`:",
            "جواب استرداد گم شد ولی درگاه آن را دارد؛ پس از «python refunds.py settle»،",
        )


def a_refund_that_has_not_arrived_yet_has_not_failed(bench: Bench) -> None:
    """Kill the program while its call is on its way; the call arrives later."""
    with bench.shop() as shop:
        paid_order(shop)
        shop.world.behave("hold", gateway="ppg_v3", operation="refund")
        with shop.beside("refunds.py", "refund", NUMBER, str(AMOUNT)):
            shop.wait_until_held()
        require_refunds(
            run(shop, "settle"),
            [(AMOUNT, "in_doubt")],
            "The program was killed while a refund was on its way to the gateway, which does not"
            " have it yet; after `python refunds.py settle`:",
            "برنامه وقتی کشته شد که استرداد در راه بود و هنوز به درگاه نرسیده بود؛ پس از"
            " «python refunds.py settle»،",
        )
        run(shop, "refund", NUMBER, AMOUNT)
        shop.world.release()
        wait_until(lambda: sent_back(shop), "the refund arrives", what_fa="استرداد برسد")
        require_one(
            shop,
            "A refund was still on its way when an operator typed the command again.",
            "استرداد هنوز در راه بود که اپراتور دستور را دوباره زد.",
        )
        require_refunds(
            run(shop, "settle"),
            [(AMOUNT, "under_way")],
            "The refund has arrived late; after `python refunds.py settle`:",
            "استرداد دیر رسید؛ پس از «python refunds.py settle»،",
        )


def two_at_once_send_one_refund(bench: Bench) -> None:
    """Let two operators type the command in the same moment; hold the gateway's answer."""
    with bench.shop() as shop:
        began = time.monotonic()
        paid_order(shop)  # two runs of the program
        shop.world.behave("hold_after_commit", gateway="ppg_v3", operation="refund")
        command = ("refunds.py", "refund", NUMBER, str(AMOUNT))
        with shop.beside(*command) as one, shop.beside(*command) as other:
            with shop.no_writing(shop.code / "refunds.db"):
                time.sleep(min(MOST_READING, time.monotonic() - began))  # both have read by then
            wait_until(
                lambda: {one.poll(), other.poll()} != {None},
                "one of two refunds ends",
                what_fa="یکی از دو استرداد تمام شود",
            )
        require_one(
            shop,
            "Two operators typed the command in the same moment. While one refund is in doubt, no"
            " other one of its order is sent, not even by another process: reading first whether"
            " there is a doubt leaves a gap before the writing.",
            "دو اپراتور هم‌زمان دستور را زدند. تا یک استرداد سفارش در تردید است استرداد دیگری از آن"
            " فرستاده نمی‌شود، حتی از یک پروسهٔ دیگر: اگر اول بخوانید که استرداد در تردیدی هست یا"
            " نه و بعد بنویسید، بین این دو فاصله می‌افتد.",
        )


def a_refund_that_is_refused_or_fails_has_failed(bench: Bench) -> None:
    with bench.shop() as shop:
        paid_order(shop)
        refused: Refunds = [(TOO_MUCH, "failed")]
        require_refunds(
            run(shop, "refund", NUMBER, TOO_MUCH),
            refused,
            "A refund of more than was paid is refused.",
            "مبلغ استرداد از مبلغ پرداخت بیشتر بود و درگاه نپذیرفت.",
        )
        run(shop, "refund", NUMBER, AMOUNT)
        require_one(
            shop,
            "A refund follows one that was refused.",
            "بعد از استردادی که رد شد، استرداد دیگری سفارش داده شد.",
        )
        shop.world.halt_refund(purchase_of(shop), "FAILED")
        require_refunds(
            run(shop, "settle"),
            [*refused, (AMOUNT, "failed")],
            "The payer's bank has not taken the transfer; after `python refunds.py settle`:",
            "بانک خریدار انتقال را نپذیرفت؛ پس از «python refunds.py settle»،",
        )


def a_transfer_belongs_to_one_refund(bench: Bench) -> None:
    """Lose a refund on its way that is as large as one that the gateway has."""
    with bench.shop() as shop:
        paid_order(shop)
        run(shop, "refund", NUMBER, AMOUNT)
        shop.world.behave("reset", gateway="ppg_v3", operation="refund")
        run(shop, "refund", NUMBER, AMOUNT)
        require_refunds(
            run(shop, "settle"),
            [(AMOUNT, "under_way"), (AMOUNT, "in_doubt")],
            "The gateway has a refund; a second one of the same amount never reached it; after"
            " `python refunds.py settle`:",
            "درگاه یک استرداد را دارد و استرداد دومی با همان مبلغ به آن نرسید؛ پس از"
            " «python refunds.py settle»،",
        )


def a_transfer_of_another_amount_is_another_refund(bench: Bench) -> None:
    """Let an operator refund in the gateway's panel; lose a refund of the program on its way."""
    with bench.shop() as shop:
        paid_order(shop)
        by_hand(shop, "/purchases/refund", amount=SMALLER)
        shop.world.behave("reset", gateway="ppg_v3", operation="refund")
        run(shop, "refund", NUMBER, AMOUNT)
        require_refunds(
            run(shop, "settle"),
            [(AMOUNT, "in_doubt")],
            f"An operator has refunded {SMALLER:,} Rials in the gateway's panel, and a refund of"
            f" {AMOUNT:,} Rials never reached the gateway; after `python refunds.py settle`:",
            f"اپراتور {SMALLER:,} ریال در پنل درگاه برگرداند و استرداد {AMOUNT:,} ریالی به درگاه"
            " نرسید؛ پس از «python refunds.py settle»،",
        )


def a_doubt_holds_up_no_other_order(bench: Bench) -> None:
    with bench.shop() as shop:
        paid_order(shop)
        paid_order(shop, OTHER)
        shop.world.behave("reset", gateway="ppg_v3", operation="refund")
        run(shop, "refund", NUMBER, AMOUNT)
        require_refunds(
            run(shop, "refund", OTHER, AMOUNT),
            [(AMOUNT, "under_way")],
            f"A refund of {NUMBER} is in doubt, and a refund of another order, {OTHER}, was"
            f" ordered: {NUMBER}'s doubt is no reason to wait.",
            f"یک استرداد {NUMBER} در تردید است و برای سفارش دیگری، {OTHER}، استرداد سفارش داده شد:"
            f" تردید {NUMBER} جلوی آن را نمی‌گیرد.",
            OTHER,
        )


def a_reversed_purchase_has_not_failed(bench: Bench) -> None:
    with bench.shop() as shop:
        paid_order(shop)
        by_hand(shop, "/purchases/reverse")
        require_printed(run(shop, "capture", NUMBER), "returned", "REVERSED")


STEPS = [
    a_refund_goes_back_and_arrives,
    a_refund_whose_answer_is_lost_is_sent_once,
    a_refund_that_has_not_arrived_yet_has_not_failed,
    two_at_once_send_one_refund,
    a_refund_that_is_refused_or_fails_has_failed,
    a_transfer_belongs_to_one_refund,
    a_transfer_of_another_amount_is_another_refund,
    a_doubt_holds_up_no_other_order,
    a_reversed_purchase_has_not_failed,
]
