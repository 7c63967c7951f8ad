"""Every page of the shop and every state of it that a shopper may see, and how to come there.

The browser tests hold each against axe, `make screenshots` takes a picture of each.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import expect

from testkit.browsing import GOOD, Browsing
from testkit.live import LiveShop

ERASED = "The personal data of this order was erased. What stands here is kept for the books."
LAST_ONE, SOLD_OUT = "orsi-night-light", "copper-samovar"


def _at(path: str) -> Callable[[Browsing, LiveShop], object]:
    return lambda browsing, _shop: browsing.page.goto(path)


def _added(browsing: Browsing, _shop: LiveShop) -> None:
    browsing.page.goto(f"/products/{GOOD}")
    browsing.button("Add to cart").click()
    expect(browsing.link("View cart")).to_be_visible()


def _cart(browsing: Browsing, _shop: LiveShop) -> None:
    browsing.put_in_cart("slim-waist-glasses")
    browsing.put_in_cart()


def _cart_refused(browsing: Browsing, shop: LiveShop) -> None:
    _cart(browsing, shop)
    browsing.page.locator(f"#quantity-{GOOD}").fill("1.5")
    expect(browsing.page.locator(f"#quantity-{GOOD}-wrong")).to_be_visible()


def _taken_out(browsing: Browsing, shop: LiveShop) -> None:
    _cart(browsing, shop)
    browsing.button("Remove").first.click()
    expect(browsing.button("Put it back")).to_be_visible()


def _added_not(browsing: Browsing, _shop: LiveShop) -> None:
    browsing.page.goto(f"/products/{GOOD}")
    browsing.page.locator("#quantity").fill("0")
    browsing.button("Add to cart").click()
    expect(browsing.page.locator("#quantity-wrong")).to_be_visible()


def _details(browsing: Browsing, shop: LiveShop) -> None:
    _cart(browsing, shop)
    browsing.go_to_details()


def _details_wrong(browsing: Browsing, shop: LiveShop) -> None:
    _details(browsing, shop)
    browsing.button("Pay %(amount)s").click()
    expect(browsing.page.get_by_role("alert")).to_be_visible()


def _gateway_down(browsing: Browsing, shop: LiveShop) -> None:
    _details(browsing, shop)
    browsing.fill_in()
    shop.sandbox.behave("error_500", operation="create")
    browsing.button("Pay %(amount)s").click()
    expect(browsing.page.get_by_role("alert")).to_be_visible()


def _ended(action: str, heading: str) -> Callable[[Browsing, LiveShop], object]:
    def show(browsing: Browsing, _shop: LiveShop) -> None:
        browsing.hurry_to_bank()
        browsing.at_bank(action)
        browsing.expect_heading(heading)

    return show


def _waiting(browsing: Browsing, _shop: LiveShop) -> None:
    browsing.hurry_to_bank()
    browsing.open_waiting_order()
    browsing.expect_heading("Waiting for your payment")


def _in_doubt(browsing: Browsing, shop: LiveShop) -> None:
    browsing.hurry_to_bank()
    shop.sandbox.behave("verify_unknown", operation="verify")
    browsing.at_bank("pay")
    browsing.expect_heading("We are confirming your payment")


def _asked_to_cancel(browsing: Browsing, shop: LiveShop) -> None:
    _waiting(browsing, shop)
    browsing.button("Cancel the order").click()
    browsing.expect_heading("Cancel order %(number)s?")


def _cancelled(browsing: Browsing, shop: LiveShop) -> None:
    _asked_to_cancel(browsing, shop)
    browsing.button("Cancel the order").click()
    browsing.expect_heading("This order was cancelled")


def _expired(browsing: Browsing, shop: LiveShop) -> None:
    _waiting(browsing, shop)
    shop.let_expire(_token(browsing))
    browsing.page.reload()
    browsing.expect_heading("This order has expired")


def _token(browsing: Browsing) -> str:
    """The order's own; after a change of language its address has a query."""
    return urlsplit(browsing.page.url).path.rpartition("/")[2]


def _erased(browsing: Browsing, shop: LiveShop) -> None:
    PAID(browsing, shop)
    shop.erase(_token(browsing))
    browsing.page.reload()
    expect(browsing.page.get_by_text(browsing.word(ERASED))).to_be_visible()


def _forgotten(browsing: Browsing, shop: LiveShop) -> None:
    _own_orders(browsing, shop)
    browsing.button("Forget my orders in this browser").click()
    browsing.expect_heading("Forget the orders of this browser?")
    browsing.button("Forget my orders in this browser").click()
    expect(browsing.page.locator(".notice.success")).to_be_visible()


def _history(browsing: Browsing, shop: LiveShop) -> None:
    PAID(browsing, shop)
    browsing.link("Order history").click()
    browsing.expect_heading("History of order %(number)s")


def _own_orders(browsing: Browsing, shop: LiveShop) -> None:
    PAID(browsing, shop)
    browsing.page.goto("/orders")
    browsing.expect_heading("My orders")


def _invoice(browsing: Browsing, shop: LiveShop) -> None:
    PAID(browsing, shop)
    browsing.link("Invoice").click()
    browsing.expect_heading("Invoice")


def _details_offered(browsing: Browsing, shop: LiveShop) -> None:
    _waiting(browsing, shop)
    _details(browsing, shop)


def _not_tracked(browsing: Browsing, _shop: LiveShop) -> None:
    browsing.page.goto("/orders")
    browsing.button("Find the order").click()
    expect(browsing.page.get_by_role("alert")).to_be_visible()


def _expired_form(browsing: Browsing, _shop: LiveShop) -> None:
    browsing.put_in_cart()
    browsing.go_to_details()
    browsing.page.locator("#details [name=csrf_token]").evaluate("field => field.value = 'old'")
    browsing.button("Pay %(amount)s").click()
    browsing.expect_heading("This page expired")


PAID = _ended("pay", "Paid. Thank you!")


def _seen_by_another(browsing: Browsing, shop: LiveShop) -> None:
    PAID(browsing, shop)
    browsing.context.clear_cookies(name="storefront_session")
    browsing.page.reload()
    browsing.expect_heading("Paid. Thank you!")


STATES: dict[str, Callable[[Browsing, LiveShop], object]] = {
    "front": _at("/"),
    "everything": _at("/products"),
    "shelf": _at("/categories/ceramics?sort=cheapest"),
    "search": _at("/search"),
    "search-found": _at("/search?q=%D9%83%D8%A7%D8%B3%D9%87"),
    "search-nothing": _at("/search?q=bicycle"),
    "product": _at("/products/sun-lady-plate"),
    "product-added": _added,
    "product-refused": _added_not,
    "product-last": _at(f"/products/{LAST_ONE}"),
    "product-sold-out": _at(f"/products/{SOLD_OUT}"),
    "cart-empty": _at("/cart"),
    "cart": _cart,
    "cart-refused": _cart_refused,
    "cart-taken-out": _taken_out,
    "checkout": _details,
    "checkout-offered": _details_offered,
    "checkout-wrong": _details_wrong,
    "checkout-gateway-down": _gateway_down,
    "order-waiting": _waiting,
    "order-in-doubt": _in_doubt,
    "order-paid": PAID,
    "order-declined": _ended("decline", "The payment did not go through"),
    "order-seen-by-another": _seen_by_another,
    "order-asked-to-cancel": _asked_to_cancel,
    "order-cancelled": _cancelled,
    "order-expired": _expired,
    "order-erased": _erased,
    "order-history": _history,
    "order-invoice": _invoice,
    "orders-own": _own_orders,
    "orders-none": _at("/orders"),
    "orders-not-tracked": _not_tracked,
    "orders-forgotten": _forgotten,
    "contact": _at("/contact"),
    "terms": _at("/terms"),
    "privacy": _at("/privacy"),
    "expired-form": _expired_form,
    "not-found": _at("/no-such-page"),
}
