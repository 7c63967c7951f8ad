"""Chapter 16: what a shop makes of the engine's answers, and what it answers the engine."""

from __future__ import annotations

import re
import time
from sqlite3 import OperationalError
from typing import Any
from urllib.parse import urljoin, urlsplit

from jibit_sandbox.testing import browser
from learn.chapters import Bench
from learn.checks import reconciling
from learn.checks.both_ledgers import buy, callback_of
from learn.lab import PATIENCE, Lab, Page, require

REPEATS = 30
A_TURN = 5  # seconds between two questions that a visitor may cause; each is three calls at most
A_QUESTION = 3
MOST_BUYS = 8  # until the engine's breaker is open: five calls without an answer
NOT_FOUND, SERVER_ERROR = 404, 500
PIECE_IS_GONE = ("UPDATE orders SET has_piece = 0", "UPDATE product SET stock = 0")
Fields = dict[str, str]


def calls_of(shop: Lab) -> int:
    """Return how often the shop has asked the gateway about payments, or for their money."""
    return sum(len(shop.world.requests_seen(operation=one)) for one in ("inquiry", "verify"))


def repeat(shop: Lab, method: str, url: str, fields: Fields | None = None) -> tuple[int, int]:
    """Open an address again and again; return how many calls that causes, and how many it may."""
    before, began = calls_of(shop), time.monotonic()
    for _ in range(REPEATS):
        answer = browser().request(
            method, url, data=fields, timeout=PATIENCE, allow_redirects=False
        )
        require(
            answer.status_code < SERVER_ERROR,
            f"{urlsplit(url).path} was opened again and again, and the shop answers"
            f" {answer.status_code}.",
            f"آدرس {urlsplit(url).path} پشت سر هم باز شد و فروشگاه {answer.status_code} می‌دهد.",
        )
    turns = 2 + int((time.monotonic() - began) / A_TURN)
    return calls_of(shop) - before, turns * A_QUESTION


def an_impatient_visitor_costs_no_calls(bench: Bench) -> None:
    with bench.shop() as shop:
        shopper = shop.shopper()
        buy(shop, shopper)
        (order,) = shop.ledger()
        require_stranger_sees_nothing(shop, order["number"])
        require_unknown_is_not_found(shop)
        callback = f"{callback_of(shop)}?state=SUCCESSFUL&refnum={order['gateway_id']}"
        calls, most = repeat(shop, "GET", callback)
        require(
            calls <= most,
            f"One visitor has opened a callback {REPEATS} times, and your shop has called the"
            f" gateway {calls} times. Whatever a visitor can repeat needs a limit:"
            " `engine.handle_callback` has one.",
            f"یک بازدیدکننده {REPEATS} بار یک کال‌بک را باز کرد و فروشگاه شما {calls} بار درگاه را"
            " صدا زد. هر کاری که بازدیدکننده می‌تواند تکرار کند سقف می‌خواهد؛"
            " «engine.handle_callback» این سقف را دارد.",
        )
        page = shopper.open(f"/orders/{order['number']}")
        for method, url in addresses_on(shop, page):
            calls, most = repeat(shop, method, url, page.fields if method == "POST" else None)
            path = urlsplit(url).path
            require(
                calls <= most,
                f"One visitor has opened {path} {REPEATS} times, and your shop has called the"
                f" gateway {calls} times. The engine limits what a visitor can repeat if it is"
                " told that a visitor asks, not the worker.",
                f"یک بازدیدکننده {REPEATS} بار {path} را باز کرد و فروشگاه شما {calls} بار درگاه را"
                " صدا زد. موتور برای کاری که بازدیدکننده تکرار می‌کند سقف دارد، به شرطی که بداند"
                " بازدیدکننده می‌پرسد، نه ورکر.",
            )


def require_unknown_is_not_found(shop: Lab) -> None:
    """Raise NotYet unless the callback of a payment that is not there is a 404."""
    address = urljoin(callback_of(shop), "NOBODY")
    answer = browser().get(address, timeout=PATIENCE, allow_redirects=False)
    require(
        answer.status_code == NOT_FOUND,
        f"Somebody has opened {urlsplit(address).path}, and no payment has this reference. The shop"
        f" answers {answer.status_code}; right is {NOT_FOUND}.",
        f"کسی {urlsplit(address).path} را باز کرد و هیچ پرداختی این شمارهٔ مرجع را ندارد. جواب"
        f" فروشگاه {answer.status_code} است؛ درستش {NOT_FOUND} است.",
    )


def require_stranger_sees_nothing(shop: Lab, number: str) -> None:
    """Open a callback without the gateway's id, and with another one."""
    for asked, en, fa in (
        ("", "without anything", "بدون هیچ پارامتری"),
        ("?state=SUCCESSFUL&refnum=1", "with another id", "با شناسهٔ دیگری"),
    ):
        page = shop.shopper().open(callback_of(shop) + asked)
        require(
            not is_shown(number, page),
            "Somebody who does not know the gateway's id of a payment has opened its callback,"
            f" {en}, and sees the order: {page.url}. The engine says whether a visitor knows the"
            " payment.",
            f"کسی که شناسهٔ درگاه را نمی‌داند کال‌بک پرداختی را {fa} باز کرد و سفارش را می‌بیند:"
            f" {page.url}. موتور می‌گوید که بازدیدکننده پرداخت را می‌شناسد یا نه.",
        )


def addresses_on(shop: Lab, page: Page) -> list[tuple[str, str]]:
    """Return a page's address, and where its links and its forms lead within the shop."""
    found = [
        ("GET" if tag == "a" else "POST", urljoin(page.url, address))
        for tag, address in re.findall(r'<(a|form)\b[^>]*\b(?:href|action)="([^"]*)"', page.text)
    ]
    ours = [one for one in found if urlsplit(one[1]).netloc == urlsplit(shop.url).netloc]
    return [("GET", page.url), *ours]


def a_piece_that_is_gone_is_not_paid(bench: Bench) -> None:
    """Take the piece of an order away, as somebody does who finds the glass broken."""
    with bench.shop(STOCK="1") as shop:
        shopper = shop.shopper()
        callback = shop.world.pay(buy(shop, shopper))
        if not takes_the_piece_away(shop):
            return
        shopper.open(callback)
        require(
            "captured" not in shop.bank() and "paid" not in shop.states(),
            "An order was at the gateway when its piece, the last one, was taken off the stock in"
            f" the database; then its shopper paid. The order is {shop.states()}, the money"
            f" {shop.bank()}. Before the money is taken the engine asks you whether the order can"
            " still be delivered; if not, the gateway returns it.",
            "سفارشی در درگاه بود که جنسش، آخرین عدد، در دیتابیس از موجودی کم شد؛ بعد خریدار پول"
            f" داد. سفارش {shop.states()} و پول {shop.bank()} است. پیش از برداشتن پول، موتور از"
            " شما می‌پرسد که سفارش هنوز قابل تحویل است یا نه؛ اگر نباشد درگاه پول را برمی‌گرداند.",
        )


def takes_the_piece_away(shop: Lab) -> bool:
    """Return False for a shop that keeps its stock in other columns than chapter 13's solution."""
    with shop.database() as connection:
        try:
            for statement in PIECE_IS_GONE:
                connection.execute(statement)
        except OperationalError:
            return False
    return True


def who_ordered_nothing_is_told_so(bench: Bench) -> None:
    """Let the gateway be silent until the engine does not call it any more."""
    with bench.shop() as shop:
        shop.world.behave("reset", operation="create", times=None)
        stored = 0
        for _ in range(MOST_BUYS):
            asked = len(shop.world.requests_seen(operation="create"))
            shop.shopper().buy()
            page, orders = shop.last_page, shop.ledger()
            if len(shop.world.requests_seen(operation="create")) == asked:
                require_nothing_ordered(page, len(orders) - stored)
                return
            require_kept(page, orders[stored:])
            stored = len(orders)


def require_kept(page: Page | None, new: list[dict[str, Any]]) -> None:
    """Raise NotYet unless one order is stored, and the shopper sees it."""
    url = page.url if page else "-"
    require(
        page and len(new) == 1 and is_shown(new[0]["number"], page),
        "The gateway was asked to open a payment and did not answer. The order is kept, and its"
        f" shopper sees its page. New orders in `/ledger`: {len(new)}; the browser stands on"
        f" {url}.",
        "از درگاه خواسته شد پرداختی بسازد و جواب نداد. سفارش می‌ماند و خریدار صفحه‌اش را می‌بیند؛"
        f" الان «/ledger» {len(new)} سفارش تازه دارد و مرورگر روی {url} است.",
    )


def is_shown(number: str, page: Page) -> bool:
    """Return whether a page is an order's, or leads to it."""
    return any(f"/orders/{number}" in where for where in (page.url, page.text))


def require_nothing_ordered(page: Page | None, stored: int) -> None:
    """Raise NotYet unless no order is stored, and the shopper sees a page that can say so."""
    status = page.status if page else 0
    require(
        not stored and status not in (NOT_FOUND, SERVER_ERROR),
        "The gateway has not answered for a while, and the engine did not call it for this shopper."
        f" The answer is {status}; new orders in `/ledger`: {stored}. Right is a page that"
        " says that nothing was ordered, and no order: the exception says whether the gateway was"
        " asked.",
        "درگاه مدتی جواب نداده و موتور برای این خریدار آن را صدا نزد. جواب فروشگاه"
        f" {status} است و «/ledger» {stored} سفارش تازه دارد. درستش صفحه‌ای است که بگوید سفارشی"
        " ثبت نشد، و هیچ سفارش: خود خطا می‌گوید که از درگاه پرسیده شده یا نه.",
    )


def reconcile_says_what_it_has_seen(bench: Bench) -> None:
    """Let the list be silent, and then show an order of somebody else who has the keys."""
    with bench.shop() as shop:
        shop.world.behave("error_500", operation="list", times=None)
        reconciling.require_silence(
            shop,
            "The gateway's list cannot be read: the engine's report is not complete.",
            "فهرست درگاه خوانده نمی‌شود: گزارش موتور کامل نیست.",
        )
        shop.world.forget_behaviours()
        identifier = reconciling.OtherProgram(shop.world).create("UNKNOWN")
        reconciling.require_discrepancy(
            shop,
            ["UNKNOWN", identifier],
            "The gateway has an order under your keys that the shop never made.",
            "درگاه با کلید شما سفارشی دارد که فروشگاه آن را نساخته.",
        )


STEPS = (
    an_impatient_visitor_costs_no_calls,
    a_piece_that_is_gone_is_not_paid,
    who_ordered_nothing_is_told_so,
)
