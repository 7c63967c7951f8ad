"""Put an order's goods into the cart once more, and name what cannot be had."""

from __future__ import annotations

from flask import flash
from flask_babel import gettext as _

from storefront.catalogue.models import Product, products_by_id
from storefront.core.formats import digits, grouped
from storefront.orders.holds import MOST_PIECES
from storefront.orders.models import LineKind, Order
from storefront.web import session_cart
from storefront.web.filters import in_language
from storefront.web.language import current_language
from storefront.web.quantities import too_many_pieces


def put_in_cart_again(order: Order) -> None:
    """Let the cart hold at least what was ordered, and say on the next page what it cannot hold.

    Pressed twice it is put in once, and the second time says that it was there already.
    """
    lines = [line for line in order.lines if line.kind is LineKind.PRODUCT]
    products = products_by_id(line.product_id for line in lines if line.product_id)
    wanted = {
        products[id_]: line.quantity for line in lines if (id_ := line.product_id) in products
    }
    before = session_cart.contents()
    held = session_cart.put_at_least(wanted) if wanted else {}
    if any(held.get(product.id) for product in wanted):
        flash(_what_is_there(order, changed=held != before), "success")
    for line in lines:
        if line.product_id not in products:
            flash(_("%(name)s is no longer sold.", name=in_language(line, "name")), "error")
    for message in dict.fromkeys(_short(wanted, held)):
        flash(message, "error")


def _what_is_there(order: Order, *, changed: bool) -> str:
    number = digits(order.number, current_language())
    if changed:
        return str(_("What you chose in order %(number)s is in your cart again.", number=number))
    return str(_("What you chose in order %(number)s was in your cart already.", number=number))


def _short(wanted: dict[Product, int], held: dict[int, int]) -> list[str]:
    return [
        _why(product, pieces)
        for product, pieces in wanted.items()
        if held.get(product.id, 0) < pieces
    ]


def _why(product: Product, wanted: int) -> str:
    name = in_language(product, "name")
    if not product.stock_free:
        return str(_("%(name)s is sold out.", name=name))
    if product.stock_free < wanted:
        left = grouped(product.stock_free, current_language())
        return str(_("Only %(left)s of %(name)s left.", name=name, left=left))
    return (
        str(_("Not all of %(name)s is in your cart.", name=name))
        + " "
        + too_many_pieces(MOST_PIECES)
    )
