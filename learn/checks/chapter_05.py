"""Chapter 5: say it before you do it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import requests

from learn.chapters import Bench
from learn.lab import Lab, NotYet, Shopper, require

PRICE_RIALS = 1_250_000
A_WRITE_MS = 1_000  # far longer than a write takes that nobody holds up
Form = tuple[str, dict[str, str]]


def the_order_is_stored_before_the_gateway_answers(bench: Bench) -> None:
    with bench.shop() as shop:
        with buying_while_create_is("hold", shop):
            ledger, locked = shop.ledger(), nobody_else_can_write(shop)
        require(
            len(ledger) == 1,
            f"Somebody pressed Buy, and the gateway is still thinking: `/ledger` shows"
            f" {len(ledger)} orders. The order should be committed before the gateway is called.",
            f"کسی دکمهٔ خرید را زد و درگاه هنوز جواب نداده: «/ledger» {len(ledger)} سفارش نشان"
            " می‌دهد. سفارش باید پیش از صدا زدن درگاه commit شده باشد.",
        )
        require(
            ledger[0]["state"] == "open" and ledger[0]["amount_rials"] == PRICE_RIALS,
            f"Before the gateway answers, the order should be open, of {PRICE_RIALS} Rials; it is"
            f" {ledger[0]['state']}, of {ledger[0]['amount_rials']}.",
            f"پیش از جواب درگاه، سفارش باید open و به مبلغ {PRICE_RIALS} ریال باشد؛ الان"
            f" {ledger[0]['state']} و {ledger[0]['amount_rials']} است.",
        )
        require(
            not locked,
            "The gateway is still thinking about create, and nobody else can write to the shop's"
            " database: it is locked. No transaction may be open during a call; commit before it.",
            "درگاه هنوز به create جواب نداده و هیچ‌کس دیگر نمی‌تواند در دیتابیس فروشگاه بنویسد: قفل"
            " است. هنگام درخواست نباید تراکنشی باز باشد؛ پیش از آن commit کنید.",
        )


def an_order_outlives_a_kill_and_can_be_paid(bench: Bench) -> None:
    with bench.shop() as shop:
        with buying_while_create_is("hold_after_commit", shop):
            shop.stop()
        require_the_reference_of_the_intent(shop)
        shop.start()
        pay_again(
            shop,
            "The shop was killed when the gateway had created its order, before the answer came.",
            "درگاه سفارش را ساخته بود که فروشگاه، پیش از رسیدن جواب، کشته شد.",
        )


def a_lost_answer_loses_no_order(bench: Bench) -> None:
    for behaviour in ("reset_after_commit", "error_500_after_commit"):
        with bench.shop() as shop:
            shop.world.behave(behaviour, operation="create")
            ended_at = shop.shopper().buy()
            en = f"The answer to create was lost ({behaviour})."
            fa = f"جواب ساخت سفارش گم شد ({behaviour})."
            require(
                [order for order in shop.ledger() if str(order["number"]) in ended_at],
                f"{en} The browser should stand on the order's page; it stands on {ended_at}.",
                f"{fa} مرورگر باید روی صفحهٔ سفارش باشد؛ الان روی {ended_at} است.",
            )
            require_open(shop, en, fa)
            status = shop.shopper().open(shop.world.orders()[0]["callback_url"]).status
            require(
                shop.states() == ["open"] and status < requests.codes.server_error,
                f"{en} Then somebody opened the order's callback: the shop answers {status}, and"
                f" the order is {shop.states()[0]}. While an order is open, the shop knows of no"
                " payment at the gateway, so a callback has nothing to ask about: right is a"
                " redirect, and still open.",
                f"{fa} بعد کسی کال‌بک سفارش را باز کرد: فروشگاه {status} می‌دهد و سفارش"
                f" {shop.states()[0]} است. تا سفارش open است فروشگاه پرداختی از آن نزد درگاه"
                " نمی‌شناسد و کال‌بک چیزی برای پرسیدن ندارد: درستش redirect است و سفارشی که open"
                " می‌ماند.",
            )
            pay_again(shop, en, fa)


def an_answer_goes_to_the_payment_that_it_belongs_to(bench: Bench) -> None:
    with bench.shop() as shop:
        shop.world.behave("error_500", operation="create")
        page = shop.shopper().open(shop.shopper().buy())
        form = page.action, page.fields
        with sending_while_create_is("hold", shop, form):
            bank_page = shop.shopper().send(form)
        shop.shopper().open(shop.world.pay(bank_page))
        require(
            shop.states() == ["paid"],
            "*Pay* was pressed in two tabs, and create was slow in the first one: its answer came"
            " after that of the second tab. The payer then paid in the second tab, and the order is"
            f" {shop.states()[0]}. An answer belongs to the reference of its own payment: write it"
            " only in the row that still has this reference.",
            "دکمهٔ پرداخت در دو تب زده شد و create در تب اول کند بود: جوابش بعد از جواب تب دوم"
            " رسید. خریدار در تب دوم پول داد و سفارش"
            f" {shop.states()[0]} است. هر جواب مال شمارهٔ مرجع پرداخت خودش است: فقط در سطری بنویسید"
            " که هنوز همین شمارهٔ مرجع را دارد.",
        )


STEPS = [
    the_order_is_stored_before_the_gateway_answers,
    an_order_outlives_a_kill_and_can_be_paid,
    a_lost_answer_loses_no_order,
    an_answer_goes_to_the_payment_that_it_belongs_to,
]


@contextmanager
def buying_while_create_is(behaviour: str, shop: Lab) -> Iterator[None]:
    """Press Buy; the gateway holds the create until the block is left."""
    with sending_while_create_is(behaviour, shop, shop.shopper().fill_in()):
        yield


@contextmanager
def sending_while_create_is(behaviour: str, shop: Lab, form: Form) -> Iterator[None]:
    """Send a form; the gateway holds the create until the block is left."""
    shop.world.behave(behaviour, operation="create")
    sending = Thread(target=_send, args=(shop.shopper(), form))
    sending.start()
    try:
        shop.world.wait_until_held()
    except AssertionError as error:
        raise NotYet(
            "Somebody pressed the button, and no create came to the gateway.",
            "کسی دکمه را زد و هیچ درخواست ساختی به درگاه نرسید.",
        ) from error
    try:
        yield
    finally:
        shop.world.release()
        sending.join()


def nobody_else_can_write(shop: Lab) -> bool:
    """Try to write to the shop's database from beside it, and take that back."""
    with shop.database() as connection:
        connection.execute(f"PRAGMA busy_timeout = {A_WRITE_MS}")
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
    return False


def require_the_reference_of_the_intent(shop: Lab) -> None:
    """Look in the database of a killed shop for the reference that the gateway was told."""
    reference = str(shop.world.orders()[-1]["reference_number"])
    with shop.database() as connection:
        stored = any(reference in line for line in connection.iterdump())
    require(
        stored,
        "The shop was killed while it waited for the answer to create. The gateway knows the"
        f" payment as {reference}, and no row of the shop's database has this reference: it was not"
        " committed before the call.",
        "فروشگاه وقتی منتظر جواب create بود کشته شد. درگاه این پرداخت را با شمارهٔ مرجع"
        f" {reference} می‌شناسد و این شماره در هیچ سطری از دیتابیس فروشگاه نیست: پیش از درخواست"
        " commit نشده بود.",
    )


def _send(shopper: Shopper, form: Form) -> None:
    with suppress(requests.RequestException):  # the shop may be killed meanwhile
        shopper.send(form)


def require_open(shop: Lab, en: str, fa: str) -> None:
    require(
        shop.states() == ["open"],
        f"{en} One order should be open; the orders are {shop.states()}.",
        f"{fa} باید یک سفارش open مانده باشد؛ سفارش‌ها {shop.states()} هستند.",
    )


def pay_again(shop: Lab, en: str, fa: str) -> None:
    """Press the button on the page of the only order, pay, and look at both ledgers."""
    require_open(shop, en, fa)
    (order,), known = shop.ledger(), len(shop.bank())
    shopper = shop.shopper()
    page = shopper.open(f"/orders/{order['number']}")
    bank_page = shopper.send((page.action, page.fields)) if "<form" in page.text else page.url
    require(
        bank_page.startswith(shop.world.base_url),
        f"{en} The order's page should have a button that tries again; it leads to {bank_page}.",
        f"{fa} صفحهٔ سفارش باید دکمه‌ای برای تلاش دوباره داشته باشد؛ الان به {bank_page} می‌رسد.",
    )
    in_another_tab = shopper.send((page.action, page.fields))
    require(
        in_another_tab == bank_page and len(shop.bank()) == known + 1,
        f"{en} The payer pressed the button in one tab, then in another: the gateway has"
        f" {len(shop.bank())} orders, and the tabs stand on {bank_page} and {in_another_tab}. Only"
        " an order that is still open gets a new payment; later both tabs lead to the same page.",
        f"{fa} خریدار دکمه را در یک تب زد و بعد در تبی دیگر: درگاه {len(shop.bank())} سفارش دارد و"
        f" تب‌ها روی {bank_page} و {in_another_tab} هستند. فقط سفارشی که هنوز open است پرداخت تازه"
        " می‌گیرد؛ بعد از آن هر دو تب باید به یک صفحه برسند.",
    )
    shopper.open(shop.world.pay(bank_page))
    require(
        shop.states() == ["paid"] and sorted(shop.bank()) == ["awaiting", "captured"],
        f"{en} The payer tried again and paid: the orders are {shop.states()}, and the gateway says"
        f" {shop.bank()}.",
        f"{fa} خریدار دوباره تلاش کرد و پول داد: سفارش‌ها {shop.states()} هستند و درگاه می‌گوید"
        f" {shop.bank()}.",
    )
    first, second = (order["reference_number"] for order in shop.world.orders())
    require(
        first != second,
        f"{en} The gateway knows two orders now, and both have the reference {first}: nobody can"
        " tell them apart. Take a new reference for each try.",
        f"{fa} درگاه حالا دو سفارش دارد و شمارهٔ مرجع هر دو {first} است: نمی‌شود از هم تشخیصشان"
        " داد. برای هر تلاش شمارهٔ مرجع تازه بسازید.",
    )
