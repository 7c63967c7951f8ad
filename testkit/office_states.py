"""Pages of the back office with a month of sales in it, for pictures, axe and the validator."""

from __future__ import annotations

from collections.abc import Callable

from testkit.browsing import Browsing
from testkit.live import LiveShop
from testkit.office import log_in

PAGES = {
    "today": "/admin",
    "orders": "/admin/orders",
    "found": "/admin/orders?stage=to_pack",
    "products": "/admin/products",
    "product": "/admin/products/1",
    "new-product": "/admin/products/new",
    "files": "/admin/products/files",
    "categories": "/admin/categories",
    "money": "/admin/money",
    "in-doubt": "/admin/money/payments",
    "refunds": "/admin/money/refunds",
    "discrepancies": "/admin/money/discrepancies",
    "sales": "/admin/sales",
    "messages": "/admin/messages",
    "letters": "/admin/messages/letters",
    "letter": "/admin/messages/letters/order_sent/fa",
    "staff": "/admin/staff",
    "system": "/admin/system",
    "gateways": "/admin/system/check",
}
_has_a_month: set[str] = set()  # by the shop's address
State = Callable[[Browsing, LiveShop], None]


def _enter(browsing: Browsing, shop: LiveShop) -> None:
    if shop.url not in _has_a_month:
        filled = shop.command("demo", "month", "--orders", "120", "--seed", "5")
        filled.start()
        assert filled.wait() == 0, filled.output
        _has_a_month.add(shop.url)
    log_in(browsing, shop)


def _at(path: str) -> State:
    def show(browsing: Browsing, shop: LiveShop) -> None:
        _enter(browsing, shop)
        browsing.page.goto(path)

    return show


def _order(page: str) -> State:
    def show(browsing: Browsing, shop: LiveShop) -> None:
        _enter(browsing, shop)
        query = "SELECT number FROM orders WHERE state = 'paid' ORDER BY id DESC LIMIT 1"
        number = shop.rows(query)[0]["number"]
        browsing.page.goto(page.format(number=number))

    return show


def _login(browsing: Browsing, _shop: LiveShop) -> None:
    browsing.page.goto("/admin/login")


OFFICE_STATES: dict[str, State] = {
    "office-login": _login,
    **{f"office-{name}": _at(path) for name, path in PAGES.items()},
    "office-order": _order("/admin/orders/{number}"),
    "office-address": _order("/admin/orders/{number}/address"),
    "office-slip": _order("/admin/packing/slips?number={number}"),
    "office-label": _order("/admin/packing/labels?number={number}"),
    "office-pick": _order("/admin/packing/pick?number={number}"),
}
