"""Chapter 18: on call. The evening is built anew, the learner's repairs run, then both are read."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from learn import evening
from learn.chapters import Bench
from learn.evening_orders import CAUSES, PRICE_RIALS, EveningOrder, the_orders
from learn.lab import NotYet, require

Row = dict[str, Any]
ENDED = ("failed", "expired")
SECTION = re.compile(r"^##\s*([0-9a-f]{8})\s*$", re.MULTILINE)
CAUSE = re.compile(r"^(?:cause|علت)\s*:\s*(\w+)\s*$", re.MULTILINE)
SENTENCE = re.compile(r"[^.!?؟]{10,}[.!?؟](?=\s|$)")


def both_ledgers_are_mended(bench: Bench) -> None:
    world = bench.sandbox.world("evening")
    folder = bench.folder / "evening"
    folder.mkdir()
    world.reset()
    try:
        lab = evening.build(bench.program, world, folder)
        before = evening.shop_ledger(folder)
        evening.mend(lab, bench.program, folder)
        after = evening.shop_ledger(folder)
        require_rows(before, after)
        require_healthy_untouched(before, after)
        require_states(after, {one["reference_number"]: one["state"] for one in world.orders()})
        require_claims(after)
        require_pieces(folder)
        require_return(folder)
    finally:
        world.reset()


def require_rows(before: list[Row], after: list[Row]) -> None:
    """No order and no payment is gone, and every payment still says what was agreed."""
    numbers = {order["number"] for order in after}
    gone = [order["number"] for order in before if order["number"] not in numbers]
    require(
        not gone,
        f"These orders are gone: {', '.join(gone)}. No repair deletes an order.",
        f"این سفارش‌ها نیستند: {', '.join(gone)}. هیچ تعمیری سفارش را حذف نمی‌کند.",
    )
    now = _payments(after)
    for order in before:
        for was in order["payments"]:
            name, one = was["reference"], now.get(was["reference"])
            require(
                one is not None and one["number"] == was["number"],
                f"The payment {name} of order {order['number']} is gone. Never delete a row: it is"
                " the only witness.",
                f"پرداخت {name} از سفارش {order['number']} دیگر نیست. هیچ ردیفی را حذف نکنید: تنها"
                " شاهد ماجرا همان است.",
            )
            rials = one["amount_rials"] if one else None
            require(
                rials == was["amount_rials"],
                f"The payment {name} now has {rials} Rials; it had {was['amount_rials']}. The"
                " amount is what the shopper was asked for, and no repair changes it.",
                f"مبلغ پرداخت {name} الان {rials} ریال است؛ قبلاً {was['amount_rials']} بود. این"
                " همان مبلغی است که از خریدار خواسته شده و هیچ تعمیری آن را عوض نمی‌کند.",
            )


def require_healthy_untouched(before: list[Row], after: list[Row]) -> None:
    """What was right before is as it was."""
    damaged = {order.number for order in the_orders() if order.cause}
    orders, payments = {order["number"]: order for order in after}, _payments(after)
    for was in before:
        if was["number"] in damaged:
            continue
        changed = _changed(was["number"], was, orders[was["number"]])
        for old in was["payments"]:
            changed += _changed(old["reference"], old, payments[old["reference"]])
        require(
            not changed,
            f"Nothing was wrong with order {was['number']}, and the repair has changed it:"
            f" {'; '.join(changed)}.",
            f"سفارش {was['number']} ایرادی نداشت، ولی تعمیر آن را عوض کرده است:"
            f" {'؛ '.join(changed)}.",
        )


def _payments(orders: list[Row]) -> dict[str, Row]:
    """Return the payments of these orders by their references."""
    return {one["reference"]: one for order in orders for one in order["payments"]}


def _changed(name: str, was: Row, now: Row) -> list[str]:
    """Return what is another value now in a row, as `name: column = old -> column = new`."""
    looked_at = [column for column in was if column not in ("payments", "verify_sent_at")]
    return [
        f"{name}: {column}={was[column]} -> {column}={now[column]}"
        for column in looked_at
        if was[column] != now[column]
    ]


def require_states(orders: list[Row], bank: dict[str, str]) -> None:
    """Every order is as it has to be, and paid where it was captured."""
    right = {order.number: order for order in the_orders()}
    added = [order["number"] for order in orders if order["number"] not in right]
    require(
        not added,
        f"These orders are new: {', '.join(added)}. A repair invents no order.",
        f"این سفارش‌ها تازه اضافه شده‌اند: {', '.join(added)}. تعمیر، سفارش تازه نمی‌سازد.",
    )
    for order in orders:
        payments = order["payments"]
        here = [f"{one['reference']}: {one['state']}" for one in payments]
        there = [f"{one['reference']}: {bank.get(one['reference'])}" for one in payments]
        taken = [one for one in payments if bank.get(one["reference"]) == "captured"]
        paid = [one for one in payments if one["state"] == "paid"]
        seen = order["state"] in right[order["number"]].right
        agreed = all(one in taken for one in paid) and bool(paid) == (order["state"] == "paid")
        require(
            seen and agreed,
            f"Order {order['number']} is {order['state']} ({', '.join(here)}), and at the gateway"
            f" it is {', '.join(there)}. That does not fit together yet, or it was right before.",
            f"سفارش {order['number']} الان {order['state']} است ({', '.join(here)}) و نزد درگاه"
            f" {', '.join(there)}. این دو هنوز با هم نمی‌خوانند، یا پیش از تعمیر درست بود.",
        )
        for one in taken:
            require(
                one["state"] == "in_doubt"
                or paid == [one]
                or (one in paid and one["reference"] == order["claimed_by"]),
                f"Order {order['number']}: the gateway has captured {one['reference']}, which is"
                f" {one['state']} here. One payment of an order is paid; another one that was"
                " captured stays in_doubt until its money is back: it is a real doubt.",
                f"سفارش {order['number']}: درگاه پول {one['reference']} را برداشته و اینجا"
                f" {one['state']} است. فقط یک پرداخت هر سفارش paid است؛ پرداخت دیگری که پولش"
                " برداشته شده in_doubt می‌ماند تا پول برگردد: این تردید واقعی است.",
            )


def require_claims(orders: list[Row]) -> None:
    """An order belongs to the payment that has paid it, and to none when it is over."""
    for order in orders:
        paid = [one["reference"] for one in order["payments"] if one["state"] == "paid"]
        claim, number = order["claimed_by"] or "NULL", order["number"]
        if paid:
            require(
                claim == paid[0],
                f"Order {number} is paid by {paid[0]}, and its claimed_by is {claim}: a second"
                " payment could take the order and be captured as well.",
                f"سفارش {number} با {paid[0]} پرداخت شده ولی claimed_by آن {claim} است: پرداخت"
                " دومی می‌تواند سفارش را بردارد و پولش هم برداشته شود.",
            )
        elif order["state"] in ENDED:
            require(
                claim == "NULL",
                f"Order {number} is {order['state']}, and its claimed_by is still {claim}. Who"
                " closes an order releases its claim (NULL), or nobody can pay it again.",
                f"سفارش {number} الان {order['state']} است ولی claimed_by آن هنوز {claim} است. هر"
                " کس سفارشی را می‌بندد claimed_by را هم آزاد می‌کند (NULL)، وگرنه دیگر نمی‌شود پولش"
                " را داد.",
            )


def require_pieces(folder: Path) -> None:
    """Who has an order that is not over has a piece, and no piece is lost."""
    orders = evening.shop_ledger(folder)
    for order in orders:
        piece, over = bool(order["has_piece"]), order["state"] in ENDED
        require(
            piece != over,
            f"Order {order['number']} is {order['state']}, and its has_piece is {int(piece)}.",
            f"سفارش {order['number']} الان {order['state']} است ولی has_piece آن {int(piece)} است.",
        )
    with closing(sqlite3.connect(folder / "shop.db")) as database:
        (free,) = database.execute("SELECT stock FROM product").fetchone()
    held = sum(order["has_piece"] for order in orders)
    require(
        free + held == evening.STOCK,
        f"There were {evening.STOCK} pieces. Now {held} belong to orders and {free} are free.",
        f"{evening.STOCK} عدد جنس بود. الان {held} عدد مال سفارش‌هاست و {free} عدد آزاد است.",
    )


def require_return(folder: Path) -> None:
    """What was taken twice is paid back, and nothing else."""
    twice = next(order for order in the_orders() if order.cause == "double_payment")
    references = {attempt.reference for attempt in twice.attempts}
    with closing(sqlite3.connect(folder / "shop.db")) as database:
        rows = database.execute("SELECT reference, amount_rials FROM to_return").fetchall()
    require(
        len(rows) == 1 and rows[0][0] in references and rows[0][1] == PRICE_RIALS,
        f"Bookkeeping's table to_return has {rows}. Which money did the shop take without selling"
        " anything for it? One row is right: a reference and its Rials.",
        f"در جدول to_return این ردیف‌هاست: {rows}. کدام پول را فروشگاه گرفته بی آنکه چیزی برایش"
        " بفروشد؟ درستش یک ردیف است: یک شمارهٔ مرجع و مبلغش به ریال.",
    )


def the_report_names_every_cause(bench: Bench) -> None:
    report = bench.program / evening.REPORT
    text = report.read_text() if report.exists() else ""
    parts = SECTION.split(text)[1:]
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    causes = {order.number: order for order in the_orders() if order.cause}
    for number in [*sections, *causes]:
        require_section(number, causes.get(number), sections.get(number))


def require_section(number: str, order: EveningOrder | None, section: str | None) -> None:
    """This part of the report is about a damaged order, names its cause, and has two sentences."""
    if number not in {one.number for one in the_orders()}:
        raise NotYet(
            f"report.md has a part about {number}. There is no order {number}: look for it in"
            " ledger.txt.",
            f"در report.md بخشی دربارهٔ {number} هست. سفارش {number} وجود ندارد: شماره را در"
            " ledger.txt ببینید.",
        )
    if order is None:
        raise NotYet(
            f"report.md has a part about {number}. Nothing is wrong with that order.",
            f"در report.md بخشی دربارهٔ {number} هست. آن سفارش ایرادی ندارد.",
        )
    require(
        section is not None,
        f"report.md has no part `## {number}`. Something went wrong with that order.",
        f"در report.md بخش «## {number}» نیست. با آن سفارش اتفاقی افتاده است.",
    )
    named = CAUSE.findall(section or "")
    require(
        len(named) == 1 and named[0] in CAUSES,
        f"The part about {number} names {named}. Right is one line such as `cause: dead_token`,"
        f" with a word of the list: {', '.join(CAUSES)}.",
        f"در بخش {number} این علت‌ها آمده: {named}. درستش یک خط است مثل «cause: dead_token» با"
        f" کلمه‌ای از فهرست: {', '.join(CAUSES)}.",
    )
    require(
        named[0] == order.cause,
        f"{number}: {named[0]} is not its cause. Read its lines in shop.log again, and what the"
        " log says of the machine around that time.",
        f"{number}: علتش {named[0]} نیست. خط‌های آن در shop.log را دوباره بخوانید، و اینکه همان"
        " ساعت بر سر سرور چه آمده.",
    )
    require(
        len(SENTENCE.findall(CAUSE.sub("", section or ""))) >= 2,
        f"{number}: two sentences are missing: what happened, and what was done about it.",
        f"{number}: دو جمله کم است: چه شد، و چه کردید.",
    )


STEPS = [both_ledgers_are_mended, the_report_names_every_cause]
