"""Act as a shopper and as the worker, and compare the shop's ledger with the gateway's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from jibit_sandbox.testing import browser
from learn.lab import PATIENCE, Lab, Shopper, require

MINUTE = 70  # seconds; a little more than a worker's turn
PASSES = 4


def buy(shop: Lab, shopper: Shopper) -> str:
    """Buy; return the address of the gateway's page."""
    page = shopper.buy()
    require(
        is_bank(shop, page),
        f"Somebody pressed *Buy*; the browser should be at the gateway, and it stands on {page}.",
        f"کسی دکمهٔ خرید را زد؛ مرورگر باید در درگاه باشد، ولی روی {page} است.",
    )
    return page


def is_bank(shop: Lab, page: str) -> bool:
    """Return whether an address is the gateway's."""
    return urlsplit(page).netloc == urlsplit(shop.world.base_url).netloc


def pay_again(shop: Lab, shopper: Shopper, **fields: str) -> str:
    """Press the button of the first order's page; return where the browser is sent."""
    order = shop.ledger()[0]
    page = shopper.open(f"/orders/{order['number']}")
    require(
        page.action != page.url,
        f"The order is {order['state']}, and its page has no button to pay again.",
        f"سفارش {order['state']} است و صفحه‌اش دکمه‌ای برای پرداخت دوباره ندارد.",
    )
    return shopper.send((page.action, page.fields | fields))


def callback_of(shop: Lab) -> str:
    """Return the callback address of the gateway's first order, as the shop has given it."""
    return str(shop.world.orders()[0]["callback_url"])


def work_on(shop: Lab, passes: int = PASSES) -> None:
    """Let the worker pass, a minute apart, until every order is final."""
    for _ in range(passes):
        shop.later(MINUTE)
        shop.work()
        if not {"open", "waiting", "in_doubt"} & set(shop.states()):
            return


def gateway_ids(order: dict[str, Any]) -> set[str]:
    """Return the gateway's names of an order's payments."""
    return {str(one["gateway_id"]) for one in order.get("payments") or [order]}


def require_agreement(shop: Lab) -> None:
    """What is captured there is paid here, once for each order, and nothing else is paid."""
    captured = {
        one["identifier"]: one["amount"]
        for one in shop.world.orders()
        if one["state"] == "captured"
    }
    for order in shop.ledger():
        amounts = [captured.pop(one) for one in gateway_ids(order) if one in captured]
        taken = len(amounts)
        require(
            taken == (order["state"] == "paid"),
            f"The ledgers do not agree: an order is {order['state']}, and the gateway has captured"
            f" {taken} payments of it.",
            f"دفترها یکی نیستند: سفارشی {order['state']} است و درگاه برای آن {taken} پرداخت را"
            " قطعی برداشته.",
        )
        require(
            set(amounts) <= {order["amount_rials"]},
            f"An order of {order['amount_rials']} Rials is paid, and the gateway has taken"
            f" {amounts} Rials.",
            f"سفارشی {order['amount_rials']} ریالی پرداخت شده و درگاه {amounts} ریال برداشته.",
        )
    require(
        not captured,
        f"The gateway has captured {len(captured)} payments that the shop's ledger does not have.",
        f"درگاه {len(captured)} پرداخت را قطعی برداشته که در دفتر فروشگاه نیست.",
    )


def require_paid(shop: Lab, orders: int = 1) -> None:
    """Every order is paid and captured, once."""
    require(
        shop.states() == ["paid"] * orders and shop.bank().count("captured") == orders,
        f"Shoppers who have paid: {orders}. The shop's orders are {shop.states()}, the gateway's"
        f" {shop.bank()}; right is one paid order for each, captured once.",
        f"{orders} نفر پول دادند. سفارش‌های فروشگاه {shop.states()} هستند و سفارش‌های درگاه"
        f" {shop.bank()}؛ درستش برای هر کدام یک سفارش paid است که یک بار captured شده.",
    )
    require_agreement(shop)


def require_unpaid(shop: Lab) -> None:
    """No order is paid, and nothing is captured."""
    require(
        "paid" not in shop.states() and "captured" not in shop.bank(),
        f"Nobody should have goods, and no money should be taken. The shop's orders are"
        f" {shop.states()}, the gateway's {shop.bank()}.",
        f"نه کسی باید جنس بگیرد و نه پولی برداشته شود. سفارش‌های فروشگاه {shop.states()} هستند و"
        f" سفارش‌های درگاه {shop.bank()}.",
    )


def free_pieces(shop: Lab) -> int:
    """Return how many pieces nobody has bought or reserved, as the shop shows it at `/stock`."""
    answer = browser().get(f"{shop.url}/stock", timeout=PATIENCE)
    require(
        answer.ok and isinstance(answer.json().get("free"), int),
        f'`/stock` should answer JSON such as {{"free": 3}}; it answers {answer.status_code}.',
        f'«/stock» باید JSON بدهد، مثل ‎{{"free": 3}}‎؛ الان {answer.status_code} می‌دهد.',
    )
    return int(answer.json()["free"])
