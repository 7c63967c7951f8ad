"""Chapter 15: refunds at PPG v3, with the program `refunds.py`."""

from __future__ import annotations

import re
from typing import Any

from jibit_sandbox.testing import browser
from learn.chapters import Bench
from learn.lab import PATIENCE, Lab, require, wait_until

NUMBER = "A1"
AMOUNT = 400_000
TOO_MUCH = 9_000_000
HOUR = 3600  # seconds; a transfer of the sandbox takes no longer
Refunds = list[tuple[int, str]]


def run(shop: Lab, *arguments: object) -> str:
    """Run a command of the program; return what it prints. Raises NotYet for a traceback."""
    typed = [str(one) for one in arguments]
    done = shop.run("refunds.py", *typed)
    command = " ".join(["python refunds.py", *typed])
    last = (done.stderr.strip().splitlines() or ["?"])[-1]
    require(
        "Traceback" not in done.stderr and done.stdout,
        f"`{command}` fails: {last}",
        f"«{command}» شکست: {last}",
    )
    return done.stdout


def refunds_in(printed: str) -> Refunds:
    """Return the amount and the state of each refund that a command has printed."""
    lines = re.findall(rf"^{NUMBER} refund (\d+) (\w+)$", printed, re.MULTILINE)
    return [(int(amount), state) for amount, state in lines]


def paid_order(shop: Lab) -> None:
    """Let somebody pay an order, and the program capture it."""
    shop.world.switch(v3_refund=True, v3_reverse=True)
    shop.world.pay_and_vanish(run(shop, "create", NUMBER).split()[0])
    require_printed(run(shop, "capture", NUMBER), "paid", "SUCCESS")


def require_printed(printed: str, state: str, said: str) -> None:
    """Raise NotYet unless the order is in this state."""
    require(
        re.search(rf"^{NUMBER} {state}$", printed, re.MULTILINE),
        f"PPG v3 says {said} of the purchase, and `python refunds.py capture {NUMBER}` prints"
        f" `{first_line(printed)}`. Right is `{NUMBER} {state}`.",
        f"‏PPG v3 دربارهٔ خرید می‌گوید {said} ولی «python refunds.py capture {NUMBER}» چاپ می‌کند"
        f" «{first_line(printed)}». درستش «{NUMBER} {state}» است.",
    )


def first_line(printed: str) -> str:
    """Return the first line of an output."""
    return printed.splitlines()[0]


def purchase_of(shop: Lab) -> str:
    """Return the gateway's id of the order's purchase."""
    (order,) = shop.world.orders(gateway="ppg_v3")
    return str(order["identifier"])


def sent_back(shop: Lab) -> list[int]:
    """Return the amounts that the gateway sends to the payer."""
    return [int(one["amount_rials"]) for one in shop.world.transfers(purchase_of(shop))]


def require_one(shop: Lab, en: str, fa: str) -> None:
    """Raise NotYet unless the refund is on its way exactly once."""
    back = sum(sent_back(shop))
    require(
        back == AMOUNT,
        f"{en} {AMOUNT:,} Rials had to go back; the gateway sends {back:,} Rials.",
        f"{fa} باید {AMOUNT:,} ریال برگردد؛ درگاه {back:,} ریال می‌فرستد.",
    )


def require_refunds(printed: str, right: Refunds, en: str, fa: str) -> None:
    """Raise NotYet unless the program knows these refunds."""
    found = refunds_in(printed)
    require(
        found == right,
        f"{en} The program knows {in_english(found)}; right is {in_english(right)}.",
        f"{fa} برنامه این را نشان می‌دهد: {in_persian(found)}؛ درستش: {in_persian(right)}.",
    )


def in_english(refunds: Refunds) -> str:
    """Return refunds as a part of a sentence."""
    each = [f"a refund of {amount:,} Rials, `{state}`" for amount, state in refunds]
    return " and ".join(each) or "no refund"


def in_persian(refunds: Refunds) -> str:
    """Return refunds as a part of a Persian sentence."""
    each = [f"استرداد {amount:,} ریالی با حالت «{state}»" for amount, state in refunds]
    return " و ".join(each) or "هیچ استردادی"


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


def a_reversed_purchase_has_not_failed(bench: Bench) -> None:
    with bench.shop() as shop:
        paid_order(shop)
        reverse(shop)
        require_printed(run(shop, "capture", NUMBER), "returned", "REVERSED")


def reverse(shop: Lab) -> None:
    """Take a captured purchase back, as an operator does in the gateway's panel."""
    world, client = shop.world, browser()

    def post(path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        url = f"{world.ppg_v3_base_url}{path}"
        answer = client.post(url, json=body, headers=headers, timeout=PATIENCE)
        answer.raise_for_status()
        return dict(answer.json())

    keys = {"apiKey": world.api_key, "secretKey": world.secret_key}
    token = post("/tokens", keys)["accessToken"]
    post(
        "/purchases/reverse",
        {"clientReferenceNumber": NUMBER},
        Authorization=f"Bearer {token}",
    )


STEPS = [
    a_refund_goes_back_and_arrives,
    a_refund_whose_answer_is_lost_is_sent_once,
    a_refund_that_has_not_arrived_yet_has_not_failed,
    a_refund_that_is_refused_or_fails_has_failed,
    a_transfer_belongs_to_one_refund,
    a_reversed_purchase_has_not_failed,
]
