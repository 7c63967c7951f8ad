"""Run `refunds.py` and compare what it knows of refunds with what the gateway sends back."""

from __future__ import annotations

import re
from typing import Any

from jibit_sandbox.testing import browser
from learn.lab import PATIENCE, Lab, require

NUMBER, OTHER = "A1", "A2"
AMOUNT = 400_000
Refunds = list[tuple[int, str]]


def run(shop: Lab, *arguments: object, en: str = "", fa: str = "") -> str:
    """Run a command; return what it prints. Raises NotYet for a traceback, after this sentence."""
    typed = [str(one) for one in arguments]
    done = shop.run("refunds.py", *typed)
    command = " ".join(["python refunds.py", *typed])
    last = (done.stderr.strip().splitlines() or ["?"])[-1]
    require(
        "Traceback" not in done.stderr and done.stdout,
        f"{en} `{command}` fails: {last}".strip(),
        f"{fa} «{command}» شکست: {last}".strip(),
    )
    return done.stdout


def refunds_in(printed: str, number: str = NUMBER) -> Refunds:
    """Return the amount and the state of each refund of an order that a command has printed."""
    lines = re.findall(rf"^{number} refund (\d+) (\w+)$", printed, re.MULTILINE)
    return [(int(amount), state) for amount, state in lines]


def paid_order(shop: Lab, number: str = NUMBER) -> None:
    """Let somebody pay an order, and the program capture it."""
    shop.world.switch(v3_refund=True, v3_reverse=True)
    shop.world.pay_and_vanish(run(shop, "create", number).split()[0])
    require_printed(run(shop, "capture", number), "paid", "SUCCESS", number)


def require_printed(printed: str, state: str, said: str, number: str = NUMBER) -> None:
    """Raise NotYet unless the order is in this state."""
    require(
        re.search(rf"^{number} {state}$", printed, re.MULTILINE),
        f"PPG v3 says {said} of the purchase, and `python refunds.py capture {number}` prints"
        f" `{first_line(printed)}`. Right is `{number} {state}`.",
        f"‏PPG v3 دربارهٔ خرید می‌گوید {said} ولی «python refunds.py capture {number}» چاپ می‌کند"
        f" «{first_line(printed)}». درستش «{number} {state}» است.",
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


def require_refunds(printed: str, right: Refunds, en: str, fa: str, number: str = NUMBER) -> None:
    """Raise NotYet unless the program knows these refunds."""
    found = refunds_in(printed, number)
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


def by_hand(shop: Lab, path: str, **more: Any) -> None:
    """Ask PPG v3 for something about the order, as an operator does in the gateway's panel."""
    world, client = shop.world, browser()

    def post(path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        url = f"{world.ppg_v3_base_url}{path}"
        answer = client.post(url, json=body, headers=headers, timeout=PATIENCE)
        answer.raise_for_status()
        return dict(answer.json())

    keys = {"apiKey": world.api_key, "secretKey": world.secret_key}
    token = post("/tokens", keys)["accessToken"]
    post(path, {"clientReferenceNumber": NUMBER, **more}, Authorization=f"Bearer {token}")
