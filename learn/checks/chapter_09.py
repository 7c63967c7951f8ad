"""Chapter 9: the answer that is lost after the capture."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NamedTuple

import requests

from learn.chapters import Bench
from learn.lab import Lab, require

WINDOW = 1000  # seconds; longer than the gateway's 15 minutes
ASKED = (
    "import json, sys, shop; print(json.dumps([shop.decide(*c) for c in json.loads(sys.argv[1])]))"
)


def _ledgers(shop: Lab) -> tuple[str, str]:
    """Return the state of the latest order, in the shop and at the gateway."""
    return shop.states()[-1], shop.bank()[-1]


def _pay_and_return(shop: Lab) -> None:
    shopper = shop.shopper()
    shopper.open(shop.world.pay(shopper.buy()))


def a_captured_order_never_expires(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.behave("reset_after_commit", operation="verify")
        _pay_and_return(shop)
        shop.later(WINDOW)
        shop.work()
        ours, theirs = _ledgers(shop)
        require(
            (ours, theirs) == ("paid", "captured"),
            "The answer to verify was lost after the money was taken. 15 minutes later the worker"
            f" passed: the order is {ours}, and the gateway says {theirs}.",
            "جواب verify بعد از برداشتن پول گم شد. ۱۵ دقیقه بعد ورکر یک دور پرسید: سفارش"
            f" {ours} است و درگاه می‌گوید {theirs}.",
        )


def a_lost_answer_is_a_doubt(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.behave("reset_after_commit", operation="verify")
        _pay_and_return(shop)
        ours, _ = _ledgers(shop)
        require(
            ours == "in_doubt",
            f"verify was sent and not answered: the order is {ours}. The money may be taken, so it"
            " is in_doubt, and nobody is asked to pay again.",
            f"verify فرستاده شد و جوابش نیامد: سفارش {ours} است. شاید پول برداشته شده باشد؛ پس"
            " in_doubt است و نباید از کسی خواست دوباره پول بدهد.",
        )
        shop.work()
        ours, _ = _ledgers(shop)
        require(
            ours == "paid",
            "verify was sent and not answered. Then the worker passed, and the inquiry says"
            f" SUCCESS: the order is {ours}.",
            f"verify فرستاده شد و جوابش نیامد. بعد ورکر پرسید و استعلام گفت SUCCESS: سفارش {ours}"
            " است.",
        )


def who_was_not_captured_is_verified_again(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.behave("reset", operation="verify")
        _pay_and_return(shop)
        shop.work()
        ours, theirs = _ledgers(shop)
        require(
            (ours, theirs) == ("paid", "captured"),
            "verify was lost on its way to the gateway, and the worker passed in time: the order"
            f" is {ours}, and the gateway says {theirs}. As long as the inquiry says IN_PROGRESS,"
            " verify again.",
            f"verify در راه درگاه گم شد. بعد ورکر به‌موقع اجرا شد: سفارش {ours} است و درگاه می‌گوید"
            f" {theirs}. تا وقتی استعلام می‌گوید IN_PROGRESS، باید دوباره verify کرد.",
        )


def silence_ends_no_doubt(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.behave("reset", operation="verify")
        _pay_and_return(shop)
        shop.world.behave("error_500", operation="inquiry", times=None)
        shop.later(WINDOW)
        shop.work()
        ours, _ = _ledgers(shop)
        require(
            ours == "in_doubt",
            "verify was not answered, the window is over, and the gateway answers 500 to each"
            f" question: the order is {ours}. Right is in_doubt, until the gateway has answered.",
            "جواب verify نیامد، مهلت تمام شد و درگاه به هر پرسشی خطای ۵۰۰ می‌دهد: سفارش"
            f" {ours} است. درستش in_doubt است، تا وقتی درگاه جواب بدهد.",
        )
        shop.world.forget_behaviours()
        shop.work()
        ours, theirs = _ledgers(shop)
        require(
            ours == "expired",
            f"verify was not answered; now the inquiry says EXPIRED: the order is {ours}, and the"
            f" gateway says {theirs}: the money is back with the payer.",
            f"جواب verify نیامد و حالا استعلام می‌گوید EXPIRED: سفارش {ours} است و درگاه می‌گوید"
            f" {theirs}: پول به خریدار برگشته.",
        )


ODD_ANSWERS = [
    (
        "verify_failed",
        "verify said Failed and took nothing, although the order was paid",
        "verify گفت Failed و چیزی برنداشت، با اینکه پول داده شده بود",
    ),
    (
        "verify_failed_after_commit",
        "verify said Failed, although it took the money",
        "verify گفت Failed، با اینکه پول را برداشت",
    ),
    (
        "verify_unknown_after_commit",
        "verify said Unknown, although it took the money",
        "verify گفت Unknown، با اینکه پول را برداشت",
    ),
]


def failed_is_no_proof(bench: Bench) -> None:
    with bench.shop() as shop:
        for behaviour, en, fa in ODD_ANSWERS:
            shop.world.behave(behaviour, operation="verify")
            _pay_and_return(shop)
            shop.work()
            ours, theirs = _ledgers(shop)
            require(
                (ours, theirs) == ("paid", "captured"),
                f"{en}. After a pass of the worker the order is {ours}, and the gateway says"
                f" {theirs}. The inquiry has the last word.",
                f"{fa}. بعد از یک دور ورکر سفارش {ours} است و درگاه می‌گوید {theirs}. حرف آخر را"
                " استعلام می‌زند.",
            )


def a_killed_shop_leaves_a_doubt(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor() as pool:
        shopper = shop.shopper()
        callback = shop.world.pay(shopper.buy())
        shop.world.behave("hold_after_commit", operation="verify")
        returning = pool.submit(shopper.open, callback)
        shop.wait_until_held()
        shop.stop()
        shop.world.release()
        with suppress(requests.RequestException):
            returning.result()
        shop.start()
        shop.work()
        ours, theirs = _ledgers(shop)
        require(
            (ours, theirs) == ("paid", "captured"),
            "The shop was killed while it waited for the answer to verify, and was started again."
            f" After a pass of the worker the order is {ours}, and the gateway says {theirs}.",
            "فروشگاه وقتی منتظر جواب verify بود کشته شد و دوباره اجرا شد. بعد از یک دور ورکر سفارش"
            f" {ours} است و درگاه می‌گوید {theirs}.",
        )


def a_slow_answer_takes_nothing_back(bench: Bench) -> None:
    with bench.shop() as shop, ThreadPoolExecutor() as pool:
        shop.world.switch(verify_again="Failed")
        shopper = shop.shopper()
        callback = shop.world.pay(shopper.buy())
        shop.world.behave("hold", operation="verify")
        returning = pool.submit(shopper.open, callback)
        shop.wait_until_held()
        shop.work()
        shop.world.release()
        returning.result()
        ours, theirs = _ledgers(shop)
        require(
            (ours, theirs) == ("paid", "captured"),
            "The verify of a callback was slow. Meanwhile the worker verified the same order, and"
            f" then the gateway answered Failed to the slow one: the order is {ours}, and the"
            f" gateway says {theirs}.",
            "verify یک کال‌بک کند بود. در این میان ورکر همان سفارش را verify کرد و بعد درگاه به آن"
            f" verify کند گفت Failed: سفارش {ours} است و درگاه می‌گوید {theirs}.",
        )


class Cell(NamedTuple):
    """What is known, and the state that is right, with the reason in both languages."""

    status: str | None
    answer: str | None
    unanswered: bool
    over: bool
    right: str
    en: str
    fa: str

    @property
    def known(self) -> tuple[str | None, str | None, bool, bool]:
        return self[:4]


TAKEN = ("verify has taken the money", "verify پول را برداشته")
SEEN = ("the inquiry says that the money was captured", "استعلام می‌گوید پول قطعی برداشته شده")
ENDED = ("the inquiry says how it ended", "استعلام می‌گوید چه شده")
OPEN = ("a verify is unanswered and may have captured", "یک verify بی‌جواب مانده و شاید برداشته")
TYPING = ("nothing is paid yet, and it can still be paid", "هنوز پولی داده نشده و می‌شود داد")
TOO_LATE = (
    "each verify was answered, nothing was taken, and the time is over",
    "هر verify جواب گرفته، چیزی برداشته نشده و وقت تمام است",
)
SILENT = ("silence is not an answer", "سکوت جواب نیست")
LAST_WORD = (
    "the inquiry has the last word on a Failed, and was silent",
    "دربارهٔ Failed حرف آخر را استعلام می‌زند و استعلام ساکت بود",
)
OTHER = ("the answer is about another order or amount", "جواب دربارهٔ سفارش یا مبلغ دیگری است")

TABLE = [
    Cell("IN_PROGRESS", "Successful", False, False, "paid", *TAKEN),
    Cell("IN_PROGRESS", "Successful", True, True, "paid", *TAKEN),
    Cell("SUCCESS", None, True, False, "paid", *SEEN),
    Cell("SUCCESS", None, True, True, "paid", *SEEN),
    Cell("SUCCESS", "Failed", False, False, "paid", *SEEN),
    Cell("FAILED", None, False, False, "failed", *ENDED),
    Cell("FAILED", "Failed", True, True, "failed", *ENDED),
    Cell("EXPIRED", None, False, True, "expired", *ENDED),
    Cell("EXPIRED", None, True, True, "expired", *ENDED),
    Cell("IN_PROGRESS", None, True, False, "in_doubt", *OPEN),
    Cell("IN_PROGRESS", None, True, True, "in_doubt", *OPEN),
    Cell("IN_PROGRESS", "Unknown", True, False, "in_doubt", *OPEN),
    Cell("IN_PROGRESS", "Failed", True, True, "in_doubt", *OPEN),
    Cell("IN_PROGRESS", "Failed", False, False, "waiting", *TYPING),
    Cell("IN_PROGRESS", "Failed", False, True, "expired", *TOO_LATE),
    Cell(None, None, False, False, "waiting", *TYPING),
    Cell(None, None, False, True, "in_doubt", *SILENT),
    Cell(None, None, True, False, "in_doubt", *OPEN),
    Cell(None, None, True, True, "in_doubt", *OPEN),
    Cell(None, "Failed", False, False, "in_doubt", *LAST_WORD),
    Cell("UNKNOWN", None, False, True, "in_doubt", *SILENT),
    Cell("OTHER", None, False, False, "in_doubt", *OTHER),
    Cell("OTHER", None, False, True, "in_doubt", *OTHER),
]


def the_table_has_every_cell(bench: Bench) -> None:
    with bench.shop() as shop:
        cells = json.dumps([cell.known for cell in TABLE])
        done = shop.run("-c", ASKED, cells)
    last = (done.stderr.strip().splitlines() or ["?"])[-1]
    require(
        done.returncode == 0,
        f"`decide(status, answer, unanswered, over)` fails: {last}",
        f"«decide(status, answer, unanswered, over)» خطا می‌دهد: {last}",
    )
    for cell, state in zip(TABLE, json.loads(done.stdout), strict=True):
        call = f"decide({', '.join(map(repr, cell.known))})"
        require(
            state == cell.right,
            f"`{call}` says {state}; right is {cell.right}: {cell.en}.",
            f"«{call}» می‌گوید {state}؛ درستش {cell.right} است: {cell.fa}.",
        )


STEPS = [
    a_captured_order_never_expires,
    a_lost_answer_is_a_doubt,
    who_was_not_captured_is_verified_again,
    silence_ends_no_doubt,
    failed_is_no_proof,
    the_table_has_every_cell,
    a_killed_shop_leaves_a_doubt,
    a_slow_answer_takes_nothing_back,
]
